"""A certificate authority of the tests' own, and pictures after a guard that never ran."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from facefidelity.core.faces import frame_as_aligned
from facefidelity.core.images import Picture, read_picture, write_picture
from facefidelity.guards.verdict import Decision, Reason, Verdict
from facefidelity.plugin.results import GuardedFace, GuardedImage


@dataclass(frozen=True)
class Signer:
    """Files of one signer, and the authority that vouches for him."""

    certificate: Path
    key: Path
    authority: Path


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """An end-entity certificate on P-256 under an authority of its own, made here and now."""
    pytest.importorskip("c2pa", reason="needs c2pa-python (the provenance extra)")
    place = Path(__file__).parents[3] / "benchmarks/certificates.py"
    spec = importlib.util.spec_from_file_location("certificates", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    chain, key = module.make_chain()
    folder = tmp_path_factory.mktemp("signer")
    files = Signer(folder / "chain.pem", folder / "key.pem", folder / "authority.pem")
    files.certificate.write_bytes(chain)
    files.authority.write_bytes(module.authority_of(chain))
    files.key.write_bytes(key)
    files.key.chmod(0o600)
    return files


@pytest.fixture
def source(tmp_path: Path) -> Picture:
    """A small picture that was read from a file."""
    path = tmp_path / "Erika Mustermann.png"
    write_picture(path, np.random.default_rng(0).integers(0, 256, (64, 48, 3)).astype(np.uint8))
    return read_picture(path)


GuardedMaker = Callable[..., GuardedImage]


@pytest.fixture
def guarded(source: Picture) -> GuardedMaker:
    """Make a guarded image from decisions: `guarded(("ACCEPT", 1.0, "realesrgan"))`."""
    face = frame_as_aligned(np.zeros((64, 64, 3), np.uint8))

    def make(*faces: tuple[str, float, str], grow: int = 1) -> GuardedImage:
        done = tuple(
            GuardedFace(
                face,
                None,
                Verdict(Decision(decision), blend, (Reason.IDENTITY_KEPT,), "balanced"),
                face.pixels,
                restorer,
            )
            for decision, blend, restorer in faces
        )
        return GuardedImage(np.repeat(np.repeat(source.pixels, grow, 0), grow, 1), done)

    return make
