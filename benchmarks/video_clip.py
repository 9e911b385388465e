"""A clip of two people who cross, seen by a simulated camera; what benchmarks/video.py runs on."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from facefidelity.assessor.benchmark.simulate.camera import FACE_SHARE, VirtualCamera
from facefidelity.core.faces import DlibDetector, align_face

Picture = NDArray[np.uint8]
FACE_PX = 76
SIZE = (640, 360)
RATE = 25


def people(folder: Path | None) -> list[Picture]:
    """Two pristine faces in the FFHQ frame: of a folder, or the astronaut and her mirror image."""
    if folder is not None:
        files = sorted(folder.glob("*.jpg"))[:2]
        return [cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB) for file in files]
    from skimage.data import astronaut

    picture = np.ascontiguousarray(astronaut())
    (found,) = DlibDetector().detect(picture)
    face = align_face(picture, found).pixels
    return [face, np.ascontiguousarray(face[:, ::-1])]


def write_clip(path: Path, faces: list[Picture], frames: int, *, still: bool = False) -> None:
    """Write a clip of any length; the people walk to and fro, cross, and the focus breathes.

    Args:
        path: The MP4, with a tone as its sound.
        faces: Two pristine faces.
        frames: How many.
        still: Nobody moves.
    """
    rng = np.random.default_rng(7)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "18"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        for number in range(frames):
            picture = frame(faces, 0 if still else number, number, rng)
            shot = av.VideoFrame.from_ndarray(picture, format="rgb24")
            shot.pts, shot.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(shot))
            container.mux(sound.encode(tone(number)))
        container.mux(stream.encode(None))
        container.mux(sound.encode(None))


def frame(faces: list[Picture], moved: int, number: int, rng: np.random.Generator) -> Picture:
    """One frame; the second face is nearer and passes before the first."""
    width, height = SIZE
    across = np.linspace(70, 150, width, dtype=np.float32)
    picture = np.repeat(np.repeat(across[None, :, None], height, 0), 3, 2)
    turn = 2 * np.pi * moved / 300
    side = round(FACE_PX / FACE_SHARE)
    mask = oval(side)
    for index, face in enumerate(faces):
        sign = 1 if index else -1
        x = width / 2 + sign * 190 * np.cos(turn) - side / 2
        y = height / 2 + sign * 18 * np.sin(3 * turn) + 20 * sign - side / 2
        seen = seen_by_camera(face, number + 40 * index, rng)
        small = cv2.resize(seen, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
        shift = np.array([[1, 0, x], [0, 1, y]])
        weight = cv2.warpAffine(mask, shift, SIZE)[..., None]
        layer = cv2.warpAffine(small, shift, SIZE, borderMode=cv2.BORDER_REPLICATE)
        picture = picture + weight * (layer - picture)
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def seen_by_camera(face: Picture, number: int, rng: np.random.Generator) -> Picture:
    """One capture: sensor noise anew in every frame, focus that breathes, a weak JPEG inside."""
    camera = VirtualCamera(
        face_px=FACE_PX,
        defocus_px=1.0 + 0.6 * float(np.sin(2 * np.pi * number / 90)),
        noise=(("sensor", 2.0),),
        codec="jpeg",
        quality=(90,),
    )
    return camera.capture(face, rng)


def oval(side: int) -> NDArray[np.float32]:
    """Weight of a head before its background."""
    grid = (np.arange(side) + 0.5) / side * 2 - 1
    radius = np.sqrt((grid[None, :] / 0.85) ** 2 + (grid[:, None] / 0.98) ** 2)
    return np.asarray(np.clip((1 - radius) / 0.12, 0, 1), np.float32)


def tone(number: int) -> av.AudioFrame:
    """One video frame's worth of 440 Hz."""
    count = 48_000 // RATE
    times = (np.arange(count) + number * count) / 48_000
    wave = 0.1 * np.sin(2 * np.pi * 440 * times).astype(np.float32)
    made = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
    made.sample_rate, made.pts, made.time_base = 48_000, number * count, Fraction(1, 48_000)
    return made
