"""Random virtual cameras: one plausible chain of degradations from a pristine face.

Training never sees a fixed camera: every picture gets its own chain, which is what made the
assessor carry over to cameras that it never met. Parameters are drawn first (`draw_camera`),
then applied (`VirtualCamera.capture`), so that a row of provenance can say what was done.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

import cv2
import numpy as np

from ...core.protocols import RGBImage
from . import optics, sensor

__all__ = ["FACE_SHARE", "VirtualCamera", "draw_camera"]

FACE_SHARE: Final = 0.53
"""Width of a face's box as a share of the FFHQ frame's side."""


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
        motion_px: Length of the motion blur on the sensor, px.
        motion_degrees: Its direction.
        defocus_px: Sigma of the defocus on the sensor, px.
        noise_kind: One of `sensor.NOISE_KINDS`.
        noise_sigma: Its deviation in grey levels.
        processing: In-camera steps, names from `sensor.PROCESSING`.
        overlay: Draw a time stamp.
        codec: "jpeg" or "webp".
        quality: Codec qualities, one a pass.
        upsampler: OpenCV interpolation flag back to the frame.
    """

    face_px: float
    resampler: int
    grey: bool
    saturation: float
    white_balance: tuple[float, float]
    falloff: float
    contrast: float
    exposure: float
    motion_px: float
    motion_degrees: float
    defocus_px: float
    noise_kind: str
    noise_sigma: float
    processing: tuple[str, ...]
    overlay: bool
    codec: str
    quality: tuple[int, ...]
    upsampler: int

    def capture(self, pristine: RGBImage, rng: np.random.Generator) -> RGBImage:
        """Photograph a pristine face with this camera.

        Args:
            pristine: (S, S, 3) uint8 RGB face in the FFHQ frame.
            rng: Source of the noise.

        Returns:
            (S, S, 3) uint8 RGB, the capture brought back to the same frame.
        """
        size = pristine.shape[0]
        side = int(np.clip(round(self.face_px / FACE_SHARE), 16, size))
        image = cv2.resize(pristine, (side, side), interpolation=self.resampler).astype(np.float32)
        image = optics.tint(image, self.grey, self.saturation, self.white_balance)
        image = optics.light(image, self.falloff, self.contrast, self.exposure, rng)
        image = optics.blur(image, self.motion_px, self.motion_degrees, self.defocus_px)
        image = sensor.add_noise(image, self.noise_kind, self.noise_sigma, self.grey, rng)
        frame = np.clip(np.rint(image), 0, 255).astype(np.uint8)
        for step in self.processing:
            frame = sensor.PROCESSING[step](frame)
        if self.overlay:
            frame = sensor.draw_timestamp(frame, rng)
        for quality in self.quality:
            frame = sensor.compress(frame, self.codec, quality)
        return np.asarray(cv2.resize(frame, (size, size), interpolation=self.upsampler), np.uint8)

    def provenance(self) -> dict[str, object]:
        """The parameters as plain data for a CSV row."""
        return asdict(self)


def draw_camera(rng: np.random.Generator) -> VirtualCamera:
    """Draw one random camera; mild and severe faults are both common."""
    face_px = float(np.exp(rng.uniform(np.log(18), np.log(110 if rng.random() < 0.7 else 270))))
    grey = bool(rng.random() < 0.2)
    steps = tuple(sensor.PROCESSING)
    chosen = rng.choice(len(steps), size=int(rng.integers(0, 4)), replace=False)
    passes = int(rng.integers(1, 3))
    lens_px = max(face_px / 50.0, 0.35)
    return VirtualCamera(
        face_px=face_px,
        resampler=int(rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC])),
        grey=grey,
        saturation=float(rng.uniform(0.3, 1.35)) if rng.random() < 0.6 else 1.0,
        white_balance=_draw_white_balance(rng),
        falloff=float(rng.uniform(0.2, 0.8)) if rng.random() < (0.6 if grey else 0.1) else 0.0,
        contrast=float(rng.uniform(0.35, 1.35)) if rng.random() < 0.6 else 1.0,
        exposure=float(rng.normal(0, 28)) if rng.random() < 0.5 else 0.0,
        motion_px=float(rng.uniform(1, 6)) * lens_px if rng.random() < 0.25 else 0.0,
        motion_degrees=float(rng.uniform(0, 180)),
        defocus_px=float(rng.gamma(1.3, 0.6)) * lens_px if rng.random() < 0.6 else 0.0,
        noise_kind=str(rng.choice(sensor.NOISE_KINDS)),
        noise_sigma=float(rng.gamma(1.2, 7.0)) if rng.random() < 0.75 else 0.0,
        processing=tuple(steps[i] for i in chosen),
        overlay=bool(rng.random() < 0.06),
        codec="jpeg" if rng.random() < 0.7 else "webp",
        quality=tuple(int(q) for q in rng.integers(22, 97, size=passes)),
        upsampler=int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC], p=[0.7, 0.3])),
    )


def _draw_white_balance(rng: np.random.Generator) -> tuple[float, float]:
    if rng.random() < 0.5:
        return (1.0, 1.0)
    red, blue = np.exp(rng.normal(0, 0.1, 2))
    return (float(red), float(blue))
