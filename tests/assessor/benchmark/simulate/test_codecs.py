"""Codecs: really encoded, colours in their order, more lost at low quality, repeatable."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import cv2
import numpy as np
import pytest

from facefidelity.assessor.benchmark.simulate.codecs import CODECS, compress, require_codec
from facefidelity.core.errors import InvalidInput, MissingExtra

NEEDS_AV = pytest.mark.skipif(find_spec("av") is None, reason="needs PyAV (the test extra)")
EVERY = [
    codec if codec in {"jpeg", "webp"} else pytest.param(codec, marks=NEEDS_AV) for codec in CODECS
]


@pytest.fixture(scope="module")
def pristine(astronaut_face) -> np.ndarray:
    return cv2.resize(astronaut_face.pixels, (128, 128), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("codec", EVERY)
def test_a_codec_keeps_colour_order_and_size(codec):
    red = np.zeros((37, 50, 3), np.uint8)
    red[..., 0] = 200
    found = compress(red, codec, 95)
    assert found.shape == red.shape
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - red).max() < 14


@pytest.mark.parametrize("codec", EVERY)
def test_a_codec_loses_more_at_low_quality_and_repeats(pristine, codec):
    found = {quality: compress(pristine, codec, quality) for quality in (95, 60, 25)}
    loss = [np.abs(image.astype(int) - pristine).mean() for image in found.values()]
    assert 0 < loss[0] < loss[1] < loss[2]
    assert compress(pristine, codec, 60).tobytes() == found[60].tobytes()


@NEEDS_AV
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_video_codec_is_that_codec(pristine, codec):
    """What is lost looks like neither JPEG nor the other video codec."""
    mine = compress(pristine, codec, 40).astype(int)
    for other in set(CODECS) - {codec}:
        assert np.abs(mine - compress(pristine, other, 40)).mean() > 0.5


def test_another_codec_is_refused():
    with pytest.raises(InvalidInput, match="jpeg, webp, h264, hevc, got 'gif'"):
        compress(np.zeros((8, 8, 3), np.uint8), "gif", 50)


def test_without_pyav_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    pyav = sys.modules[compress.__module__]._pyav
    pyav.cache_clear()
    try:
        with pytest.raises(MissingExtra, match=r"facefidelity\[bench\]"):
            compress(np.zeros((8, 8, 3), np.uint8), "h264", 50)
        require_codec("jpeg")
    finally:
        pyav.cache_clear()
