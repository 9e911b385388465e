"""The independent judge: a recogniser that the guard never uses.

`fr_feature.onnx` of the npm package faceplugin-face-recognition-js 0.0.1 (`npm pack` brings it):
112 x 112 RGB, (x - 127) / 128, ArcFace's five-point template, 512-d. The package says MIT; what
the network was trained on is unknown, so it is never shipped and never part of the guard.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from facefidelity.core.embedding import Embedding, SimilarityCalibration
from facefidelity.core.errors import InvalidInput

ARCFACE_112 = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)
FFHQ_512 = np.array(
    [
        [192.98138, 239.94708],
        [318.90277, 240.1936],
        [256.63416, 314.01935],
        [201.26117, 371.41043],
        [313.08905, 371.15118],
    ]
)


class JudgeEmbedder:
    """Embeds faces of the FFHQ frame with the judge."""

    name = "judge-faceplugin"

    def __init__(self, path: Path, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        self._affine = cv2.estimateAffinePartial2D(FFHQ_512, ARCFACE_112, method=cv2.LMEDS)[0]

    @property
    def calibration(self) -> SimilarityCalibration:
        raise InvalidInput("the judge has no calibration: it ranks people, nothing else")

    def embed(self, face: np.ndarray) -> Embedding:
        shrink = 512 / face.shape[0]
        smooth = cv2.GaussianBlur(face, (0, 0), 1.0) if face.shape[0] == 512 else face
        affine = self._affine.copy()
        affine[:, :2] *= shrink
        chip = cv2.warpAffine(smooth, affine, (112, 112), flags=cv2.INTER_LINEAR)
        tensor = ((chip.astype(np.float32) - 127) / 128).transpose(2, 0, 1)[None]
        vector = self._session.run(None, {self._input: tensor})[0].reshape(-1).astype(np.float32)
        return Embedding(vector / np.linalg.norm(vector), self.name)

    def embed_batch(self, faces: list[np.ndarray]) -> list[Embedding]:
        return [self.embed(face) for face in faces]
