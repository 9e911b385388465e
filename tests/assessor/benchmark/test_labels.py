"""The pseudo-MOS: the pristine face is at the top, and each fault lowers its own label."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facefidelity.assessor.benchmark.identity_labels import cohort_z, fidelity_label
from facefidelity.assessor.benchmark.labels import full_reference_labels, measure_pristine
from facefidelity.assessor.benchmark.simulate.restorations import swap_detail
from facefidelity.assessor.benchmark.simulate.sensor import NOISE_KINDS, add_noise
from facefidelity.core.errors import InvalidInput

NAMES = ("noise", "sharpness", "colorfulness", "contrast", "overall", "structure")
SIGMAS = st.tuples(st.floats(0, 40), st.floats(0, 40)).map(sorted)


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


@pytest.mark.parametrize("kind", NOISE_KINDS)
@settings(deadline=None, max_examples=10)
@given(sigmas=SIGMAS, seed=st.integers(0, 99))
def test_more_noise_of_any_kind_never_raises_the_noise_label(label, pristine, kind, sigmas, seed):
    """The same field, scaled; 0.3 is for what rounding to uint8 moves."""

    def noisy(sigma: float) -> float:
        rng = np.random.default_rng(seed)
        return label(add_noise(pristine.astype(np.float32), kind, sigma, False, rng))["noise"]

    little, much = map(noisy, sigmas)
    assert much <= little + 0.3


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


@settings(deadline=None, max_examples=10)
@given(sigmas=st.tuples(st.floats(0.4, 8), st.floats(0.4, 8)).map(sorted))
def test_more_blur_never_raises_sharpness_or_structure(label, pristine, sigmas):
    little, much = (label(cv2.GaussianBlur(pristine, (0, 0), sigma)) for sigma in sigmas)
    assert much["sharpness"] <= little["sharpness"] + 0.3
    assert much["structure"] <= little["structure"] + 0.3


def equal_noise(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """White noise that changes a picture as much as something else did."""
    change = after.astype(float) - before
    noise = np.random.default_rng(1).normal(0, 1, (*before.shape[:2], 1))
    return before + noise * np.sqrt((change**2).mean())


@pytest.mark.parametrize("cutoff", [2.0, 4.0, 8.0])
def test_an_invented_feature_is_less_noise_than_as_much_white_noise(label, pristine, cutoff):
    stranger = np.ascontiguousarray(pristine[:, ::-1])
    lq = cv2.GaussianBlur(pristine, (0, 0), 3)
    swapped = swap_detail(lq, stranger, cutoff, 1.0)
    assert label(swapped)["noise"] > label(equal_noise(lq, swapped))["noise"] + 15
    grain = np.random.default_rng(2).normal(0, 8, pristine.shape)
    assert label(swapped)["noise"] > label(swapped + grain)["noise"] + 8


def test_a_foreign_feature_in_one_place_is_hardly_noise(label, pristine):
    """Eyes and brows of another: a few cells of the face, and the median over cells holds."""
    stranger = cv2.GaussianBlur(np.ascontiguousarray(pristine[:, ::-1]), (0, 0), 0.6)
    invented = pristine.copy()
    invented[100:135, 60:200] = stranger[100:135, 60:200]
    assert label(invented)["noise"] > 85


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


def test_structure_is_whole_for_itself_and_blind_to_gain_offset_and_fine_noise(
    label, pristine, noise
):
    same = [
        pristine,
        (pristine - 128.0) * 0.7 + 128,
        (pristine - 128.0) * 1.2 + 128,
        pristine + 12.0,
        pristine - 12.0,
        pristine + 6 * noise,
    ]
    assert min(label(image)["structure"] for image in same) > 98


def test_structure_drops_for_another_face(label, pristine):
    others = [pristine[:, ::-1], pristine[::-1], np.roll(pristine, 8, axis=1)]
    assert max(label(np.ascontiguousarray(other))["structure"] for other in others) < 65


def embed(image: np.ndarray) -> np.ndarray:
    """A toy recogniser: where middle-sized structure lies, as a unit vector."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    middle = cv2.GaussianBlur(grey, (0, 0), 1.5) - cv2.GaussianBlur(grey, (0, 0), 8)
    vector = cv2.resize(middle, (48, 48), interpolation=cv2.INTER_AREA)[8:-4, 8:-8].ravel()
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def other_people(pristine: np.ndarray) -> np.ndarray:
    """The same face bent at random, so that eyes, nose and mouth lie elsewhere."""
    rng, found = np.random.default_rng(0), []
    y, x = np.mgrid[0:256, 0:256].astype(np.float32)
    for _ in range(12):
        bend = [cv2.resize(rng.normal(0, 5, (6, 6)), (256, 256)).astype(np.float32) for _ in "xy"]
        found.append(cv2.remap(pristine, x + bend[0], y + bend[1], 1, None, 2))
    return np.stack([embed(other) for other in found])


def test_an_identity_swap_drops_fidelity_and_leaves_sharpness(label, pristine):
    stranger = np.ascontiguousarray(pristine[:, ::-1])
    lq = cv2.GaussianBlur(pristine, (0, 0), 2.5)
    swapped = swap_detail(lq, stranger, 10.0, 1.0)
    own, cohort = embed(pristine)[None], other_people(pristine)

    def fidelity(image: np.ndarray) -> float:
        z = cohort_z(embed(image)[None], own, cohort)
        return float(fidelity_label(z, np.array([label(image)["structure"]]))[0])

    assert fidelity(pristine) > fidelity(lq) > 65
    assert fidelity(swapped) < fidelity(lq) - 15
    assert label(swapped)["structure"] < label(lq)["structure"] - 10
    assert label(swapped)["sharpness"] > 80 > label(lq)["sharpness"]
