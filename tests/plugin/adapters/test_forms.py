"""Pictures in other programs' forms; nothing is guessed."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.verdict import Decision, Reason
from facefidelity.plugin.adapters.forms import PictureForm
from facefidelity.plugin.guarded import guarded

NUMPY_FORMS = [
    PictureForm("numpy", *rest)
    for rest in product(("RGB", "BGR"), ("HWC", "CHW", "NHWC", "NCHW"), ("0..255", "0..1", "-1..1"))
]


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (40, 40, 3), dtype=np.uint8)


@pytest.mark.parametrize("form", NUMPY_FORMS, ids=str)
def test_there_and_back_is_the_same(form: PictureForm, picture: np.ndarray) -> None:
    held = form.from_rgb(picture)
    assert np.array_equal(form.to_rgb(held), picture)
    assert held.flags.c_contiguous
    assert not np.shares_memory(held, picture)
    red = picture[3, 5, 0]
    at = {"H": 3, "W": 5, "N": 0, "C": 0 if form.colours == "RGB" else 2}
    value = float(held[tuple(at[axis] for axis in form.layout)])
    low, high = (float(end) for end in form.value_range.split(".."))
    assert value == pytest.approx(low + red / 255 * (high - low), abs=1e-5)


def test_torch_keeps_type_and_device(picture: np.ndarray) -> None:
    torch = pytest.importorskip("torch", reason="needs torch (extra: gfpgan)")
    form = PictureForm("torch", "RGB", "NCHW", "0..1")
    for dtype in (torch.float32, torch.float64, torch.bfloat16):
        like = torch.zeros(1, 3, 8, 8, dtype=dtype)
        held = form.from_rgb(picture, like)
        assert (held.dtype, held.device, held.shape) == (dtype, like.device, (1, 3, 40, 40))
        assert np.abs(form.to_rgb(held).astype(int) - picture).max() <= 1
    assert PictureForm("torch").from_rgb(picture).dtype == torch.uint8


def test_a_tensor_that_learns_is_taken(picture: np.ndarray) -> None:
    torch = pytest.importorskip("torch", reason="needs torch (extra: gfpgan)")
    held = torch.rand(3, 40, 40, requires_grad=True)
    assert PictureForm("torch", layout="CHW", value_range="0..1").to_rgb(held).shape == (40, 40, 3)


def test_pil_gives_and_takes_images(picture: np.ndarray) -> None:
    from PIL import Image

    form = PictureForm("pil")
    held = form.from_rgb(picture)
    assert isinstance(held, Image.Image)
    assert np.array_equal(form.to_rgb(held), picture)
    assert form.to_rgb(held.convert("RGBA")).shape == picture.shape
    assert form.to_rgb(held.convert("L")).shape == picture.shape


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({}, np.zeros((4, 4, 3), np.float32)),
        ({"layout": "CHW"}, np.zeros((4, 4, 3), np.uint8)),
        ({"layout": "NCHW"}, np.zeros((2, 3, 4, 4), np.uint8)),
        ({"layout": "HWC", "colours": "BGR"}, np.zeros((4, 4), np.uint8)),
        ({"value_range": "0..1"}, np.zeros((4, 4, 3), np.uint8)),
        ({"value_range": "0..1"}, np.full((4, 4, 3), 200.0)),
        ({"value_range": "0..1"}, np.full((4, 4, 3), -1.2)),
        ({"value_range": "-1..1"}, np.full((4, 4, 3), np.nan)),
        ({"kind": "torch"}, np.zeros((4, 4, 3), np.uint8)),
        ({"kind": "pil"}, np.zeros((4, 4, 3), np.uint8)),
        ({"colours": "BGR"}, [[1, 2, 3]]),
    ],
)
def test_what_contradicts_the_form_is_refused(form: dict[str, Any], wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="expected a picture"):
        PictureForm(**form).to_rgb(wrong)


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "tensorflow"},
        {"colours": "rgb"},
        {"layout": "WHC"},
        {"value_range": "0..2"},
        {"kind": "pil", "colours": "BGR"},
    ],
)
def test_there_are_no_other_forms(form: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="expected"):
        PictureForm(**form)


def test_a_network_overshoots_a_little() -> None:
    form = PictureForm(value_range="-1..1")
    assert form.to_rgb(np.full((4, 4, 3), 1.3)).max() == 255


def test_a_result_of_another_form_is_a_failure(card: np.ndarray, guard_of: Any) -> None:
    safe = guarded(lambda face: face.transpose(2, 0, 1), colours="BGR", guard=guard_of())
    verdict = safe.inspect(card).verdict
    assert verdict.decision is Decision.FAILED
    assert verdict.reasons == (Reason.RESTORER_OUTPUT_INVALID,)
    assert "layout HWC" in verdict.detail
    assert safe(card) is card


def test_a_guard_and_a_policy_are_one_too_many(guard_of: Any) -> None:
    with pytest.raises(InvalidInput, match="guard and policy"):
        guarded(lambda face: face, guard=guard_of(), policy="strict")


def test_the_callable_sees_the_form_that_was_said(card: np.ndarray, guard_of: Any) -> None:
    seen = []

    def restore(face: np.ndarray) -> np.ndarray:
        seen.append((face.shape, face.dtype, float(face[0, 2, 100, 60])))
        return face * 0.9

    form = {"colours": "BGR", "layout": "NCHW", "value_range": "0..1"}
    held = PictureForm(**form).from_rgb(card)
    result = guarded(restore, guard=guard_of(), **form)(held)
    assert seen == [((1, 3, 512, 512), np.float32, pytest.approx(180 / 255))]
    assert result[0, 2, 100, 60] == pytest.approx(0.9 * 180 / 255, abs=0.003)
