from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from types import ModuleType

import pytest

from facefidelity.core.errors import MissingExtra, WeightsMissing
from facefidelity.restorers import compat, create_restorer, gfpgan, restoreformer

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch (extra: gfpgan)")
needs_gfpgan = pytest.mark.skipif(
    find_spec("gfpgan") is None or find_spec("torchvision") is None,
    reason="needs the gfpgan packages (extra: gfpgan)",
)


@needs_gfpgan
def test_the_stack_imports_after_preparing_twice() -> None:
    script = """
import sys
from facefidelity.restorers import compat
compat.prepare(); before = sys.modules["torchvision.transforms.functional_tensor"]
compat.prepare()
assert sys.modules["torchvision.transforms.functional_tensor"] is before
assert len(compat._fragments) <= 1
import torch, torchvision
from basicsr.data.degradations import random_add_gaussian_noise
from gfpgan.archs.gfpganv1_clean_arch import GFPGANv1Clean
from facexlib.utils.face_restoration_helper import FaceRestoreHelper
boxes = torch.tensor([[0., 0, 10, 10], [1, 1, 10, 10], [20, 20, 30, 30]])
kept = torch.ops.torchvision.nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5)
assert kept.tolist() == [1, 2], kept
grey = before.rgb_to_grayscale(torch.ones(1, 3, 2, 2))
assert grey.shape == (1, 1, 2, 2)
print("whole")
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.stdout.strip() == "whole", done.stderr


@needs_torch
@pytest.mark.parametrize("seed", range(8))
def test_overlapping_boxes_are_dropped_as_the_definition_says(seed: int) -> None:
    import torch

    generator = torch.Generator().manual_seed(seed)
    low = torch.rand(60, 2, generator=generator) * 20
    boxes = torch.cat([low, low + 1 + torch.rand(60, 2, generator=generator) * 10], dim=1)
    scores = torch.rand(60, generator=generator)

    def overlap(a: list[float], b: list[float]) -> float:
        width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
        height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
        both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
        return width * height / (both - width * height)

    kept: list[int] = []
    for index in sorted(range(60), key=lambda index: -scores[index].item()):
        if all(overlap(boxes[index].tolist(), boxes[other].tolist()) <= 0.3 for other in kept):
            kept.append(index)
    assert compat.suppress_overlaps(boxes, scores, 0.3).tolist() == kept
    assert 0 < len(kept) < 60


@needs_torch
def test_no_boxes_and_boxes_without_area_are_no_trouble() -> None:
    import torch

    nothing = compat.suppress_overlaps(torch.zeros(0, 4), torch.zeros(0), 0.5)
    assert nothing.shape == (0,)
    assert nothing.dtype == torch.int64
    points = compat.suppress_overlaps(torch.ones(2, 4), torch.tensor([0.1, 0.2]), 0.5)
    assert points.tolist()[0] == 1


@needs_torch
def test_operators_are_left_alone_where_the_compiled_ones_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compat, "_compiled_operators_load", lambda: True)
    monkeypatch.setattr(compat, "_fragments", [])
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    compat._define_operators()
    assert compat._fragments == []


def test_a_module_that_is_there_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ModuleType("real")
    monkeypatch.setitem(sys.modules, compat._GONE_MODULE, real)
    compat._restore_gone_module()
    assert sys.modules[compat._GONE_MODULE] is real


@pytest.mark.parametrize(
    "build", [gfpgan.gfpgan_network, restoreformer.restoreformer_network], ids=lambda f: f.__name__
)
def test_missing_packages_name_the_extra(monkeypatch: pytest.MonkeyPatch, build: object) -> None:
    def absent() -> None:
        raise ImportError("No module named 'torch'", name="torch")

    monkeypatch.setattr(compat, "prepare", absent)
    with pytest.raises(MissingExtra, match=r"facefidelity\[gfpgan\]"):
        build()


def test_weights_are_asked_for_before_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path))
    with pytest.raises(WeightsMissing):
        create_restorer("gfpgan")
