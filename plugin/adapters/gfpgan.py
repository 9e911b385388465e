"""``GFPGANer`` with the guard inside: the same constructor, call, types and shapes as gfpgan 1.3.8.

``from facefidelity.plugin.adapters.gfpgan import GFPGANer`` in place of ``from gfpgan import
GFPGANer`` is the whole change. BGR, ``weight`` and ``has_aligned`` live here and nowhere else.
"""

from __future__ import annotations

from copy import copy
from typing import Any, Final, Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput, MissingExtra
from ...core.faces import AlignedFace, frame_as_aligned
from ...core.images import require_rgb
from ...guards.policy import Policy
from ...guards.verdict import Verdict
from ..composition import compose_picture
from ..pipeline import Guard
from ..results import GuardedFace
from .facexlib import helper_faces, paste_delivered, refuse_guarded
from .forms import bgr_to_rgb, rgb_to_bgr
from .gfpgan_network import NetworkRestorer, load_network, retinaface_helper
from .surround import (
    OnFailure,
    choose_guard,
    guard_around,
    report_verdicts,
    require_on_failure,
)

__all__ = ["GFPGANer", "guard_gfpganer"]

BGRImage: TypeAlias = npt.NDArray[np.uint8]
"""(H, W, 3) uint8 BGR."""

Finder: TypeAlias = Literal["auto", "retinaface", "dlib"]
_EYES_PX: Final = 5
"""GFPGANer leaves out faces whose eyes are closer."""


