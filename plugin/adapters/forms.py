"""The forms in which other programs hold a picture, and the way from and to ours.

A form is always said by the caller: red and blue, or 0..1 and -1..1, cannot be told apart by
looking, so nothing is guessed here. What plainly contradicts the form that was said is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput
from ...core.images import require_rgb
from ...core.protocols import RGBImage

__all__ = ["Colours", "Kind", "Layout", "PictureForm", "ValueRange", "bgr_to_rgb", "rgb_to_bgr"]

Kind: TypeAlias = Literal["numpy", "torch", "pil"]
Colours: TypeAlias = Literal["RGB", "BGR"]
Layout: TypeAlias = Literal["HWC", "CHW", "NHWC", "NCHW"]
ValueRange: TypeAlias = Literal["0..255", "0..1", "-1..1"]

_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "kind": ("numpy", "torch", "pil"),
    "colours": ("RGB", "BGR"),
    "layout": ("HWC", "CHW", "NHWC", "NCHW"),
    "value_range": ("0..255", "0..1", "-1..1"),
}
_LIMITS: Final = {"0..255": (0.0, 255.0), "0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0)}


@dataclass(frozen=True, slots=True)
class PictureForm:
    """How a program holds a picture. The defaults are facefidelity's own form.

    Attributes:
        kind: A numpy array, a torch tensor, or a PIL image.
        colours: Order of the channels.
        layout: Order of the axes; N is a batch of exactly one.
        value_range: What black and white are: uint8 for "0..255", floats otherwise.
    """

    kind: Kind = "numpy"
    colours: Colours = "RGB"
    layout: Layout = "HWC"
    value_range: ValueRange = "0..255"

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise InvalidInput(
                    f"expected {name} as one of {', '.join(choices)}, got {getattr(self, name)!r}"
                )
        own = (self.colours, self.layout, self.value_range) == ("RGB", "HWC", "0..255")
        if self.kind == "pil" and not own:
            raise InvalidInput(
                "expected no colours, layout or value_range for PIL images, which know their own, "
                f"got {self.colours}, {self.layout}, {self.value_range}; leave them away"
            )

    def to_rgb(self, picture: Any, what: str = "picture") -> RGBImage:
        """Bring a picture of this form into ours.

        Args:
            picture: A picture of this form.
            what: What it is, for the message.

        Returns:
            (H, W, 3) uint8 RGB, C-contiguous; floats are rounded, and clipped to their range.

        Raises:
            InvalidInput: If it is not of this form.
        """
        if self == PictureForm():
            return require_rgb(picture, what)
        if self.kind == "pil":
            return _from_pil(picture, what)
        array = _as_array(picture, self.kind, what)
        array = _channels_last(array, self.layout, what)
        if self.value_range == "0..255":
            levels = require_rgb(np.ascontiguousarray(array), what)
        else:
            levels = _levels(array, *_LIMITS[self.value_range], self.value_range, what)
        return levels if self.colours == "RGB" else bgr_to_rgb(levels)

    def from_rgb(self, pixels: RGBImage, like: Any = None) -> Any:
        """Bring a picture of ours into this form.

        Args:
            pixels: (H, W, 3) uint8 RGB.
            like: A picture of this form whose float type and device are taken, None for float32
                on the CPU.
        """
        if self.kind == "pil":
            from PIL import Image

            return Image.fromarray(pixels)
        array: npt.NDArray[Any] = pixels if self.colours == "RGB" else rgb_to_bgr(pixels)
        if self.value_range != "0..255":
            low, high = _LIMITS[self.value_range]
            array = array.astype(np.float32) * np.float32((high - low) / 255) + np.float32(low)
        if self.layout.endswith("CHW"):
            array = array.transpose(2, 0, 1)
        if self.layout.startswith("N"):
            array = array[None]
        array = np.array(array, order="C")
        if self.kind == "torch":
            return _as_tensor(array, like)
        floats = isinstance(like, np.ndarray) and like.dtype.kind == "f" and array.dtype.kind == "f"
        return array.astype(like.dtype) if floats else array


def bgr_to_rgb(pixels: npt.NDArray[np.uint8]) -> RGBImage:
    """Reverse the channels of an (H, W, 3) picture; always a new contiguous array."""
    return np.array(pixels[..., ::-1], order="C")


rgb_to_bgr = bgr_to_rgb
"""The same reversal, named by where it is used."""


def _from_pil(picture: Any, what: str) -> RGBImage:
    from PIL import Image

    if not isinstance(picture, Image.Image):
        raise InvalidInput(f"expected a {what} as a PIL image, got {type(picture).__name__}")
    return require_rgb(np.asarray(picture.convert("RGB")), what)


def _as_array(picture: Any, kind: str, what: str) -> npt.NDArray[Any]:
    if kind == "torch" and hasattr(picture, "detach"):
        # bfloat16 has no numpy type.
        tensor = picture.detach()
        return np.asarray((tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy())
    if kind == "numpy" and isinstance(picture, np.ndarray):
        return picture
    wanted = {"torch": "a torch tensor", "numpy": "a numpy array"}[kind]
    raise InvalidInput(
        f"expected a {what} as {wanted}, got {type(picture).__name__}; name its kind"
    )


def _channels_last(array: npt.NDArray[Any], layout: str, what: str) -> npt.NDArray[Any]:
    expected = f"expected a {what} of layout {layout} with 3 channels"
    if array.ndim != len(layout) or array.shape[layout.index("C")] != 3:
        raise InvalidInput(f"{expected}, got shape {array.shape}; name its layout")
    if layout.startswith("N"):
        if array.shape[0] != 1:
            raise InvalidInput(f"{expected}, one at a time, got {array.shape[0]}")
        array = array[0]
    return array.transpose(1, 2, 0) if layout.endswith("CHW") else array


def _levels(
    array: npt.NDArray[Any], low: float, high: float, value_range: str, what: str
) -> RGBImage:
    expected = f"expected a {what} with floats in {value_range}"
    if array.dtype.kind != "f":
        raise InvalidInput(f"{expected}, got dtype {array.dtype}; name its value_range")
    values = np.asarray(array, np.float32)
    if not np.isfinite(values).all():
        raise InvalidInput(f"{expected}, got NaN or infinity")
    lowest, highest = float(values.min(initial=0)), float(values.max(initial=0))
    # Networks overshoot a little; a whole range beyond is another range.
    if highest > high + (high - low) or lowest < low - (high - low):
        raise InvalidInput(
            f"{expected}, got values from {lowest:.3g} to {highest:.3g}; name its value_range"
        )
    scaled = (values - np.float32(low)) * np.float32(255 / (high - low))
    return require_rgb(np.clip(np.rint(scaled), 0, 255).astype(np.uint8), what)


def _as_tensor(array: npt.NDArray[Any], like: Any) -> Any:
    import torch

    tensor = torch.from_numpy(array)
    if like is None:
        return tensor
    return tensor.to(like) if tensor.is_floating_point() else tensor.to(like.device)
