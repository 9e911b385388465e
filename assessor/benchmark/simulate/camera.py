"""One virtual camera's capture: a plausible chain of degradations from a pristine face.

Parameters are drawn first (`random_camera` for training, `named` for benchmarks), then applied
here, so that a row of provenance can say what was done.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Final

import cv2
import numpy as np

from ....core.errors import InvalidInput
from ....core.protocols import RGBImage
from . import analogue, codecs, optics, sensor
from .analogue import AnalogueLine

__all__ = ["FACE_SHARE", "VirtualCamera", "require_known"]

FACE_SHARE: Final = 0.53
"""Width of a face's box as a share of the FFHQ frame's side."""
_SMALLEST_PX: Final = 16


def require_known(
    noise: Collection[str], processing: Collection[str], demosaic: str, codec: str
) -> None:
    """Refuse names that the simulator does not know.

    Raises:
        InvalidInput: If a kind of noise, step, demosaicing or codec is unknown.
    """
    asked: tuple[tuple[str, Collection[str], Collection[str]], ...] = (
        ("noise", noise, sensor.NOISE_KINDS),
        ("processing", processing, sensor.PROCESSING),
        ("demosaic", [demosaic] if demosaic else [], sensor.DEMOSAIC),
        ("codec", [codec], codecs.CODECS),
    )
    for what, kinds, known in asked:
        for kind in kinds:
            if kind not in known:
                raise InvalidInput(f"{what}: expected one of {', '.join(known)}, got {kind!r}")


@dataclass(frozen=True, slots=True)
class VirtualCamera:
    """Every parameter of one capture, in the order in which light and data pass.

    Attributes:
        face_px: Width of the face on the sensor, px.
        resampler: OpenCV interpolation flag of the optical down-scaling.
        grey: Infrared-night picture without colour.
        saturation: Factor on colour, 1 is neutral.
        white_balance: Gains on red and blue.
        falloff: Strength of the LED's fall-off towards the border, 0..1.
        contrast: Factor on luma around its mean.
        exposure: Shift of luma in grey levels.
        gamma: Exponent of the tone curve, 1 is neutral.
        motion_px: Length of the motion blur on the sensor, px.
        motion_degrees: Its direction.
        defocus_px: Sigma of the defocus on the sensor, px.
        noise: Noise models with their deviation in grey levels, from `sensor.NOISE_KINDS`.
        demosaic: "" or a method of `sensor.DEMOSAIC`: a Bayer sensor saw the picture.
        processing: In-camera steps with their strength 0..1, names from `sensor.PROCESSING`.
        analogue: A composite video line between camera and recorder.
        overlay: Draw a time stamp.
        codec: One of `codecs.CODECS`.
        quality: Codec qualities 1..100, one a pass.
        upsampler: OpenCV interpolation flag back to the frame.

    Raises:
        InvalidInput: If a kind of noise, step, demosaicing or codec is unknown.
    """

    face_px: float
    resampler: int = cv2.INTER_AREA
    grey: bool = False
    saturation: float = 1.0
    white_balance: tuple[float, float] = (1.0, 1.0)
    falloff: float = 0.0
    contrast: float = 1.0
    exposure: float = 0.0
    gamma: float = 1.0
    motion_px: float = 0.0
    motion_degrees: float = 0.0
    defocus_px: float = 0.0
    noise: tuple[tuple[str, float], ...] = ()
    demosaic: str = ""
    processing: tuple[tuple[str, float], ...] = ()
    analogue: AnalogueLine = field(default_factory=AnalogueLine)
    overlay: bool = False
    codec: str = "jpeg"
    quality: tuple[int, ...] = ()
    upsampler: int = cv2.INTER_LINEAR

    def __post_init__(self) -> None:
        require_known(
            [kind for kind, _ in self.noise],
            [step for step, _ in self.processing],
            self.demosaic,
            self.codec,
        )

    def capture(self, pristine: RGBImage, rng: np.random.Generator) -> RGBImage:
        """Photograph a pristine face with this camera.

        Args:
            pristine: (S, S, 3) uint8 RGB face in the FFHQ frame.
            rng: Source of the noise.

        Returns:
            (S, S, 3) uint8 RGB, the capture brought back to the same frame.

        Raises:
            MissingExtra: If the codec is a video codec and PyAV is absent.
        """
        size = pristine.shape[0]
        side = int(np.clip(round(self.face_px / FACE_SHARE), _SMALLEST_PX, size))
        image = cv2.resize(pristine, (side, side), interpolation=self.resampler).astype(np.float32)
        image = optics.tint(image, self.grey, self.saturation, self.white_balance)
        image = optics.light(image, self.falloff, self.contrast, self.exposure, rng)
        image = optics.blur(image, self.motion_px, self.motion_degrees, self.defocus_px)
        for kind, sigma in self.noise:
            image = sensor.add_noise(image, kind, sigma, self.grey, rng)
        frame = sensor.read_out(image, self.gamma)
        if self.demosaic:
            frame = sensor.demosaic(frame, self.demosaic)
        for step, strength in self.processing:
            frame = sensor.PROCESSING[step](frame, strength)
        frame = analogue.transmit(frame, self.analogue, rng)
        if self.overlay:
            frame = sensor.draw_timestamp(frame, rng)
        for quality in self.quality:
            frame = codecs.compress(frame, self.codec, quality)
        return np.asarray(cv2.resize(frame, (size, size), interpolation=self.upsampler), np.uint8)

    def provenance(self) -> dict[str, object]:
        """The parameters as plain data for a CSV row."""
        return asdict(self)