class GFPGANer:
    """Restores faces with GFPGAN, and delivers each only as far as the guard lets it.

    The first six arguments are gfpgan's; a checkpoint is read without being executed, and nothing
    is downloaded: an address is looked up among the files that `facefidelity models pull` brought.

    Args:
        model_path: Path of the checkpoint, or address of a registered one.
        upscale: Factor by which the whole picture grows.
        arch: "clean", "bilinear", "original" (needs CUDA) or "RestoreFormer".
        channel_multiplier: Of the StyleGAN2 decoder.
        bg_upsampler: Object with RealESRGANer's ``enhance(img, outscale=...)``, for the background.
        device: torch device; CUDA where it is there by default.
        guard: Whose judge, policy, detector and limits apply; a new one by default.
        policy: Instead of a guard: name, path or `Policy` of a new one.
        time_limit_seconds: Instead of a guard: wall time of the network for one face.
        on_failure: Where the network gives no usable face, "keep" returns the untouched crop, logs
            a warning and leaves the FAILED verdict in ``faces``; "raise" raises RestorerFailed.
        finder: "retinaface" is upstream's own detector, aligner and paste, with weights that
            `models pull` brought; "dlib" is the guard's; "auto" takes the first that is there.

    Attributes:
        gfpgan: The network.
        face_helper: facexlib's FaceRestoreHelper, None where dlib finds the faces.
        faces: Every face of the last call with its verdict, in the order of the returned lists.

    Raises:
        WeightsMissing: If a weights file is not here.
        UnsupportedWeights: If it is no checkpoint of that architecture.
        InvalidInput: If an argument is out of range.
        MissingExtra: If the gfpgan packages are not installed.
    """

    def __init__(
        self,
        model_path: str,
        upscale: float = 2,
        arch: str = "clean",
        channel_multiplier: int = 2,
        bg_upsampler: Any = None,
        device: Any = None,
        *,
        guard: Guard | None = None,
        policy: str | Policy | None = None,
        time_limit_seconds: float | None = None,
        on_failure: OnFailure = "keep",
        finder: Finder = "auto",
    ) -> None:
        if finder not in ("auto", "retinaface", "dlib"):
            raise InvalidInput(f"expected finder as auto, retinaface or dlib, got {finder!r}")
        guard = choose_guard(guard, policy, time_limit_seconds=time_limit_seconds)
        device = _device(device)
        network = load_network(model_path, arch, channel_multiplier, device)
        helper = None
        if finder != "dlib":
            helper = retinaface_helper(upscale, device, required=finder == "retinaface")
        self._assemble(network, helper, upscale, bg_upsampler, device)
        self._surround(guard, on_failure)

    def _assemble(
        self, network: Any, helper: Any, upscale: float, bg_upsampler: Any, device: Any
    ) -> None:
        self.upscale = upscale
        self.bg_upsampler = bg_upsampler
        self.device = device
        self.gfpgan = network
        self.face_helper = helper

    def _surround(self, guard: Guard, on_failure: OnFailure) -> None:
        require_on_failure(on_failure)
        self.guard = guard
        self.faces: tuple[GuardedFace, ...] = ()
        self._on_failure: OnFailure = on_failure

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One verdict per face of the last call."""
        return tuple(one.verdict for one in self.faces)

    def enhance(
        self,
        img: npt.NDArray[Any],
        has_aligned: bool = False,
        only_center_face: bool = False,
        paste_back: bool = True,
        weight: float = 0.5,
    ) -> tuple[list[BGRImage], list[BGRImage], BGRImage | None]:
        """Restore the faces of a picture, guarded.

        Args:
            img: (H, W, 3) uint8 BGR; grey, alpha and 16 bits are converted as upstream does.
            has_aligned: The picture already is one aligned face.
            only_center_face: Only the face nearest to the picture's centre.
            paste_back: Also give the whole picture.
            weight: Handed to the network; GFPGAN ignores it.

        Returns:
            Crops, (512, 512, 3) uint8 BGR each; for every crop the restoration, a mixture, or the
            very crop where nothing may be delivered; the whole picture (None when aligned or not
            pasted), in which refused faces keep their bytes.

        Raises:
            InvalidInput: If `img` is no picture.
            RestorerFailed: If a face could not be restored and `on_failure` is "raise".
        """
        self.faces = ()
        picture = _plain_bgr(img)
        if has_aligned:
            crops = [frame_as_aligned(bgr_to_rgb(cv2.resize(picture, (512, 512))))]
        elif self.face_helper is not None:
            crops = self._crops_of_helper(picture, only_center_face)
        else:
            finding = copy(self.guard.assessment)
            finding.only_center_face = finding.only_center_face or only_center_face
            crops = finding.find_faces(bgr_to_rgb(picture))
        around = guard_around(
            self.guard, NetworkRestorer(self.gfpgan, self.device), {"weight": weight}
        )
        whole = crops[0].pixels if has_aligned else bgr_to_rgb(picture)
        self.faces = tuple(around.guard_face(face, whole) for face in crops)
        report_verdicts("gfpgan", self.verdicts, self._on_failure)
        cropped = [rgb_to_bgr(face.pixels) for face in crops]
        restored = [rgb_to_bgr(one.pixels) for one in self.faces]
        if has_aligned or not paste_back:
            return cropped, restored, None
        return cropped, restored, self._pasted(picture, restored)

    def _crops_of_helper(self, picture: BGRImage, only_center_face: bool) -> list[AlignedFace]:
        helper = self.face_helper
        helper.clean_all()
        helper.inverse_affine_matrices = []
        helper.read_image(picture)
        helper.get_face_landmarks_5(only_center_face=only_center_face, eye_dist_threshold=_EYES_PX)
        helper.align_warp_face()
        return helper_faces(helper)

    def _pasted(self, picture: BGRImage, restored: list[BGRImage]) -> BGRImage:
        background = None
        if self.bg_upsampler is not None:
            background = self.bg_upsampler.enhance(picture, outscale=self.upscale)[0]
        if self.face_helper is not None:
            helper = self.face_helper
            helper.restored_faces = restored
            helper.get_inverse_affine(None)
            told = [(one.face, one.delivered) for one in self.faces]
            paste = helper.paste_faces_to_input_image
            return np.asarray(paste_delivered(helper, told, paste, upsample_img=background))
        size = (int(picture.shape[1] * self.upscale), int(picture.shape[0] * self.upscale))
        grown = picture if background is None else background
        if grown.shape[1::-1] != size:
            grown = cv2.resize(grown, size, interpolation=cv2.INTER_LANCZOS4)
        pixels = compose_picture(bgr_to_rgb(grown), self.faces, self.upscale, aligned=False)
        return rgb_to_bgr(pixels)


def guard_gfpganer(
    existing: Any,
    guard: Guard | None = None,
    *,
    policy: str | Policy | None = None,
    time_limit_seconds: float | None = None,
    on_failure: OnFailure = "keep",
) -> GFPGANer:
    """Put the guard around a GFPGANer that exists already.

    Args:
        existing: A ``gfpgan.GFPGANer``; its network and its face helper are used, its own
            ``enhance`` is not: it adds random noise and returns the input where it fails.
        guard: As in `GFPGANer`.
        policy: As in `GFPGANer`.
        time_limit_seconds: As in `GFPGANer`.
        on_failure: As in `GFPGANer`.

    Returns:
        A guarded one. The existing one can be used as before, but not at the same time.

    Raises:
        InvalidInput: If it is no GFPGANer, or its helper is guarded already.
    """
    parts = ("gfpgan", "face_helper", "upscale", "bg_upsampler", "device")
    missing = [name for name in parts if not hasattr(existing, name)]
    if missing:
        raise InvalidInput(
            f"expected a GFPGANer, got {type(existing).__name__} without {', '.join(missing)}"
        )
    refuse_guarded(existing.face_helper)
    made = GFPGANer.__new__(GFPGANer)
    made._assemble(
        existing.gfpgan,
        existing.face_helper,
        existing.upscale,
        existing.bg_upsampler,
        existing.device,
    )
    made._surround(choose_guard(guard, policy, time_limit_seconds=time_limit_seconds), on_failure)
    return made


def _device(device: Any) -> Any:
    try:
        import torch

        from ...restorers.torch_network import torch_device
    except ImportError as error:
        raise MissingExtra("the GFPGANer adapter", "gfpgan") from error
    if device is None:
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch_device(str(device))


def _plain_bgr(img: Any) -> BGRImage:
    """(H, W, 3) uint8 BGR of what upstream's ``read_image`` takes."""
    if not isinstance(img, np.ndarray) or img.ndim not in (2, 3):
        raise InvalidInput(
            f"expected a picture as an (H, W, 3) uint8 BGR array, got {type(img).__name__}; "
            "cv2.imread answers None where there is no picture"
        )
    if img.dtype == np.uint16:
        img = np.rint(img / 257.0).astype(np.uint8)
    if img.ndim == 2:
        img = np.repeat(img[..., None], 3, axis=2)
    return require_rgb(img[..., :3])
