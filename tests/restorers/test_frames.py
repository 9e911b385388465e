from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.core.errors import RestorerFailed
from facefidelity.restorers.frames import from_planes, resize_square, to_planes


@given(
    st.sampled_from([(-1.0, 1.0), (0.0, 1.0), (0.0, 255.0), (-3.0, 0.5)]), st.integers(0, 2**32 - 1)
)
def test_a_picture_survives_the_way_to_planes_and_back(
    bounds: tuple[float, float], seed: int
) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), np.uint8)
    planes = to_planes(picture, *bounds)
    assert planes.shape == (1, 3, 9, 9)
    assert planes.dtype == np.float32
    assert bounds[0] - 1e-5 <= planes.min() and planes.max() <= bounds[1] + 1e-5
    assert np.array_equal(from_planes(planes, *bounds, "x"), picture)


def test_the_first_plane_is_red(colour_card: np.ndarray) -> None:
    planes = to_planes(colour_card, 0.0, 1.0)[0]
    assert planes[0, :, :256].mean() > 0.7
    assert planes[2, :, 256:].mean() > 0.7


def test_values_out_of_range_are_clipped_and_rounded() -> None:
    planes = np.zeros((3, 2, 2), np.float32)
    planes[0], planes[1], planes[2] = 7.0, -7.0, 100.6 / 255 * 2 - 1
    assert from_planes(planes, -1.0, 1.0, "x")[0, 0].tolist() == [255, 0, 101]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_a_failure(bad: float) -> None:
    planes = np.zeros((1, 3, 4, 4), np.float32)
    planes[0, 1, 2, 3] = bad
    with pytest.raises(RestorerFailed, match="mine.*NaN or infinity"):
        from_planes(planes, -1.0, 1.0, "mine")


@pytest.mark.parametrize("shape", [(2, 3, 4, 4), (1, 1, 4, 4), (4, 4), (1, 4, 4, 3)])
def test_planes_of_another_shape_are_a_failure(shape: tuple[int, ...]) -> None:
    with pytest.raises(RestorerFailed, match="one RGB picture"):
        from_planes(np.zeros(shape, np.float32), 0.0, 1.0, "mine")


@pytest.mark.parametrize("side", [64, 512, 700])
def test_resizing_gives_a_new_array(face: np.ndarray, side: int) -> None:
    resized = resize_square(face, side)
    assert resized.shape == (side, side, 3)
    assert not np.shares_memory(resized, face)
    assert abs(float(resized.mean()) - float(face.mean())) < 1
