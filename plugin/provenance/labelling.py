"""Writes delivered pictures with their label and, where it is asked for, under a signature."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...core.images import Picture, encode_picture, write_encoded
from ...core.protocols import RGBImage
from .labels import PictureLabel
from .xmp import metadata_of

if TYPE_CHECKING:
    from .signing import SigningIdentity

__all__ = ["Labelling"]


@dataclass(frozen=True, slots=True)
class Labelling:
    """How delivered pictures are labelled.

    Attributes:
        labels: Whether what was done is written into the picture.
        identity: Who signs it, None for nobody; a signed picture is always labelled.
    """

    labels: bool = True
    identity: SigningIdentity | None = None

    @property
    def name(self) -> str:
        """How, in one word, for records: "none", "xmp" or "c2pa"."""
        return "c2pa" if self.identity else "xmp" if self.labels else "none"

    def encode(
        self,
        pixels: RGBImage,
        suffix: str,
        label: PictureLabel,
        source: Picture,
        alpha: npt.NDArray[np.uint8] | None = None,
    ) -> bytes:
        """Encode one delivered picture with what is to be said of it.

        Args:
            pixels: (H, W, 3) uint8 RGB.
            suffix: One of `WRITABLE_SUFFIXES`.
            label: What was done.
            source: The picture that it was made from; a signature names its file as the parent.
            alpha: (H, W) uint8, or None.

        Returns:
            The file's bytes; the same for the same input unless they are signed.

        Raises:
            InvalidInput: If it cannot be encoded or signed.
            MissingExtra: If it is to be signed and the packages for that are not installed.
        """
        metadata = metadata_of(label) if self.labels or self.identity else None
        data = encode_picture(pixels, suffix, alpha, metadata)
        if self.identity is None:
            return data
        return self.identity.sign(data, suffix=suffix, label=label, source=source)

    def write(
        self,
        target: Path,
        pixels: RGBImage,
        label: PictureLabel,
        source: Picture,
        alpha: npt.NDArray[np.uint8] | None = None,
    ) -> str:
        """Write one delivered picture whole or not at all.

        Args:
            target: Where to, with the suffix of its format.
            pixels: As of `encode`, and so are the others.
            label: What was done.
            source: The picture that it was made from.
            alpha: (H, W) uint8, or None.

        Returns:
            SHA-256 of the written bytes, in hex.

        Raises:
            InvalidInput: If it cannot be encoded, signed or written.
            MissingExtra: If it is to be signed and the packages for that are not installed.
        """
        return write_encoded(target, self.encode(pixels, target.suffix, label, source, alpha))
