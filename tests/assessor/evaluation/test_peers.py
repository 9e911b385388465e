"""Peers on the one real face that ships with a package: each moves the way it claims."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.assessor.benchmark.evaluation import learned_peers
from facefidelity.assessor.benchmark.evaluation.learned_peers import PEER_NAMES, open_peers
from facefidelity.assessor.benchmark.evaluation.peers import SIMPLE_PEERS, immerkaer_sigma
from facefidelity.core.scores import HEADS

BY_NAME = {peer.name: peer for peer in SIMPLE_PEERS}


def worse(face: np.ndarray, head: str) -> np.ndarray:
    """The face with one dimension damaged."""
    if head == "noise":
        grain = np.random.default_rng(0).normal(0, 12, face.shape)
        return np.clip(face + grain, 0, 255).astype(np.uint8)
    if head == "sharpness":
        return cv2.GaussianBlur(face, (0, 0), 3)
    if head == "colorfulness":
        grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)
        return cv2.addWeighted(face, 0.4, np.repeat(grey[..., None], 3, 2), 0.6, 0)
    return np.clip(0.5 * face + 60, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", BY_NAME)
def test_damage_lowers_the_score(astronaut_face, name):
    peer, face = BY_NAME[name], np.array(astronaut_face.pixels)
    assert peer.head in HEADS
    assert peer.score(worse(face, peer.head)) < peer.score(face)


def test_immerkaer_finds_the_deviation_that_was_added():
    grain = np.random.default_rng(1).normal(128, 10, (256, 256, 1))
    face = np.repeat(np.clip(grain, 0, 255), 3, axis=2).astype(np.uint8)
    assert immerkaer_sigma(face) == pytest.approx(10, rel=0.05)


def test_grey_has_no_colour_and_a_flat_face_no_contrast():
    flat = np.full((64, 64, 3), 90, np.uint8)
    assert {BY_NAME[n].measure(flat) for n in BY_NAME} == {0.0}


def test_a_peer_that_cannot_be_loaded_is_named(monkeypatch):
    def broken() -> None:
        raise ImportError("no such module")

    monkeypatch.setattr(learned_peers, "_open_brisque", broken)
    opened = open_peers(pyiqa=["no-such-metric"], prepare=broken)
    assert [peer.name for peer in opened.ready] == list(BY_NAME)
    assert list(opened.unavailable) == ["niqe", "brisque", "pyiqa:no-such-metric"]
    assert "no such module" in opened.unavailable["niqe"]


def test_learned_peers_rate_the_clean_picture_best(astronaut):
    from facefidelity.restorers.compat import prepare

    opened = open_peers(prepare=prepare)
    assert {p.name for p in opened.ready} | set(opened.unavailable) == set(PEER_NAMES)
    learned = [peer for peer in opened.ready if peer.name in {"niqe", "brisque"}]
    if not learned:
        pytest.skip(f"not installed: {opened.unavailable}")
    for peer in learned:
        for head in ("noise", "sharpness"):
            assert peer.score(worse(astronaut, head)) < peer.score(astronaut), (peer.name, head)
