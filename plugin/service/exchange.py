"""What comes into a job and what goes out of it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

__all__ = ["Done", "Upload"]


@dataclass(frozen=True, slots=True, eq=False)
class Upload:
    """A picture as it was sent.

    Attributes:
        data: The file's bytes.
        field: The form field that held it.
        name: The client's own file name, printable, or None.
    """

    data: bytes
    field: str
    name: str | None

    @property
    def shown(self) -> str:
        """What to call it in errors."""
        return f"the field {self.field}"

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """What a job gave.

    Attributes:
        size: Width and height of the picture that was sent, in px.
        faces: One record a face, largest first.
        png: The delivered picture, None where none was asked for.
        png_size: Its width and height in px.
        before_size: Of the picture before, where two were sent.
    """

    size: tuple[int, int]
    faces: tuple[dict[str, Any], ...]
    png: bytes | None = None
    png_size: tuple[int, int] = (0, 0)
    before_size: tuple[int, int] = (0, 0)

    def image(self) -> dict[str, Any] | None:
        """The delivered picture as plain data, in base64."""
        if self.png is None:
            return None
        return {
            "media_type": "image/png",
            "width_px": self.png_size[0],
            "height_px": self.png_size[1],
            "sha256": hashlib.sha256(self.png).hexdigest(),
            "base64": base64.b64encode(self.png).decode("ascii"),
        }
