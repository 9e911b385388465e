"""Every adapter on one restorer that brightens, built alike for the contract suite.

To add an adapter, add one row to ``ROWS``. A row gets a `Kit` and gives a function that takes the
card as RGB uint8, runs a restorer that brightens through the adapter, and gives RGB uint8 and the
decisions back.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from facefidelity.plugin.adapters.facexlib import guard_restore_helper
from facefidelity.plugin.adapters.gfpgan import guard_gfpganer
from facefidelity.plugin.guarded import guarded
from facefidelity.plugin.pipeline import Guard

Run = Callable[[np.ndarray], tuple[np.ndarray, list[str]]]
BROKEN = RuntimeError("out of memory, say")


@dataclass
class Kit:
    """What a row builds its adapter from."""

    guard: Guard
    failing: bool
    request: pytest.FixtureRequest

    def fixture(self, name: str) -> Any:
        return self.request.getfixturevalue(name)

    def face(self, face: Any) -> Any:
        """The restorer as a callable on any form: 40 levels brighter, in whatever range."""
        if self.failing:
            raise BROKEN
        if hasattr(face, "clamp"):
            return (face + 80 / 255).clamp(-1, 1)
        if not isinstance(face, np.ndarray):
            return face.point(lambda level: min(255, level + 40))
        return np.clip(face.astype(int) + 40, 0, 255).astype(np.uint8)


def decisions_of(faces: Any) -> list[str]:
    return [one.verdict.decision.value for one in faces]


def gfpganer(kit: Kit, finder: str) -> Any:
    """A guarded GFPGANer without gfpgan's weights."""
    network = kit.fixture("make_network")(BROKEN if kit.failing else None)
    kit.fixture("face_helper")
    helper = kit.fixture("face_helper")() if finder == "retinaface" else None
    existing = SimpleNamespace(
        gfpgan=network, face_helper=helper, upscale=1, bg_upsampler=None, device="cpu"
    )
    return guard_gfpganer(existing, kit.guard)


def gfpgan_aligned(kit: Kit) -> Run:
    adapter = gfpganer(kit, "dlib")

    def run(picture: np.ndarray) -> tuple[np.ndarray, list[str]]:
        cropped, restored, whole = adapter.enhance(picture[..., ::-1], has_aligned=True)
        assert whole is None
        assert np.array_equal(cropped[0], picture[..., ::-1])
        return restored[0][..., ::-1], decisions_of(adapter.faces)

    return run


def gfpgan_whole(finder: str) -> Callable[[Kit], Run]:
    def build(kit: Kit) -> Run:
        adapter = gfpganer(kit, finder)

        def run(picture: np.ndarray) -> tuple[np.ndarray, list[str]]:
            cropped, restored, whole = adapter.enhance(picture[..., ::-1])
            assert [face.shape for face in (*cropped, *restored)] == [(512, 512, 3)] * 2
            return whole[..., ::-1], decisions_of(adapter.faces)

        return run

    return build


def facexlib(kit: Kit) -> Run:
    helper = kit.fixture("face_helper")()
    handle = guard_restore_helper(helper, kit.guard)

    def run(picture: np.ndarray) -> tuple[np.ndarray, list[str]]:
        helper.clean_all()
        helper.read_image(picture[..., ::-1])
        helper.get_face_landmarks_5()
        helper.align_warp_face()
        for face in helper.cropped_faces:
            # What upstream's callers do where their network fails: they hand the crop on.
            helper.add_restored_face(face if kit.failing else kit.face(face))
        helper.get_inverse_affine(None)
        whole = helper.paste_faces_to_input_image()
        return whole[..., ::-1], decisions_of(handle.faces)

    return run


def callable_of(**form: str) -> Callable[[Kit], Run]:
    def build(kit: Kit) -> Run:
        from facefidelity.plugin.adapters.forms import PictureForm

        if form.get("kind") == "torch":
            pytest.importorskip("torch", reason="needs torch (extra: gfpgan)")
        safe = guarded(kit.face, guard=kit.guard, **form)
        held = PictureForm(**form)

        def run(picture: np.ndarray) -> tuple[np.ndarray, list[str]]:
            face = held.from_rgb(picture)
            decision = safe.inspect(face).verdict.decision.value
            return held.to_rgb(safe(face)), [decision]

        return run

    return build


