"""Makes basicsr and torchvision importable beside today's torch.

Two known breaks, each mended only where it is there: basicsr 1.4.2 imports a torchvision module
that is gone, and a torchvision whose compiled operators do not load (an index build beside a
CPU-only torch) dies at import because ``torchvision::nms`` is not defined. Importing this module
imports and changes nothing; :func:`prepare` does.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import torch

__all__ = ["prepare", "suppress_overlaps"]

_GONE_MODULE: Final = "torchvision.transforms.functional_tensor"
_NMS: Final = "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_QNMS: Final = "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

_fragments: list[Any] = []
"""Keeps the operator definitions alive: torch withdraws them with the object."""


def prepare() -> None:
    """Mend what is broken here, so that basicsr, gfpgan and facexlib import. Idempotent.

    Raises:
        ImportError: If torch or torchvision is not installed.
    """
    _define_operators()
    _restore_gone_module()


def suppress_overlaps(
    boxes: torch.Tensor, scores: torch.Tensor, iou_threshold: float
) -> torch.Tensor:
    """Greedy non-maximum suppression, as torchvision's compiled operator does it.

    Args:
        boxes: (N, 4) float, x0, y0, x1, y1.
        scores: (N,) float.
        iou_threshold: A box that overlaps a better one by more than this is dropped.

    Returns:
        (K,) int64 indices of the kept boxes, best first.
    """
    import torch

    order = scores.argsort(descending=True, stable=True)
    corners = boxes[order].to(torch.float64)
    areas = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    alive = torch.ones(len(order), dtype=torch.bool)
    kept: list[int] = []
    for index in range(len(order)):
        if not alive[index]:
            continue
        kept.append(index)
        low = torch.maximum(corners[index, :2], corners[:, :2])
        high = torch.minimum(corners[index, 2:], corners[:, 2:])
        overlap = (high - low).clamp(min=0).prod(dim=1)
        alive &= overlap <= iou_threshold * (areas + areas[index] - overlap)
    return order[torch.tensor(kept, dtype=torch.int64)]


def _define_operators() -> None:
    import torch

    if "torchvision" in sys.modules or _fragments or _compiled_operators_load():
        return
    untyped: Any = torch.library
    library = untyped.Library("torchvision", "FRAGMENT")
    library.define(_NMS)
    library.define(_QNMS)
    library.impl("nms", suppress_overlaps, "CPU")
    _fragments.append(library)


def _compiled_operators_load() -> bool:
    """Try what torchvision itself will try at import: load its compiled library."""
    import torch

    operators: Any = torch.ops
    spec = find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("torchvision is not installed", name="torchvision")
    for folder in spec.submodule_search_locations:
        for library in sorted((*Path(folder).glob("_C*.so"), *Path(folder).glob("_C*.pyd"))):
            try:
                operators.load_library(str(library))
            except OSError:
                continue
            return True
    return False


def _restore_gone_module() -> None:
    if _GONE_MODULE in sys.modules or find_spec(_GONE_MODULE) is not None:
        return
    from torchvision.transforms.functional import rgb_to_grayscale

    module = ModuleType(_GONE_MODULE, "Stands in for a module that torchvision dropped in 0.17.")
    vars(module)["rgb_to_grayscale"] = rgb_to_grayscale
    sys.modules[_GONE_MODULE] = module
