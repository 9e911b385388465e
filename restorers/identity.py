"""The restorer that restores nothing: for tests of everything that must notice."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import BaseModel

from ..core.protocols import RestorerInfo, RGBImage
from .frames import check_face
from .settings import NoSettings, require_settings
from .weights_file import refuse_weights

__all__ = ["INFO", "IdentityRestorer"]

INFO: Final = RestorerInfo(
    name="identity",
    kind="test",
    input_size=0,
    settings=NoSettings,
    licence="Apache-2.0 (no weights)",
    commercial_use="yes",
    summary="returns its input; a guard must call it failed",
)


class IdentityRestorer:
    """Returns a copy of its input."""

    def __init__(self, weights: Path | None = None) -> None:
        """Build it.

        Args:
            weights: Must be None.

        Raises:
            InvalidInput: If a weights file is given.
        """
        refuse_weights(INFO.name, weights)

    @property
    def info(self) -> RestorerInfo:
        """What it is."""
        return INFO

    def restore(self, face: RGBImage, settings: BaseModel) -> RGBImage:
        """Copy the face.

        Args:
            face: (S, S, 3) uint8 RGB.
            settings: ``NoSettings``.

        Returns:
            (S, S, 3) uint8 RGB, equal to ``face``.

        Raises:
            InvalidInput: If the face or the settings are of the wrong kind.
        """
        require_settings(INFO, settings)
        return check_face(face).copy()
