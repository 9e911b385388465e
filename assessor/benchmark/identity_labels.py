"""The fidelity label: how far a face still stands out as its own person from a cohort.

Raw cosine similarity is no label: a sharp face sits on a higher impostor floor than a blurred
one, which hides losses. The label is the cohort z-score, averaged over the teachers, with a small
share of structural similarity, so that a face that only confuses two recognisers is no person.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = [
    "STRUCTURE_SHARE",
    "Z_RANGE",
    "cohort_z",
    "fidelity_from_z",
    "fidelity_label",
    "rank_of_own",
]

Z_RANGE: Final = (0.5, 5.2)
"""z-scores that map to fidelity 0 and 100."""

STRUCTURE_SHARE: Final = 0.15
"""Weight of structural similarity in the fidelity label; the cohort z has the rest."""

Vectors = npt.NDArray[np.float32]


def cohort_z(probes: Vectors, own: Vectors, cohort: Vectors) -> npt.NDArray[np.float64]:
    """z-score of each probe's similarity to its own pristine face among a cohort's.

    Args:
        probes: (N, D) unit vectors of degraded or restored faces.
        own: (N, D) unit vectors of the same persons' pristine faces.
        cohort: (M, D) unit vectors of other persons of the same sex, pristine.

    Returns:
        (N,) z-scores.
    """
    genuine = np.einsum("nd,nd->n", probes, own)
    impostor = probes @ cohort.T
    deviation = np.maximum(impostor.std(axis=1), 1e-6)
    return np.asarray((genuine - impostor.mean(axis=1)) / deviation, dtype=np.float64)


def rank_of_own(probes: Vectors, own: Vectors, gallery: Vectors) -> npt.NDArray[np.int64]:
    """Rank (1 is best) of the own pristine face among a gallery of other persons."""
    genuine = np.einsum("nd,nd->n", probes, own)
    return np.asarray(1 + (probes @ gallery.T > genuine[:, None]).sum(axis=1), dtype=np.int64)


def fidelity_from_z(z: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Map z-scores linearly to 0..100 over `Z_RANGE`, clipped."""
    low, high = Z_RANGE
    return np.asarray(np.clip((z - low) / (high - low), 0.0, 1.0) * 100.0)


def fidelity_label(
    z: npt.NDArray[np.float64], structure: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The fidelity pseudo-MOS, 0..100.

    Args:
        z: (N,) cohort z-scores, averaged over the embedders.
        structure: (N,) structural similarity, 0..100.
    """
    share = STRUCTURE_SHARE
    return np.asarray((1 - share) * fidelity_from_z(z) + share * structure)
