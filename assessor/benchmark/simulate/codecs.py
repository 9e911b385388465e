"""One pass through a picture or a video codec, encoded and decoded for real."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any, Final

import cv2
import numpy as np

from ....core.errors import InvalidInput, MissingExtra
from ....core.protocols import RGBImage

__all__ = ["CODECS", "compress", "require_codec"]

CODECS: Final = ("jpeg", "webp", "h264", "hevc")
_VIDEO: Final = {"h264": "libx264", "hevc": "libx265"}
_FRAMES: Final = 3
_EVEN: Final = 16


def require_codec(codec: str) -> None:
    """Refuse a codec that will not work here, before hours of work meet it.

    Raises:
        InvalidInput: If there is no such codec.
        MissingExtra: If it is a video codec and PyAV is absent.
    """
    if codec not in CODECS:
        raise InvalidInput(f"expected a codec of {', '.join(CODECS)}, got {codec!r}")
    if codec in _VIDEO:
        _pyav()


def compress(image: RGBImage, codec: str, quality: int) -> RGBImage:
    """Encode and decode once.

    A video codec gets three frames of a face that drifts by half a pixel a frame; the last one,
    which is predicted from the others, is returned.

    Args:
        image: (H, W, 3) uint8 RGB.
        codec: One of `CODECS`.
        quality: 1..100, higher is better; a video codec's CRF is 51 - quality / 2.5.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        InvalidInput: If the codec is another.
        MissingExtra: If it is a video codec and PyAV is absent.
    """
    require_codec(codec)
    if codec in _VIDEO:
        return _through_video(image, codec, quality)
    suffix, flag = {
        "jpeg": (".jpg", cv2.IMWRITE_JPEG_QUALITY),
        "webp": (".webp", cv2.IMWRITE_WEBP_QUALITY),
    }[codec]
    encoded = cv2.imencode(suffix, image[..., ::-1], [flag, quality])[1]
    decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])


@lru_cache(maxsize=1)
def _pyav() -> Any:
    try:
        import av
    except ImportError as error:
        raise MissingExtra("the codecs h264 and hevc", "bench") from error
    av.logging.set_level(None)
    return av


def _through_video(image: RGBImage, codec: str, quality: int) -> RGBImage:
    av = _pyav()
    height, width = image.shape[:2]
    padded = cv2.copyMakeBorder(image, 0, -height % _EVEN, 0, -width % _EVEN, cv2.BORDER_REPLICATE)
    options = {"crf": f"{51 - quality / 2.5:.1f}", "preset": "ultrafast", "threads": "1"}
    if codec == "hevc":
        options["x265-params"] = "log-level=none:pools=none:frame-threads=1:bframes=0:info=0"
    else:
        options["tune"] = "zerolatency"
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream(_VIDEO[codec], rate=25, options=options)
        stream.height, stream.width = padded.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        for number in reversed(range(_FRAMES)):
            affine = np.array([[1, 0, -0.5 * number], [0, 1, 0.25 * number]], np.float64)
            moved = cv2.warpAffine(
                padded, affine, padded.shape[1::-1], borderMode=cv2.BORDER_REPLICATE
            )
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moved, format="rgb24")))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as container:
        *_, last = container.decode(video=0)
        decoded = last.to_ndarray(format="rgb24")
    return np.ascontiguousarray(decoded[:height, :width])
