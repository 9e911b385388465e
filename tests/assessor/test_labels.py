"""The pseudo-MOS: the pristine face is at the top, and each fault lowers its own label."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from facefidelity.assessor.benchmark.identity_labels import (
    Z_RANGE,
    cohort_z,
    fidelity_from_z,
    rank_of_own,
)
from facefidelity.assessor.benchmark.labels import full_reference_labels, measure_pristine
from facefidelity.assessor.benchmark.restorations import mix, restore_simulated, swap_detail
from facefidelity.core.errors import InvalidInput

NAMES = ("noise", "sharpness", "colorfulness", "contrast", "overall")


@pytest.fixture(scope="module")
def pristine(astronaut_face) -> np.ndarray:
    return cv2.resize(astronaut_face.pixels, (256, 256), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def label(pristine):
    truth = measure_pristine(pristine)
    return lambda image: full_reference_labels(np.clip(np.rint(image), 0, 255).astype("u1"), truth)


@pytest.fixture(scope="module")
def noise(pristine) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1, pristine.shape)


def falls(values: list[float], by: float = 0.0) -> bool:
    return all(b <= a - by for a, b in pairwise(values))


def test_the_pristine_face_is_at_the_top_of_every_label(label, pristine):
    labels = label(pristine)
    assert tuple(labels) == NAMES
    assert min(labels.values()) >= 97


def test_a_face_whose_coarse_edges_do_not_stand_out_is_at_the_top_too(pristine):
    """One pristine face in sixteen has flat areas with more coarse structure than its edges."""
    y, x = np.mgrid[0:256, 0:256]
    waves = 40 * np.sin(x / 11.0) * np.sin(y / 11.0)
    stripes = np.where((x // 24 + y // 24) % 6 == 0, 30.0 * (np.sin(x * 2.1) > 0), 0.0)
    face = np.repeat(np.clip(120 + waves + stripes, 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    truth = measure_pristine(face)
    energy = truth.bands[3][..., 0] ** 2
    assert energy[truth.edges].mean() < energy[truth.flat].mean()
    assert full_reference_labels(face, truth)["sharpness"] >= 97


def test_more_noise_never_raises_the_noise_label(label, pristine, noise):
    found = [label(pristine + sigma * noise)["noise"] for sigma in (0, 2, 5, 10, 20, 40)]
    assert falls(found, by=3)
    assert found[-1] < 10


def test_noise_is_not_taken_for_sharpness_or_contrast(label, pristine, noise):
    noisy = label(pristine + 10 * noise)
    assert noisy["contrast"] > 95
    assert noisy["colorfulness"] > 90
    blurred = cv2.GaussianBlur(pristine, (0, 0), 3)
    plain, grainy = label(blurred)["sharpness"], label(blurred + 10 * noise)["sharpness"]
    assert grainy < plain + 15


def test_blur_lowers_sharpness_far_more_than_noise(label, pristine):
    found = [label(cv2.GaussianBlur(pristine, (0, 0), sigma)) for sigma in (0.5, 1, 2, 4, 8)]
    assert falls([one["sharpness"] for one in found], by=5)
    assert found[-1]["sharpness"] < 5
    for one in found[1:]:
        assert 100 - one["noise"] < 0.5 * (100 - one["sharpness"])


def test_grey_has_no_colour_and_loses_little_else(label, pristine):
    grey = np.repeat((pristine @ [0.299, 0.587, 0.114])[..., None], 3, axis=2)
    labels = label(grey)
    assert labels["colorfulness"] < 2
    assert min(labels["noise"], labels["sharpness"], labels["contrast"]) > 95


def test_less_saturation_is_less_colour(label, pristine):
    grey = np.repeat((pristine @ [0.299, 0.587, 0.114])[..., None], 3, axis=2)
    shares = (1.0, 0.7, 0.4, 0.1)
    found = [label(grey + s * (pristine - grey))["colorfulness"] for s in shares]
    assert falls(found, by=10)


def test_a_wrong_tint_is_less_colour_too(label, pristine):
    assert label(pristine * np.array([1.2, 1.0, 0.8]))["colorfulness"] < 75


def test_less_contrast_lowers_contrast_and_not_sharpness(label, pristine):
    found = [label((pristine - pristine.mean()) * c + pristine.mean()) for c in (1, 0.8, 0.6, 0.4)]
    assert falls([one["contrast"] for one in found], by=8)
    assert min(one["sharpness"] for one in found) > 90


@pytest.mark.parametrize("sign", [1, -1])
def test_wrong_exposure_lowers_contrast(label, pristine, sign):
    found = [label(pristine + sign * shift)["contrast"] for shift in (0.0, 15.0, 30.0, 60.0)]
    assert falls(found, by=2)
    assert found[-1] < 65


def test_too_much_contrast_is_no_gain(label, pristine):
    assert label((pristine - 128.0) * 1.6 + 128)["contrast"] < 80


@pytest.mark.parametrize("cutoff", [4.0, 8.0])
def test_anothers_detail_looks_sharp(label, pristine, cutoff):
    """What a generative prior does: the five labels forgive it, fidelity must not."""
    stranger = np.ascontiguousarray(pristine[:, ::-1])
    lq = cv2.GaussianBlur(pristine, (0, 0), 3)
    swapped = label(swap_detail(lq, stranger, cutoff, 1.0))
    assert swapped["sharpness"] > 65
    assert swapped["sharpness"] > label(lq)["sharpness"] + 30
    assert swapped["overall"] > label(lq)["overall"] + 5


def test_overall_falls_with_every_fault(label, pristine, noise):
    top = label(pristine)["overall"]
    faults = [
        pristine + 8 * noise,
        cv2.GaussianBlur(pristine, (0, 0), 2),
        np.repeat(pristine.mean(axis=2, keepdims=True), 3, axis=2),
        (pristine - 128.0) * 0.5 + 128,
        pristine - 50.0,
    ]
    assert max(label(fault)["overall"] for fault in faults) < top - 8


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_capture_scores_low_and_finite(label, level):
    labels = label(np.full((256, 256, 3), level, np.uint8))
    assert all(0 <= value <= 100 for value in labels.values())
    assert labels["sharpness"] < 1
    assert labels["overall"] < 50


def test_labels_are_repeatable(label, pristine):
    assert label(cv2.blur(pristine, (5, 5))) == label(cv2.blur(pristine, (5, 5)))


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (np.zeros((512, 512, 3), np.uint8), "256, 256, 3"),
        (np.zeros((256, 256), np.uint8), "256, 256, 3"),
        (np.full((256, 256, 3), 90, np.uint8), "edges and flat areas"),
    ],
)
def test_what_is_no_pristine_face_is_refused(image, told):
    with pytest.raises(InvalidInput, match=told):
        measure_pristine(image)


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


@pytest.mark.parametrize("kind", ["unsharp", "nlmeans", "bilateral", "swap"])
def test_a_simulated_restoration_keeps_shape_and_repeats_with_its_seed(pristine, kind):
    lq, other = cv2.blur(pristine, (5, 5)), np.ascontiguousarray(pristine[:, ::-1])
    first = restore_simulated(kind, lq, other, np.random.default_rng(5))
    assert first.shape == lq.shape
    assert first.dtype == np.uint8
    again = restore_simulated(kind, lq, other, np.random.default_rng(5))
    assert first.tobytes() == again.tobytes() != lq.tobytes()


def test_a_swap_keeps_the_low_bands_that_the_camera_measured(pristine):
    other = np.ascontiguousarray(pristine[:, ::-1])
    swapped = swap_detail(pristine, other, 4.0, 1.0)

    def low(image):
        return cv2.GaussianBlur(image.astype(np.float32), (0, 0), 12)

    kept = np.abs(low(swapped) - low(pristine)).mean()
    assert kept < 0.1 * np.abs(low(swapped) - low(other)).mean()
    assert swap_detail(pristine, other, 4.0, 0.0).tobytes() == pristine.tobytes()


def test_a_mixture_of_a_restoration_is_a_weighted_mean():
    lq, hq = np.full((8, 8, 3), 100, np.uint8), np.full((8, 8, 3), 200, np.uint8)
    assert (mix(lq, hq, 0.3) == 130).all()
