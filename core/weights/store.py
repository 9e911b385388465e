"""The folder in which weights files lie, and the only way to get a path to one.

``require`` gives a path only when the file has its registered size and SHA-256. The store never
deletes or overwrites a file that stands under a registered name.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Final

from ..errors import ChecksumMismatch, InvalidInput, WeightsMissing
from .download import download
from .lock import exclusive
from .part import PartFile, disk_failure
from .registry import WeightsFile, find_weights, registered_weights
from .transfer import DownloadLimits, Progress
from .verification import VerificationRecord

__all__ = ["HOME_VARIABLE", "WeightsState", "WeightsStore", "default_root"]

HOME_VARIABLE: Final = "FACEFIDELITY_HOME"
"""Environment variable that moves everything facefidelity keeps on a machine."""


class WeightsState(Enum):
    """What stands under a registered name."""

    MISSING = "missing"
    PARTIAL = "partial"
    """An unfinished download that the next pull resumes."""
    PRESENT = "present"
    """There, with the registered size and SHA-256."""
    CORRUPT = "corrupt"
    """There, but not the registered file, or unreadable."""


def default_root() -> Path:
    """Folder of the weights: ``$FACEFIDELITY_HOME/weights`` or the user's cache folder.

    It is not created.
    """
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home).expanduser().absolute() / "weights"
    from platformdirs import user_cache_path

    return user_cache_path("facefidelity", appauthor=False) / "weights"


class WeightsStore:
    """Finds, checks and downloads registered weights files.

    Attributes:
        root: The folder. It is created by the first ``pull``, not before.
        files: What the store knows.
    """

    def __init__(
        self,
        root: Path | None = None,
        files: Iterable[WeightsFile] | None = None,
        limits: DownloadLimits | None = None,
        patience_seconds: float = 3600.0,
    ) -> None:
        """Name the folder; nothing is read or created yet.

        Args:
            root: The folder, or None for :func:`default_root`.
            files: What the store knows, or None for every registered file.
            limits: How patient downloads are, or None for the defaults.
            patience_seconds: How long ``pull`` waits for another process that pulls the same file.
        """
        self.root = Path(root).absolute() if root is not None else default_root()
        self.files = tuple(files) if files is not None else registered_weights()
        self._limits = limits or DownloadLimits()
        self._patience_seconds = patience_seconds
        self._record = VerificationRecord(self.root / "verified.json")

    def path(self, name: str) -> Path:
        """Where a file belongs, whether it is there or not.

        Raises:
            NotRegistered: If the name is unknown.
        """
        return self.root / self._file(name).name

    def require(self, name: str) -> Path:
        """Path of a file that is there and was checked.

        The file is hashed when it is new or has changed since it was last hashed.

        Raises:
            NotRegistered: If the name is unknown.
            WeightsMissing: If it is not there; the message holds the line that brings it.
            ChecksumMismatch: If its size or SHA-256 is wrong; it is left as it is.
            InvalidInput: If it cannot be read.
        """
        return self._checked(self._file(name), fresh=False)

    def verify(self, name: str) -> Path:
        """Hash a file now, whatever was remembered of it, and remember the result.

        Raises:
            NotRegistered: If the name is unknown.
            WeightsMissing: If it is not there.
            ChecksumMismatch: If its size or SHA-256 is wrong; it is left as it is.
            InvalidInput: If it cannot be read.
        """
        return self._checked(self._file(name), fresh=True)

    def state(self, name: str) -> WeightsState:
        """What stands under a name; hashes a file that is new or has changed.

        Raises:
            NotRegistered: If the name is unknown.
        """
        file = self._file(name)
        try:
            self._checked(file, fresh=False)
        except WeightsMissing:
            partial = PartFile(self.root / file.name).size_bytes() > 0
            return WeightsState.PARTIAL if partial else WeightsState.MISSING
        except (ChecksumMismatch, InvalidInput):
            return WeightsState.CORRUPT
        return WeightsState.PRESENT

    def pull(self, name: str, progress: Progress | None = None) -> Path:
        """Bring a file here unless it is here already, resuming an unfinished download.

        Args:
            name: Registered name.
            progress: Called with (bytes here, bytes in all).

        Returns:
            Path of the checked file.

        Raises:
            NotRegistered: If the name is unknown.
            DownloadFailed: If it could not be brought; what arrived is kept and resumed next time.
            ChecksumMismatch: If what arrived, or what already stood there, is another file.
            InvalidInput: If what already stood there cannot be read.
        """
        file = self._file(name)
        final = self.root / file.name
        if os.path.lexists(final):
            return self._checked(file, fresh=False)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_failure(error, final) from error
        with exclusive(self.root / f".{file.name}.lock", self._patience_seconds):
            if not os.path.lexists(final):
                download(file, final, self._limits, progress)
        return self._checked(file, fresh=False)

    def _file(self, name: str) -> WeightsFile:
        return find_weights(name, self.files)

    def _checked(self, file: WeightsFile, *, fresh: bool) -> Path:
        path = self.root / file.name
        if not os.path.lexists(path):
            raise WeightsMissing(
                f"weights file {file.name!r} is not on this machine; "
                f"run: facefidelity models pull {file.name} "
                f"(offline: fetch {file.url} elsewhere and place it at {path})"
            )
        try:
            came = self._difference(file, path, fresh=fresh)
        except OSError as error:
            raise InvalidInput(
                f"cannot read weights file {path}: {error.strerror or error}; make it a readable "
                f"file, or move it away and run: facefidelity models pull {file.name}"
            ) from error
        if came is not None:
            raise ChecksumMismatch(
                f"{path} is not the registered {file.name}: expected {file.size_bytes:,} bytes "
                f"with SHA-256 {file.sha256}, got {came}; it was left as it is: move it away, "
                f"then run: facefidelity models pull {file.name}"
            )
        return path

    def _difference(self, file: WeightsFile, path: Path, *, fresh: bool) -> str | None:
        """What came instead of the registered file, or None when it is that file."""
        size_bytes = path.stat().st_size
        if not path.is_file():
            return "something that is not a file"
        if size_bytes != file.size_bytes:
            return f"{size_bytes:,} bytes"
        digest = self._record.sha256(path, fresh=fresh)
        return None if digest == file.sha256 else f"SHA-256 {digest}"
