"""What the nodes do, on ComfyUI's tensors: IMAGE (B, H, W, 3) RGB in 0..1, MASK (B, H, W) in 0..1.

Nothing of ComfyUI is imported here; an error is raised, so that the node turns red and says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ....core.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ....core.protocols import RGBImage
    from ...pipeline import Guard
    from ...results import GuardedImage

__all__ = ["assess_faces", "guard_restoration", "restore_faces"]


def restore_faces(
    image: Any,
    *,
    restorer: str,
    settings: str,
    policy: str,
    upscale: int,
    min_face_px: int,
    only_center_face: bool,
    aligned: bool,
) -> tuple[Any, Any, str]:
    """Restore and guard every face; IMAGE, MASK of blend, report.

    Raises:
        InvalidInput: If the picture or a setting is wrong.
        WeightsMissing: If the restorer's weights are not on this machine.
    """
    guard = _guard(restorer, settings.strip(), policy, min_face_px, only_center_face)
    factor = 1 if aligned else upscale
    return _judged(
        guard,
        _pictures(image, "image"),
        lambda _, pixels: guard.restore(pixels, aligned=aligned, upscale=factor),
        factor,
        aligned,
    )


def guard_restoration(before: Any, after: Any, policy: str, aligned: bool) -> tuple[Any, Any, str]:
    """Judge a restoration made elsewhere; IMAGE, MASK of blend, report.

    Raises:
        InvalidInput: If the two batches do not belong together.
    """
    from ...comparison import compare_pictures

    guard = _guard("classical", "", policy, 0, False)
    sources, results = _pictures(before, "before"), _pictures(after, "after")
    if len(sources) not in (1, len(results)):
        raise InvalidInput(
            f"expected as many pictures before as after, got {len(sources)} and {len(results)}"
        )
    sources = sources * len(results) if len(sources) == 1 else sources
    scale = results[0].shape[1] / sources[0].shape[1]
    return _judged(
        guard,
        sources,
        lambda index, pixels: compare_pictures(guard, pixels, results[index], aligned=aligned),
        scale,
        aligned,
    )


def assess_faces(image: Any, min_face_px: int, aligned: bool) -> tuple[str]:
    """Score every face; one JSON line each.

    Raises:
        InvalidInput: If it is no picture.
    """
    from ...assessment import FaceAssessment
    from ...decisions import absent_record, assessment_record

    assessment = FaceAssessment(min_face_px=min_face_px)
    lines: list[str] = []
    for number, pixels in enumerate(_pictures(image, "image")):
        faces = assessment.assess(pixels, aligned=aligned)
        records = [assessment_record(f"image {number}", i, face) for i, face in enumerate(faces)]
        lines += [json.dumps(record) for record in records or [absent_record(f"image {number}")]]
    return ("\n".join(lines),)


@lru_cache(maxsize=2)
def _guard(
    restorer: str, settings: str, policy: str, min_face_px: int, only_center_face: bool
) -> Guard:
    """Kept for the next run: its networks stay loaded."""
    from ...pipeline import Guard

    return Guard(
        restorer,
        settings=_settings(settings),
        policy=policy,
        min_face_px=min_face_px,
        only_center_face=only_center_face,
    )


def _settings(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for word in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
        key, sign, value = word.partition("=")
        if not (key.strip() and sign):
            raise InvalidInput(f"expected settings such as fidelity_weight=0.7, got {word!r}")
        pairs[key.strip()] = value.strip()
    return pairs


def _pictures(image: Any, name: str) -> list[RGBImage]:
    """The pictures of an IMAGE as (H, W, 3) uint8 RGB."""
    from ..forms import PictureForm

    if not hasattr(image, "ndim") or image.ndim != 4 or image.shape[-1] not in (3, 4):
        shape = tuple(getattr(image, "shape", ())) or type(image).__name__
        raise InvalidInput(f"expected {name} as an IMAGE (B, H, W, 3) in 0..1, got {shape}")
    form = PictureForm("torch", "RGB", "HWC", "0..1")
    return [form.to_rgb(one[..., :3], name) for one in image]


def _judged(
    guard: Guard,
    pictures: Sequence[RGBImage],
    judge: Callable[[int, RGBImage], GuardedImage],
    scale: float,
    aligned: bool,
) -> tuple[Any, Any, str]:
    from ...decisions import decision_record

    results = [judge(index, pixels) for index, pixels in enumerate(pictures)]
    provenance = guard.provenance()
    lines = []
    for number, result in enumerate(results):
        name = f"image {number}"
        if not result.faces:
            lines.append(json.dumps({"path": name, "face": None, "decision": None}))
        for index, one in enumerate(result.faces):
            lines.append(json.dumps(decision_record(name, index, one, provenance, guard.policy)))
    return (
        _stack((result.pixels for result in results), 255),
        _stack((_blend_mask(result, scale, aligned) for result in results), 255),
        "\n".join(lines),
    )


def _blend_mask(result: GuardedImage, scale: float, aligned: bool) -> npt.NDArray[np.uint8]:
    """(H, W) uint8: 255 times the share of the restoration."""
    import numpy as np

    from ....core.faces import paste_face

    mask = np.zeros(result.pixels.shape, np.uint8)
    for one in result.faces:
        share = round(255 * one.verdict.blend)
        if not one.delivered:
            continue
        if aligned:
            mask[:] = share
            continue
        white = np.full(one.pixels.shape, share, np.uint8)
        mask = paste_face(mask, one.face, white, scale, replaced=np.zeros_like(white))
    return mask[..., 0]


def _stack(arrays: Iterable[npt.NDArray[np.uint8]], white: int) -> Any:
    """Float tensors in 0..1 on the CPU, stacked."""
    import torch

    return torch.stack([torch.from_numpy(array.copy()).float() / white for array in arrays])
