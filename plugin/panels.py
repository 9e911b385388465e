"""Two panels side by side in one picture, as the results of a measurement are drawn here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..core.errors import MissingExtra, WriteFailed

__all__ = ["two_panels"]


@contextmanager
def two_panels(path: Path, extra: str) -> Iterator[tuple[Any, Any]]:
    """Two matplotlib axes to draw on; the picture is written when the block ends.

    Args:
        path: Where to.
        extra: Which extra of the package brings matplotlib to who draws this.

    Raises:
        MissingExtra: If matplotlib is not installed.
        WriteFailed: If the picture cannot be written.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("drawing plots", extra) from error
    style: dict[Any, Any] = {"axes.spines.right": False, "axes.spines.top": False, "font.size": 10}
    with mpl.rc_context(style):
        figure = Figure(figsize=(11, 4.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        yield left, right
        try:
            figure.savefig(path, dpi=130, metadata={"Software": None})
        except (OSError, ValueError) as error:
            raise WriteFailed(
                f"expected to be able to write {path}, got an error ({error}); name a PNG in a "
                "folder that can be written"
            ) from error
