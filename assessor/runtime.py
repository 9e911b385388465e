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
import numpy.typing as npt
import onnxruntime

from ..core.errors import InvalidInput, UnsupportedWeights, WeightsMissing
from ..core.onnx_errors import onnx_errors
from ..core.protocols import RGBImage
from ..core.scores import HEADS, QualityScores
from .calibration import MonotoneMap, load_calibration
from .views import FRAME_PX, prepare_face

__all__ = ["SHIPPED_WEIGHTS", "Assessor"]

SHIPPED_WEIGHTS: Final = Path(__file__).parent / "weights" / "sfiqa_assessor.onnx"
_BATCH: Final = 16
_INPUTS: Final = ("face", "source")
_FLOAT: Final = "tensor(float)"


class Assessor:
    """Predicts noise, sharpness, colorfulness, contrast, fidelity and overall of aligned faces.

    Args:
        weights: ONNX file, the shipped one by default.
        threads: onnxruntime's intra-op threads; 0 lets it choose.
        providers: onnxruntime execution providers, best first.
        calibration: A map onto a scale of real ratings that was fitted on these weights, or the
            JSON file that holds it; None leaves the scores as the network predicts them.

    Raises:
        InvalidInput: If the calibration cannot be read or was fitted on other weights.
        WeightsMissing: If there is no such file.
        UnsupportedWeights: If the file is not an assessor.
    """

    def __init__(
        self,
        weights: Path = SHIPPED_WEIGHTS,
        *,
        threads: int = 0,
        providers: Sequence[str] = ("CPUExecutionProvider",),
        calibration: Path | MonotoneMap | None = None,
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
        except onnx_errors() as error:
            raise UnsupportedWeights(
                f"expected an ONNX assessor in {weights}, got: {error}"
            ) from error
        self._lock = Lock()
        self._check(weights)
        self._calibration = self._own(calibration)

    @property
    def name(self) -> str:
        """Name, the first digits of the weights' SHA-256, and those of the calibration's."""
        if self._calibration is None:
            return self._plain_name
        return f"{self._plain_name}+cal-{self._calibration.sha256[:8]}"

    @property
    def _plain_name(self) -> str:
        return f"sfiqa-assessor-{self.sha256[:8]}"

    def _own(self, calibration: Path | MonotoneMap | None) -> MonotoneMap | None:
        chosen = load_calibration(calibration) if isinstance(calibration, Path) else calibration
        if chosen is not None and chosen.assessor != self._plain_name:
            raise InvalidInput(
                f"expected a calibration of {self._plain_name}, got one of {chosen.assessor}; "
                "calibrate these weights again"
            )
        return chosen

    def _check(self, weights: Path) -> None:
        takes = [(v.name, v.type, v.shape[1:]) for v in self._session.get_inputs()]
        gives = [(v.type, v.shape[1:]) for v in self._session.get_outputs()]
        wanted = [(name, _FLOAT, [3, FRAME_PX, FRAME_PX]) for name in _INPUTS]
        if takes != wanted or gives != [(_FLOAT, [len(HEADS)]), (_FLOAT, [1])]:
            raise UnsupportedWeights(
                f"expected {' and '.join(_INPUTS)} (N, 3, 256, 256) float -> (N, 6) and (N, 1) "
                f"float in {weights}, got {takes} -> {gives}"
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
        return self.score_restored(faces, faces)[0]

    def score_restored(
        self, faces: Sequence[RGBImage], sources: Sequence[RGBImage]
    ) -> tuple[list[QualityScores], list[float]]:
        """Score faces, and say what of each face's identity its source supports.

        The six scores do not depend on the source.

        Args:
            faces: Each as for `score`.
            sources: For every face the one that it was restored from, in the same frame; a face
                that was not restored is its own source.

        Returns:
            Six scores a face; and the predicted fidelity given the source, 0..100.

        Raises:
            InvalidInput: If one is not a square RGB uint8 picture, or the two differ in number.
        """
        if len(faces) != len(sources):
            raise InvalidInput(
                f"expected one source for each face, got {len(faces)} and {len(sources)}"
            )
        prepared = [prepare_face(face) for face in faces]
        origins = [
            done if source is face else prepare_face(source)
            for face, source, done in zip(faces, sources, prepared, strict=True)
        ]
        scores: list[QualityScores] = []
        supported: list[float] = []
        for start in range(0, len(prepared), _BATCH):
            part = slice(start, start + _BATCH)
            raw, given = self._run(prepared[part], origins[part])
            # Rounded so that the batch's shape and the thread count cannot show in a verdict.
            scores.extend(
                QualityScores.from_sequence([round(float(v), 2) for v in row]) for row in raw
            )
            supported.extend(round(float(v), 2) for v in np.clip(given[:, 0], 0, 100))
        return scores, supported

    def _run(
        self, faces: Sequence[RGBImage], sources: Sequence[RGBImage]
    ) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
        feed = {
            name: np.stack(each).transpose(0, 3, 1, 2).astype(np.float32)
            for name, each in zip(_INPUTS, (faces, sources), strict=True)
        }
        with self._lock:
            raw, given = self._session.run(None, feed)
        return (raw if self._calibration is None else self._calibration.apply(raw)), given
