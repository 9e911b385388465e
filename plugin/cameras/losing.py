"""Decides whether a delivered face lost the person, by comparing with the truth of all pairs.

The rule is the one that the risk model was fitted to: a recogniser ranks the person first in LQ
and not in the delivered face, or the person stands out from the others by a standard deviation
less. With few other people the recogniser's calibrated probability has to fall clearly instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from ...assessor.benchmark.identity_labels import cohort_z, rank_of_own
from ...core.embedding import SimilarityCalibration
from ...core.errors import InvalidInput
from ...core.protocols import Embedder, RGBImage
from ...guards.findings import REFERENCE_DROP
from ..tuning.truth import LEAST_COHORT, LOST_Z

__all__ = ["LossJudge"]

_SAME: Final = 0.5
"""Probability above which two truths count as one person, so that neither outranks the other."""

Vectors = npt.NDArray[np.float32]


class LossJudge:
    """Knows the true face of every pair.

    Args:
        recogniser: Who recognises; best one that is not in the guard.
        truths: One face a person, (S, S, 3) uint8 RGB, read one by one; or its unit vector.

    Raises:
        InvalidInput: If there are fewer than nine people and the recogniser has no calibration.
    """

    def __init__(self, recogniser: Embedder, truths: Mapping[str, Vectors]) -> None:
        self.recogniser = recogniser
        self._place = {name: index for index, name in enumerate(truths)}
        self._own = np.stack(list(truths.values()))
        self._calibration = _calibration_of(recogniser)
        self._others = [self._cohort(index) for index in range(len(truths))]
        if self._calibration is None and self.people < LEAST_COHORT:
            raise InvalidInput(
                f"expected true faces of more than {LEAST_COHORT} people to rank among, got "
                f"{self.people + 1}; add people, name a recogniser with a calibration, or say "
                "what is lost in a column lost"
            )

    @property
    def people(self) -> int:
        """Least number of other people that a face is ranked among."""
        return min(len(others) for others in self._others)

    def lost_in(self, name: str, lq: RGBImage, faces: Mapping[str, RGBImage]) -> dict[str, bool]:
        """Whether each face lost the person whom LQ shows.

        Args:
            name: Whose truth counts.
            lq: (S, S, 3) uint8 RGB.
            faces: What could be delivered, by name.
        """
        place = self._place[name]
        vectors = self.recogniser.embed_batch([lq, *faces.values()])
        probes = np.stack([one.vector for one in vectors])
        genuine = probes @ self._own[place]
        others = self._others[place]
        if len(others) >= LEAST_COHORT:
            own = np.repeat(self._own[place][None], len(probes), axis=0)
            first = rank_of_own(probes, own, others) == 1
            z = cohort_z(probes, own, others)
            lost = (first[0] & ~first) | (z[0] - z > LOST_Z)
        else:
            same = np.array([self._probability(float(cosine)) for cosine in genuine])
            lost = same[0] - same > REFERENCE_DROP
        return dict(zip(faces, map(bool, lost[1:]), strict=True))

    def _cohort(self, index: int) -> Vectors:
        alike = self._own @ self._own[index]
        if self._calibration is None:
            apart = np.arange(len(alike)) != index
        else:
            apart = np.array([self._probability(float(cosine)) < _SAME for cosine in alike])
        apart[index] = False
        return np.asarray(self._own[apart], np.float32)

    def _probability(self, cosine: float) -> float:
        return 0.0 if self._calibration is None else self._calibration.probability_same(cosine)


def _calibration_of(recogniser: Embedder) -> SimilarityCalibration | None:
    """What its similarities mean, None where it was never measured."""
    try:
        return recogniser.calibration
    except InvalidInput:
        return None
