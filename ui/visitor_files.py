"""What visitors bring beside single pictures: by which name it is known, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ..core.errors import InvalidInput
from ..plugin.cameras.profiles import OpenedProfile, open_profile
from ..restorers.registry import restorer_info
from .settings_controls import restorer_choices

__all__ = ["pictures_by_name", "visitor_profile", "visitor_restorers"]


def visitor_restorers() -> frozenset[str]:
    """Names of the restorers that a visitor may run: none that takes a path."""
    return frozenset(name for _, name in restorer_choices())


def visitor_profile(path: Path) -> OpenedProfile:
    """Open a camera profile that a visitor uploaded.

    Raises:
        InvalidInput: If it is no profile, or its restorer is not a visitor's to run.
    """
    opened = open_profile(path)
    name = restorer_info(opened.profile.restorer).name
    if name not in visitor_restorers():
        raise InvalidInput(
            f"expected a profile whose restorer the page offers, got {name}, which reads a file "
            "that a visitor may not name; use it on the command line"
        )
    return opened


def pictures_by_name(paths: Iterable[str]) -> Mapping[str, Path]:
    """Uploads by their file names.

    Raises:
        InvalidInput: If two different ones have one name.
    """
    found: dict[str, Path] = {}
    for path in map(Path, paths):
        if found.setdefault(path.name, path) != path:
            raise InvalidInput(
                f"expected pictures of different names, got two called {path.name}; rename one"
            )
    return found
