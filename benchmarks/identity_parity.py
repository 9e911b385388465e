"""Our copy of dlib's face ResNet beside dlib itself: same numbers, same chips, how much faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import _dlib_pybind11 as dlib
import numpy as np
import numpy.typing as npt

from facefidelity.core.faces import AlignedFace
from facefidelity.core.faces.detection import face_recognition_data
from facefidelity.guards.identity import DlibEmbedder

Image = npt.NDArray[np.uint8]
Vectors = npt.NDArray[np.float64]


@dataclass
class Sample:
    """A picture and the face found in it."""

    image: Image
    face: AlignedFace


def open_dlib() -> Any:
    """Open dlib's own network."""
    return dlib.face_recognition_model_v1(
        str(face_recognition_data("dlib_face_recognition_resnet_model_v1.dat"))
    )


def dlib_chip(sample: Sample) -> Image:
    """Cut the chip with dlib, from the picture itself and the same landmarks."""
    points = [dlib.point(round(x), round(y)) for x, y in sample.face.landmarks[[3, 2, 0, 1, 4]]]
    box = dlib.rectangle(*(round(value) for value in sample.face.box))
    shape = dlib.full_object_detection(box, points)
    return np.asarray(dlib.get_face_chip(sample.image, shape, 150, 0.25))


def unit(vectors: npt.ArrayLike) -> Vectors:
    """Bring each row to norm 1."""
    rows = np.asarray(vectors, np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def compare(samples: Sequence[Sample]) -> dict[str, float]:
    """Compare descriptors of the same chips, and chips of the same faces."""
    network, embedder = open_dlib(), DlibEmbedder(threads=1)
    chips = np.stack([dlib_chip(sample) for sample in samples])
    theirs = np.array([network.compute_face_descriptor(chip) for chip in chips])
    ours = embedder.describe(chips)
    end_to_end = np.stack(
        [e.vector for e in embedder.embed_batch([sample.face.pixels for sample in samples])]
    )
    cosines = (unit(theirs) * end_to_end).sum(axis=1)
    return {
        "faces": len(samples),
        "descriptor_max_difference": float(np.abs(theirs - ours).max()),
        "unit_max_difference": float(np.abs(unit(theirs) - unit(ours)).max()),
        "chip_cosine_mean": float(cosines.mean()),
        "chip_cosine_p1": float(np.quantile(cosines, 0.01)),
        "chip_cosine_min": float(cosines.min()),
    }


def measure_speed(samples: Sequence[Sample], rounds: int = 15) -> dict[str, float]:
    """Time dlib and ours in turns on the same 16 chips; medians in milliseconds a face."""
    network = open_dlib()
    ours = {threads: DlibEmbedder(threads=threads) for threads in (1, 2)}
    faces = [sample.face.pixels for sample in samples[:16]]
    chips = np.stack([ours[1].chip(face) for face in faces])
    tasks: dict[str, tuple[Callable[[], object], int]] = {
        "dlib_batch1": (lambda: network.compute_face_descriptor(chips[0]), 1),
        "dlib_batch16": (lambda: network.compute_face_descriptor(list(chips)), 16),
        "chip": (lambda: ours[1].chip(faces[0]), 1),
    }
    for threads, embedder in ours.items():
        tasks[f"onnx_{threads}threads_batch1"] = (lambda e=embedder: e.describe(chips[:1]), 1)
        tasks[f"onnx_{threads}threads_batch16"] = (lambda e=embedder: e.describe(chips), 16)
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(rounds + 1):
        for name, (run, count) in tasks.items():
            started = time.perf_counter()
            run()
            if number:  # the first round warms up
                seconds[name].append((time.perf_counter() - started) / count)
    return {name: float(np.median(values)) * 1000 for name, values in seconds.items()}
