"""The fidelity label: an own face stands out, a stranger's does not, structure has its share."""

from __future__ import annotations

import numpy as np
import pytest

from facefidelity.assessor.benchmark.identity_labels import (
    STRUCTURE_SHARE,
    Z_RANGE,
    cohort_z,
    fidelity_from_z,
    fidelity_label,
    rank_of_own,
)


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_an_own_face_stands_out_from_the_cohort_and_a_strangers_does_not():
    rng = np.random.default_rng(0)
    own, cohort = unit(rng.normal(size=(20, 128))), unit(rng.normal(size=(200, 128)))
    probes = unit(own + 0.05 * rng.normal(size=own.shape))
    z = cohort_z(probes, own, cohort)
    strangers = cohort_z(unit(rng.normal(size=(20, 128))), own, cohort)
    assert z.min() > 5 > strangers.max()
    assert (rank_of_own(probes, own, cohort) == 1).all()
    assert rank_of_own(unit(rng.normal(size=(20, 128))), own, cohort).mean() > 20


def test_a_higher_impostor_floor_lowers_the_score_that_raw_cosine_hides():
    rng = np.random.default_rng(1)
    own, cohort = unit(rng.normal(size=(1, 64))), unit(rng.normal(size=(100, 64)))
    common = unit(cohort.sum(axis=0, keepdims=True))
    found = [cohort_z(unit(own + s * common), own, cohort)[0] for s in (0.0, 0.5, 1.0)]
    assert found == sorted(found, reverse=True)


def test_z_of_known_vectors():
    own = np.array([[1, 0]], np.float32)
    cohort = np.array([[0.6, 0.8], [-0.6, 0.8]], np.float32)
    assert cohort_z(own, own, cohort) == pytest.approx([1 / 0.6])
    assert rank_of_own(np.array([[0, 1]], np.float32), own, cohort) == [3]


def test_fidelity_is_linear_between_its_ends_and_clipped():
    low, high = Z_RANGE
    z = np.array([low - 9, low, (low + high) / 2, high, high + 9])
    np.testing.assert_allclose(fidelity_from_z(z), [0, 0, 50, 100, 100])


def test_structure_has_its_share_of_fidelity_and_the_pristine_face_has_all():
    high = np.array([Z_RANGE[1] + 1.0])
    np.testing.assert_allclose(fidelity_label(high, np.array([100.0])), [100])
    np.testing.assert_allclose(fidelity_label(high, np.array([0.0])), [100 * (1 - STRUCTURE_SHARE)])
    np.testing.assert_allclose(fidelity_label(-high, np.array([40.0])), [40 * STRUCTURE_SHARE])
