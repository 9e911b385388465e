"""Error-versus-discard curves of the assessor's heads and of the peers, on one examined set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ....core.errors import InvalidInput
from ....core.scores import HEADS
from .comparisons import compare_faces
from .edc import PARTIAL_DISCARD, DiscardCurve, discard_curve, ideal_curve, threshold_at_fmr
from .examination import Examined

__all__ = ["FMR", "Discarding", "measure_discarding"]

FMR: Final = 0.01
_DRAWN_HEADS: Final = ("fidelity", "overall")


@dataclass(frozen=True, slots=True, eq=False)
class Discarding:
    """What discarding by score saves.

    Attributes:
        recogniser: The network whose errors are counted.
        enrolled: Whether pictures were compared with reference pictures.
        genuine: How many comparisons of one person.
        impostor: How many of different persons.
        threshold: Cosine similarity at which FMR holds.
        fnmr: FNMR before anything is discarded.
        curves: By score.
        ideal: The best that any score can do. Random discard keeps `fnmr` on average.
    """

    recogniser: str
    enrolled: bool
    genuine: int
    impostor: int
    threshold: float
    fnmr: float
    curves: dict[str, DiscardCurve]
    ideal: DiscardCurve

    def as_rows(self) -> list[dict[str, Any]]:
        """JSON-ready rows: partial and whole mean FNMR by score, with random and ideal."""
        areas = self.curves | {"ideal": self.ideal}
        rows: list[dict[str, Any]] = [
            {"score": name, "pauc_20": curve.area(PARTIAL_DISCARD), "auc": curve.area()}
            for name, curve in areas.items()
        ]
        return [*rows, {"score": "random", "pauc_20": self.fnmr, "auc": self.fnmr}]


def measure_discarding(examined: Examined, recogniser: str) -> Discarding:
    """Draw the curves.

    Args:
        examined: A set with vectors and persons.
        recogniser: The network's name.

    Raises:
        InvalidInput: If persons are unknown, or there are too few comparisons.
    """
    people = examined.people()
    if examined.vectors is None or people is None:
        raise InvalidInput(
            "expected a table that names the person of every picture for an error-versus-discard "
            "curve; name the column with --columns person=..."
        )
    own = np.array([one.reference == one.path for one in examined.pictures])
    pairs = compare_faces(examined.vectors, people, examined.references, own)
    if not len(pairs.genuine):
        raise InvalidInput(
            "expected references or two pictures of some person for an error-versus-discard "
            "curve, got neither"
        )
    threshold = threshold_at_fmr(pairs.impostor, FMR)
    scores = {head: examined.scores[:, HEADS.index(head)] for head in _DRAWN_HEADS}
    # A picture that a peer cannot measure is the first that it discards.
    scores |= {
        name: np.where(np.isfinite(values), values, np.nanmin(values))
        for name, values in examined.peers.items()
        if np.isfinite(values).any()
    }
    curves = {
        name: discard_curve(pairs.genuine, pairs.pair_quality(values), threshold)
        for name, values in scores.items()
    }
    fnmr = float(np.mean(pairs.genuine < threshold))
    return Discarding(
        recogniser=recogniser,
        enrolled=examined.references is not None,
        genuine=len(pairs.genuine),
        impostor=len(pairs.impostor),
        threshold=threshold,
        fnmr=fnmr,
        curves=curves,
        ideal=ideal_curve(fnmr, len(pairs.genuine)),
    )
