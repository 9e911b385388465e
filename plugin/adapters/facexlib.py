"""The guard inside facexlib's ``FaceRestoreHelper``: what is added to it is judged first.

Works on CodeFormer's copy of the helper too. facexlib itself is not imported: the helper is there
already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput, RestorerFailed
from ...core.faces import FACE_SIZE_PX, AlignedFace, LandmarkScheme, frame_as_aligned, keep_box
from ...core.faces.alignment import TEMPLATES
from ...core.protocols import Restoration, RGBImage
from ...guards.policy import Policy
from ...guards.verdict import Verdict
from ...restorers.output import check_restored
from ..attempts import failed_judgement
from ..pipeline import Guard
from ..results import GuardedFace
from .forms import bgr_to_rgb, rgb_to_bgr
from .surround import OnFailure, choose_guard, report_verdicts, require_on_failure

__all__ = [
    "GuardedHelper",
    "guard_restore_helper",
    "helper_faces",
    "paste_delivered",
    "refuse_guarded",
]

_WRAPPED: Final = ("add_restored_face", "paste_faces_to_input_image", "clean_all")


def guard_restore_helper(
    helper: Any,
    guard: Guard | None = None,
    *,
    policy: str | Policy | None = None,
    on_failure: OnFailure = "keep",
) -> GuardedHelper:
    """Put the guard into a FaceRestoreHelper, in place.

    From then on ``add_restored_face`` judges the face against its crop and adds what may be
    delivered: the restoration, a mixture, or the untouched crop. ``paste_faces_to_input_image``
    leaves out refused faces, so that their pixels keep the bytes of the (magnified) picture.

    Args:
        helper: A FaceRestoreHelper of facexlib or of CodeFormer's copy, for faces of 512 px.
        guard: Whose judge and policy apply; its restorer is not run.
        policy: Instead of a guard: name, path or `Policy` of a new one.
        on_failure: "keep" adds the untouched crop where there is no usable restoration and logs
            it; "raise" raises.

    Returns:
        Where the verdicts are read, and the guard is taken out again.

    Raises:
        InvalidInput: If it is no such helper, or is guarded already.
    """
    require_on_failure(on_failure)
    missing = [name for name in (*_WRAPPED, "cropped_faces") if not hasattr(helper, name)]
    if missing:
        raise InvalidInput(
            f"expected a FaceRestoreHelper, got {type(helper).__name__} without "
            f"{', '.join(missing)}"
        )
    refuse_guarded(helper)
    return GuardedHelper(helper, choose_guard(guard, policy), on_failure)


class GuardedHelper:
    """A helper with a guard inside.

    Attributes:
        helper: The FaceRestoreHelper.
        guard: Who judges.
        faces: Every restored face of the current picture with its verdict, in the helper's order.
    """

    def __init__(self, helper: Any, guard: Guard, on_failure: OnFailure) -> None:
        self.helper = helper
        self.guard = guard
        self.faces: tuple[GuardedFace, ...] = ()
        self._on_failure: OnFailure = on_failure
        self._originals: dict[str, Callable[..., Any]] = {
            name: getattr(helper, name) for name in _WRAPPED
        }
        for name in _WRAPPED:
            setattr(helper, name, getattr(self, name))

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One verdict per restored face of the current picture."""
        return tuple(one.verdict for one in self.faces)

    def release(self) -> None:
        """Take the guard out again."""
        for name in _WRAPPED:
            if name in vars(self.helper):
                delattr(self.helper, name)

    def clean_all(self) -> Any:
        """Forget the picture and its verdicts."""
        self.faces = ()
        return self._originals["clean_all"]()

    def add_restored_face(self, face: npt.NDArray[np.uint8], *others: Any, **named: Any) -> Any:
        """Judge a (S, S, 3) uint8 BGR face against its crop, and add what may be delivered.

        Raises:
            InvalidInput: If more faces are added than crops are there, or a crop is not square.
            RestorerFailed: If it is no restored face and `on_failure` is "raise".
        """
        index = len(self.helper.restored_faces)
        crops = self.helper.cropped_faces
        if index >= len(crops):
            raise InvalidInput(f"expected at most {len(crops)} restored faces, got one more")
        crop = crops[index]
        judged = self._judge(index, crop, face)
        report_verdicts("facexlib", [judged.verdict], self._on_failure)
        # A picture without clean_all starts again at its first face.
        self.faces = (*self.faces[:index], judged)
        delivered = rgb_to_bgr(judged.pixels) if judged.delivered else crop
        if judged.delivered and delivered.shape != crop.shape:
            size = crop.shape[1::-1]
            delivered = cv2.resize(delivered, size, interpolation=cv2.INTER_AREA)
        return self._originals["add_restored_face"](delivered, *others, **named)

    def paste_faces_to_input_image(
        self, save_path: str | None = None, upsample_img: Any = None, **named: Any
    ) -> Any:
        """Paste what is delivered; arguments and result are the helper's own."""
        paste = self._originals["paste_faces_to_input_image"]
        faces = [(one.face, one.delivered) for one in self.faces]
        named["upsample_img"] = upsample_img
        return paste_delivered(self.helper, faces, paste, save_path, **named)

    def _judge(self, index: int, crop: Any, face: Any) -> GuardedFace:
        aligned = _located(self.helper, index, bgr_to_rgb(np.asarray(crop, np.uint8)))
        hq = bgr_to_rgb(face) if isinstance(face, np.ndarray) and face.ndim == 3 else face
        try:
            check_restored(aligned.pixels, hq, "facexlib")
            judgement = self.guard.judge_pair(aligned.pixels, hq, "facexlib")
        except RestorerFailed as error:
            judgement = failed_judgement(aligned.pixels, error, self.guard.policy.name)
        restoration = None
        if judgement.verdict.evidence is not None:
            restoration = Restoration(aligned.pixels, frame_as_aligned(hq).pixels, "facexlib")
        return GuardedFace(
            aligned, restoration, judgement.verdict, judgement.pixels, "facexlib",
            maps=judgement.maps,
        )  # fmt: skip


