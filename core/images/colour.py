"""From whatever Pillow decoded to upright RGB with the alpha beside it.

The order matters: depth, then alpha aside, then the profile in the file's own colour space, then
RGB, then orientation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from .decoding import Decoded
from .depth import DEEP_GREY_MODES, grey_to_8_bits, source_bits
from .picture import Conversion
from .profile import lab_to_srgb, profile_to_srgb

__all__ = ["Layers", "to_upright_rgb"]

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_COLOUR_OF: Final = {"LA": "L", "RGBA": "RGB", "1": "L", "RGBX": "RGB"}
_NOTE_OF_MODE: Final = {
    "L": Conversion.GREY_EXPANDED,
    "CMYK": Conversion.CMYK_CONVERTED,
    "YCbCr": Conversion.COLOUR_SPACE_CONVERTED,
    "LAB": Conversion.COLOUR_SPACE_CONVERTED,
}


@dataclass(frozen=True, slots=True)
class Layers:
    """A picture taken apart.

    Attributes:
        colour: The picture in mode "RGB", sRGB, upright.
        alpha: The alpha in mode "L", upright, or None.
        notes: What was changed, in order.
    """

    colour: Image.Image
    alpha: Image.Image | None
    notes: tuple[Conversion, ...]


def to_upright_rgb(decoded: Decoded, data: bytes, shown: str) -> Layers:
    """Take a decoded picture apart into upright sRGB colour and alpha.

    Args:
        decoded: The picture in any of Pillow's modes, with its orientation.
        data: The bytes of its file.
        shown: The file's name for messages.

    Returns:
        Colour, alpha and what was changed.

    Raises:
        InvalidInput: If its grey values have no agreed white.
        ValueError: If Pillow knows no way from its mode to RGB.
    """
    image: Image.Image = decoded.image
    bits = source_bits(image, data)
    notes = [Conversion.DEPTH_REDUCED] if bits > 8 else []
    icc = image.info.get("icc_profile")
    key = _transparency_key(image, bits)
    if image.mode in DEEP_GREY_MODES:
        alpha = _alpha_of_key(image, key)
        image = grey_to_8_bits(image, bits, shown)
    else:
        image, expanded = _unpacked(image)
        notes += expanded
        alpha = image.getchannel("A") if "A" in image.getbands() else _alpha_of_key(image, key)
        image = _in_mode(image, _COLOUR_OF.get(image.mode, image.mode))
    colour, changed = _srgb(image, icc)
    notes += changed
    if decoded.stored_orientation in _TURNS:
        notes.append(Conversion.ORIENTATION_APPLIED)
    turn = _TURNS.get(decoded.due_orientation)
    if turn is not None:
        colour = colour.transpose(turn)
        alpha = None if alpha is None else alpha.transpose(turn)
    return Layers(colour, alpha, tuple(notes))


def _unpacked(image: Image.Image) -> tuple[Image.Image, list[Conversion]]:
    """Undo the packings of colour with alpha: palettes and premultiplication."""
    if image.mode in {"P", "PA"}:
        target = "RGBA" if image.has_transparency_data else "RGB"
        return image.convert(target), [Conversion.PALETTE_EXPANDED]
    return _in_mode(image, "LA" if image.mode == "La" else image.mode), []


def _transparency_key(image: Image.Image, bits: int) -> tuple[int, ...] | None:
    """The one clear colour that grey and RGB files may name, in the units of Pillow's pixels."""
    key = image.info.get("transparency")
    if image.mode in DEEP_GREY_MODES:
        return (key,) if isinstance(key, int) else None
    if image.mode not in {"1", "L", "RGB"} or bits > 8 or not isinstance(key, (int, tuple)):
        return None
    if image.mode == "1":  # 1 in older Pillows, 255 in newer ones
        return (255 if key else 0,)
    values = (key,) if isinstance(key, int) else key
    return tuple(int(value) * (255 // (2**bits - 1)) for value in values)


def _alpha_of_key(image: Image.Image, key: tuple[int, ...] | None) -> Image.Image | None:
    if key is None:
        return None
    grey_or_rgb = image.convert("L") if image.mode == "1" else image
    values = np.asarray(grey_or_rgb).reshape(image.height, image.width, -1)
    clear = (values == np.array(key)).all(axis=2)
    return Image.fromarray(np.where(clear, 0, 255).astype(np.uint8))


def _srgb(image: Image.Image, icc: object) -> tuple[Image.Image, list[Conversion]]:
    """Turn colour without alpha into sRGB, by its profile where it has a usable one."""
    notes = [_NOTE_OF_MODE[image.mode]] if image.mode in _NOTE_OF_MODE else []
    if isinstance(icc, bytes) and icc:
        image, change = profile_to_srgb(image, icc)
        notes += [] if change is None else [change]
    if image.mode == "LAB":
        image = lab_to_srgb(image)
    return _in_mode(image, "RGB"), notes


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    """Convert, without the copy that Pillow makes of a picture that is in the mode already."""
    return image if image.mode == mode else image.convert(mode)
