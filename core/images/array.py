"""What counts as a picture in memory, and what to say about an array that is none.

Nothing is converted here: a wrong array is refused with the line that repairs it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InvalidInput
from ..protocols import RGBImage

__all__ = ["require_alpha", "require_rgb"]

_CHANNEL_HINTS = {
    1: "repeat the one grey channel: np.repeat(image, 3, axis=2)",
    2: "that is grey with alpha: np.repeat(image[:, :, :1], 3, axis=2)",
    4: "drop the alpha: image[:, :, :3], and reverse its channels too where it is BGRA",
}


def require_rgb(image: object, what: str = "picture") -> RGBImage:
    """Give the array back as a contiguous picture, or say what is wrong with it.

    Args:
        image: Anything; an array is expected.
        what: What the array is, for the message ("picture", "face").

    Returns:
        (H, W, 3) uint8 RGB, C-contiguous; the same memory unless a copy was needed for that.
        BGR cannot be told from RGB and is not looked for.

    Raises:
        InvalidInput: If it is no array, or not (H, W, 3) uint8 with at least one pixel.
    """
    expected = f"expected a {what} as an (H, W, 3) uint8 RGB array"
    if not isinstance(image, np.ndarray):
        raise InvalidInput(f"{expected}, got {type(image).__name__}; {_object_hint(image)}")
    if image.ndim != 3 or image.shape[2] != 3:
        raise InvalidInput(f"{expected}, got shape {image.shape}; {_shape_hint(image)}")
    if image.size == 0:
        raise InvalidInput(f"{expected}, got no pixel (shape {image.shape}); check the crop's box")
    if image.dtype != np.uint8:
        raise InvalidInput(f"{expected}, got dtype {image.dtype}; {_depth_hint(image)}")
    return np.ascontiguousarray(image, dtype=np.uint8)


def require_alpha(alpha: object, pixels: RGBImage) -> npt.NDArray[np.uint8]:
    """Give the alpha back as a contiguous plane of the picture's size.

    Args:
        alpha: Anything; an (H, W) uint8 array is expected, 0 clear, 255 solid.
        pixels: (H, W, 3) uint8 RGB, the picture that it belongs to.

    Returns:
        (H, W) uint8, C-contiguous.

    Raises:
        InvalidInput: If it is not an (H, W) uint8 array of the picture's size.
    """
    size = pixels.shape[:2]
    expected = f"expected alpha as an (H, W) uint8 array of the picture's size {size}"
    if not isinstance(alpha, np.ndarray):
        raise InvalidInput(f"{expected}, got {type(alpha).__name__}; pass None for a solid picture")
    if alpha.shape != size:
        raise InvalidInput(f"{expected}, got shape {alpha.shape}; resize it with the picture")
    if alpha.dtype != np.uint8:
        raise InvalidInput(f"{expected}, got dtype {alpha.dtype}; {_depth_hint(alpha)}")
    return np.ascontiguousarray(alpha, dtype=np.uint8)


def _object_hint(image: object) -> str:
    """Say how the usual other picture types become an array."""
    if hasattr(image, "detach"):
        return (
            "turn a (3, H, W) tensor in 0..1 into an array first: "
            "(t.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()"
        )
    if hasattr(image, "getbands"):
        return 'turn it into an array first: np.asarray(image.convert("RGB"))'
    return "read a file with read_picture(path).pixels"


def _shape_hint(image: npt.NDArray[Any]) -> str:
    """Say how the usual wrong shapes are repaired."""
    if image.ndim == 2:
        return "a grey picture is stacked first: np.stack([image] * 3, axis=2)"
    if image.ndim == 4:
        return "pass the pictures of a batch one at a time"
    if image.ndim == 3 and image.shape[2] in _CHANNEL_HINTS:
        return _CHANNEL_HINTS[image.shape[2]]
    if image.ndim == 3 and image.shape[0] == 3:
        return "channels come last: image.transpose(1, 2, 0)"
    return "read a file with read_picture(path).pixels"


def _depth_hint(image: npt.NDArray[Any]) -> str:
    """Say how the usual wrong value types are repaired."""
    if image.dtype == np.bool_:
        return "turn it into 0 and 255: image.astype(np.uint8) * 255"
    if image.dtype == np.uint16:
        return "divide by 257: (image / 257).round().astype(np.uint8)"
    if image.dtype.kind == "f" and image.size and image.min() >= 0 and image.max() <= 1:
        return "0..1 came, multiply by 255: (image * 255).round().astype(np.uint8)"
    return "bring the values to 0..255: image.clip(0, 255).round().astype(np.uint8)"