def refuse_guarded(helper: Any) -> None:
    """Refuse a helper that has a guard inside already.

    Raises:
        InvalidInput: If it has.
    """
    adding = getattr(helper, "add_restored_face", None)
    if isinstance(getattr(adding, "__self__", None), GuardedHelper):
        raise InvalidInput("expected a plain helper, got one that is guarded; release it first")


def helper_faces(helper: Any) -> list[AlignedFace]:
    """The faces that a helper has cropped, as ours.

    Args:
        helper: After ``align_warp_face``.
    """
    return [
        _located(helper, index, bgr_to_rgb(np.asarray(crop, np.uint8)))
        for index, crop in enumerate(helper.cropped_faces)
    ]


def paste_delivered(
    helper: Any,
    faces: Sequence[tuple[AlignedFace, bool]],
    paste: Callable[..., Any],
    save_path: str | None = None,
    **named: Any,
) -> Any:
    """Let a helper paste only the delivered faces, and give refused neighbours their box back.

    Args:
        helper: After ``get_inverse_affine``.
        faces: Each face and whether it is delivered, in the helper's order.
        paste: The helper's own ``paste_faces_to_input_image``.
        save_path: As the helper's own.
        **named: Further arguments of it.

    Returns:
        (H * upscale, W * upscale, 3) uint8 BGR.
    """
    whole = helper.restored_faces, helper.inverse_affine_matrices
    kept = [index for index, (_, delivered) in enumerate(faces) if delivered]
    refused = [face for face, delivered in faces if not delivered]
    background = None
    try:
        if refused and kept:
            helper.restored_faces, helper.inverse_affine_matrices = [], []
            background = paste(**named)
        helper.restored_faces = [whole[0][index] for index in kept]
        helper.inverse_affine_matrices = [whole[1][index] for index in kept]
        result = paste(**named)
    finally:
        helper.restored_faces, helper.inverse_affine_matrices = whole
    if background is not None:
        for face in refused:
            result = keep_box(result, background, face, helper.upscale_factor)
    if save_path is not None:
        target = Path(save_path).with_suffix(f".{helper.save_ext}")
        target.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(target), result)
    return result


def _located(helper: Any, index: int, pixels: RGBImage) -> AlignedFace:
    """The crop with its place in the picture, where the helper knows one."""
    if index >= len(helper.affine_matrices) or pixels.shape[:2] != (FACE_SIZE_PX, FACE_SIZE_PX):
        return frame_as_aligned(pixels)
    affine = np.asarray(helper.affine_matrices[index], np.float64)
    landmarks = np.asarray(helper.all_landmarks_5[index], np.float64)
    if landmarks.shape != (5, 2):
        back = np.asarray(cv2.invertAffineTransform(affine), np.float64)
        landmarks = TEMPLATES[LandmarkScheme.FFHQ5] @ back[:, :2].T + back[:, 2]
    # With only_center_face and only_keep_largest facexlib leaves one row instead of a list.
    x0, y0, x1, y1, confidence = np.atleast_2d(np.asarray(helper.det_faces, np.float64))[index][:5]
    return AlignedFace(
        pixels=pixels,
        affine=affine,
        landmarks=landmarks,
        scheme=LandmarkScheme.FFHQ5,
        box=(float(x0), float(y0), float(x1), float(y1)),
        detector_confidence=float(confidence),
    )
