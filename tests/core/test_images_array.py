"""What passes as a picture in memory, and which repair each wrong array is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from facefidelity.core.errors import InvalidInput
from facefidelity.core.images import require_rgb


class Tensor:
    def detach(self):
        return self


def zeros(*shape, dtype=np.uint8):
    return np.zeros(shape, dtype)


WRONG = [
    (zeros(4, 5), r"shape \(4, 5\); .*np\.stack", InvalidInput),
    (zeros(4, 5, 1), r"np\.repeat\(image, 3", InvalidInput),
    (zeros(4, 5, 2), r"grey with alpha", InvalidInput),
    (zeros(4, 5, 4), r"drop the alpha.*BGRA", InvalidInput),
    (zeros(3, 4, 5), r"transpose\(1, 2, 0\)", InvalidInput),
    (zeros(1, 4, 5, 3), r"one at a time", InvalidInput),
    (zeros(3), r"shape \(3,\); read a file", InvalidInput),
    (zeros(0, 5, 3), r"got no pixel \(shape \(0, 5, 3\)\)", InvalidInput),
    (zeros(4, 0, 3), r"got no pixel", InvalidInput),
    (
        zeros(4, 5, 3, dtype=np.float32),
        r"dtype float32; 0\.\.1 came, multiply by 255",
        InvalidInput,
    ),
    (
        zeros(4, 5, 3, dtype=np.float64) + 2,
        r"dtype float64; bring the values to 0\.\.255",
        InvalidInput,
    ),
    (zeros(4, 5, 3, dtype=np.float32) * np.nan, r"bring the values to 0\.\.255", InvalidInput),
    (zeros(4, 5, 3, dtype=np.uint16), r"dtype uint16; divide by 257", InvalidInput),
    (zeros(4, 5, 3, dtype=np.bool_), r"dtype bool; turn it into 0 and 255", InvalidInput),
    (zeros(4, 5, 3, dtype=np.int64), r"dtype int64; bring the values", InvalidInput),
    (None, r"got NoneType; read a file", InvalidInput),
    ([[[1, 2, 3]]], r"got list; read a file", InvalidInput),
    (Image.new("RGB", (2, 2)), r'got Image; .*convert\("RGB"\)', InvalidInput),
    (Tensor(), r"got Tensor; turn a \(3, H, W\) tensor", InvalidInput),
]


@pytest.mark.parametrize(("image", "expected", "exception"), WRONG)
def test_a_wrong_array_is_told_its_repair(image, expected, exception):
    with pytest.raises(exception, match=expected) as caught:
        require_rgb(image, "face")
    assert str(caught.value).startswith("expected a face as an (H, W, 3) uint8 RGB array, got ")


def test_a_good_array_is_not_copied():
    image = zeros(4, 5, 3)
    assert np.shares_memory(require_rgb(image), image)


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 8), st.integers(1, 8), st.just(3))))
def test_a_view_becomes_contiguous_with_the_same_values(image):
    view = image[::-1, ::-1, ::-1]
    result = require_rgb(view)
    assert result.flags.c_contiguous
    assert np.array_equal(result, view)
