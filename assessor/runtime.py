"""Runs the shipped SFIQA-Assessor with onnxruntime; no torch.

Scores are predictions of a model trained on pseudo-MOS, not human ratings: MODEL_CARD.md beside
the weights says on what, how well, and where it fails.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as reasons

from ..core.errors import UnsupportedWeights, WeightsMissing
from ..core.protocols import RGBImage
from ..core.scores import HEADS, QualityScores
from .views import FRAME_PX, prepare_face

__all__ = ["SHIPPED_WEIGHTS", "Assessor"]

SHIPPED_WEIGHTS: Final = Path(__file__).parent / "weights" / "sfiqa_assessor.onnx"
_BATCH: Final = 16
_INPUT: Final = "face"
_UNREADABLE: Final = (
    reasons.Fail,
    reasons.InvalidArgument,
    reasons.InvalidGraph,
    reasons.InvalidProtobuf,
    reasons.NotImplemented,
    reasons.RuntimeException,
)


class Assessor:
    """Predicts noise, sharpness, colorfulness, contrast, fidelity and overall of aligned faces.

    Args:
        weights: ONNX file, the shipped one by default.
        threads: onnxruntime's intra-op threads; 0 lets it choose.
        providers: onnxruntime execution providers, best first.

    Raises:
        WeightsMissing: If there is no such file.
        UnsupportedWeights: If the file is not an assessor.
    """

    def __init__(
        self,
        weights: Path = SHIPPED_WEIGHTS,
        *,
        threads: int = 0,
        providers: Sequence[str] = ("CPUExecutionProvider",),
    ) -> None:
        if not weights.is_file():
            raise WeightsMissing(
                f"expected the assessor's weights at {weights}, found none; reinstall facefidelity"
            )
        content = weights.read_bytes()
        self.sha256 = hashlib.sha256(content).hexdigest()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Spinning threads would starve the restorer that runs between two scores.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Not "session.set_denormal_as_zero": the first session of a process that sets it changes
        # the arithmetic of its caller's thread for good.
        try:
            self._session = onnxruntime.InferenceSession(
                content, options, providers=list(providers)
            )
        except _UNREADABLE as error:
            raise UnsupportedWeights(
                f"expected an ONNX assessor in {weights}, got: {error}"
            ) from error
        self._lock = Lock()
        self._check(weights)

    @property
    def name(self) -> str:
        """Name and the first digits of the weights' SHA-256."""
        return f"sfiqa-assessor-{self.sha256[:8]}"

    def _check(self, weights: Path) -> None:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        takes = [(value.name, value.type, value.shape[1:]) for value in inputs]
        gives = [(value.type, value.shape[1:]) for value in outputs]
        wanted = [(_INPUT, "tensor(float)", [3, FRAME_PX, FRAME_PX])]
        if takes != wanted or gives[:1] != [("tensor(float)", [len(HEADS)])]:
            raise UnsupportedWeights(
                f"expected {_INPUT} (N, 3, 256, 256) float -> (N, 6) float in {weights}, "
                f"got {takes} -> {gives}"
            )

    def score(self, face: RGBImage) -> QualityScores:
        """Score one aligned face.

        Args:
            face: (S, S, 3) uint8 RGB in the FFHQ frame, S at least 32.

        Returns:
            Six predicted scores, 0..100, higher is better.

        Raises:
            InvalidInput: If it is not a square RGB uint8 picture.
        """
        return self.score_batch([face])[0]

    def score_batch(self, faces: Sequence[RGBImage]) -> list[QualityScores]:
        """Score several aligned faces, in order; the batch size changes no score.

        Args:
            faces: Each as for `score`; sizes may differ.

        Raises:
            InvalidInput: If one is not a square RGB uint8 picture.
        """
        prepared = [prepare_face(face) for face in faces]
        scores: list[QualityScores] = []
        for start in range(0, len(prepared), _BATCH):
            pixels = np.stack(prepared[start : start + _BATCH]).transpose(0, 3, 1, 2)
            with self._lock:
                raw = self._session.run(None, {_INPUT: pixels.astype(np.float32)})[0]
            # Rounded so that the batch's shape and the thread count cannot show in a verdict.
            scores.extend(
                QualityScores.from_sequence([round(float(v), 2) for v in row]) for row in raw
            )
        return scores
