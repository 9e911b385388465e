"""The assessor after static int8 quantisation: the file, and what it costs in correlation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnxruntime import quantization

from facefidelity.assessor.benchmark.evaluation.correlation import srcc
from facefidelity.assessor.benchmark.evaluation.datasets import read_ratings
from facefidelity.assessor.benchmark.evaluation.tables import find_preset
from facefidelity.assessor.runtime import Assessor
from facefidelity.assessor.views import prepare_face
from facefidelity.core.images import find_pictures, read_picture
from facefidelity.core.scores import HEADS


def quantise(weights: Path, calibration: Path, path: Path) -> None:
    """Static int8 of the convolutions, calibrated on 128 pictures."""
    chosen = sorted(picture.path for picture in find_pictures([calibration]))
    faces = [
        prepare_face(read_picture(p).pixels) for p in chosen[:: max(1, len(chosen) // 128)][:128]
    ]

    class Reader(quantization.CalibrationDataReader):
        def __init__(self) -> None:
            planes = (face.transpose(2, 0, 1)[None].astype(np.float32) for face in faces)
            self._feeds = iter([{"face": plane, "source": plane} for plane in planes])

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self._feeds, None)

    prepared = path.with_suffix(".prepared.onnx")
    quantization.quant_pre_process(str(weights), str(prepared), skip_symbolic_shape=True)
    quantization.quantize_static(
        str(prepared),
        str(path),
        Reader(),
        quant_format=quantization.QuantFormat.QDQ,
        per_channel=True,
        op_types_to_quantize=["Conv"],
    )


def srcc_lost(
    exact: Path, quantised: Path, folder: Path, threads: int
) -> dict[str, tuple[float, float]]:
    """SRCC of both files by head on a folder of bench build."""
    pictures = read_ratings(folder, find_preset("sfiqa-sim")).pictures
    pictures = pictures[:: max(1, len(pictures) // 600)]
    faces = [read_picture(one.path).pixels for one in pictures]
    found = {}
    both = [Assessor(path, threads=threads).score_batch(faces) for path in (exact, quantised)]
    for head in HEADS:
        rated = np.array([one.ratings[head] for one in pictures])
        values = [srcc(np.array([getattr(s, head) for s in each]), rated) for each in both]
        found[head] = (values[0], values[1])
    return found