def with_restorer(kit: Kit) -> Guard:
    """The kit's guard around the kit's restorer, for hosts that name theirs."""
    from facefidelity.plugin.adapters.surround import guard_around

    return guard_around(kit.guard, kit.fixture("make_restorer")(kit.face))


def tensor_of(picture: np.ndarray) -> Any:
    torch = pytest.importorskip("torch", reason="needs torch (ComfyUI brings it)")
    return torch.from_numpy(picture.astype(np.float32) / 255)[None]


def comfyui_restore(kit: Kit) -> Run:
    from facefidelity.plugin.adapters.comfyui import nodes

    kit.fixture("monkeypatch").setattr(nodes, "_guard", lambda *_: with_restorer(kit))

    def run(picture: np.ndarray) -> tuple[np.ndarray, list[str]]:
        image, mask, report = nodes.restore_faces(
            tensor_of(picture),
            restorer="any",
            settings="",
            policy="balanced",
            upscale=1,
            min_face_px=0,
            only_center_face=False,
            aligned=False,
        )
        assert image.shape == (1, *picture.shape)
        assert mask.shape == image.shape[:3]
        pixels = (image[0].numpy() * 255).round().astype(np.uint8)
        changed = (pixels != picture).any(axis=2)
        assert not (changed & (mask[0].numpy() == 0)).any()
        return pixels, [json.loads(line)["decision"] for line in report.splitlines()]

    return run


def comfyui_guard(kit: Kit) -> Run:
    from facefidelity.plugin.adapters.comfyui import nodes

    kit.fixture("monkeypatch").setattr(nodes, "_guard", lambda *_: kit.guard)

    def run(picture: np.ndarray) -> tuple[np.ndarray, list[str]]:
        after = picture if kit.failing else kit.face(picture)
        image, mask, report = nodes.guard_restoration(
            tensor_of(picture), tensor_of(after), "balanced", aligned=True
        )
        pixels = (image[0].numpy() * 255).round().astype(np.uint8)
        assert bool((mask > 0).all()) == bool((pixels != picture).any())
        return pixels, [json.loads(line)["decision"] for line in report.splitlines()]

    return run


def webui_restorer(kit: Kit) -> Run:
    from facefidelity.plugin.adapters import webui

    kit.fixture("monkeypatch").setattr(webui, "_guard", lambda *_: with_restorer(kit))
    shared = SimpleNamespace(face_restorers=[], opts=SimpleNamespace())
    restorer = webui.register_restorer(object, shared)

    def run(picture: np.ndarray) -> tuple[np.ndarray, list[str]]:
        return restorer.restore(picture), decisions_of(restorer.last.faces)

    return run


def webui_postprocessing(kit: Kit) -> Run:
    from PIL import Image

    from facefidelity.plugin.adapters import webui

    kit.fixture("monkeypatch").setattr(webui, "_guard", lambda *_: with_restorer(kit))
    script = webui.postprocessing_script(object, None)()

    def run(picture: np.ndarray) -> tuple[np.ndarray, list[str]]:
        pp = SimpleNamespace(image=Image.fromarray(picture), info={})
        script.process(pp, facefidelity_enabled=True)
        told = json.loads(pp.info["Face Fidelity verdicts"])
        return np.asarray(pp.image), [one["decision"] for one in told]

    return run


ROWS: dict[str, tuple[bool, Callable[[Kit], Run]]] = {
    # name: (it takes an aligned face, how it is built)
    "gfpgan aligned": (True, gfpgan_aligned),
    "gfpgan whole, dlib": (False, gfpgan_whole("dlib")),
    "gfpgan whole, facexlib": (False, gfpgan_whole("retinaface")),
    "facexlib": (False, facexlib),
    "numpy": (True, callable_of()),
    "OpenCV": (True, callable_of(colours="BGR")),
    "PIL": (True, callable_of(kind="pil")),
    "torch": (True, callable_of(kind="torch", layout="NCHW", value_range="-1..1")),
    "torch BGR": (
        True,
        callable_of(kind="torch", layout="CHW", value_range="-1..1", colours="BGR"),
    ),
    "ComfyUI restore": (False, comfyui_restore),
    "ComfyUI guard": (True, comfyui_guard),
    "webui restorer": (False, webui_restorer),
    "webui postprocessing": (False, webui_postprocessing),
}
