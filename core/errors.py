"""Every error that facefidelity raises on purpose, as one small tree.

A message says three things: what was expected, what came, what to do. Code outside this
module raises these types only; it never invents a new root. No face found is a result,
not an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "ChecksumMismatch",
    "DetectorFailed",
    "DownloadFailed",
    "EmbedderMismatch",
    "FaceFidelityError",
    "InvalidInput",
    "JobOverdue",
    "MissingExtra",
    "NotRegistered",
    "RestorerDidNothing",
    "RestorerFailed",
    "RestorerOutputInvalid",
    "RestorerTimedOut",
    "UnsupportedWeights",
    "UntrustedWeights",
    "WeightsMissing",
    "WorkStopped",
    "WorkerFailed",
    "WriteFailed",
]


class FaceFidelityError(Exception):
    """Root of everything that facefidelity raises on purpose."""


class InvalidInput(FaceFidelityError, ValueError):
    """A picture, an array, a setting or a file cannot be used as it is."""


class NotRegistered(FaceFidelityError, LookupError):
    """A name is not in a registry; the message names the close matches."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        """Build the message.

        Args:
            kind: What was looked up, in words ("restorer", "policy").
            name: The name that was asked for.
            known: Every name that would have worked.
        """
        names = sorted(known)
        self._parts = (kind, name, names)
        close = get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(names)}"
        super().__init__(f"no {kind} is called {name!r}; {hint}")

    def __reduce__(self) -> tuple[type[NotRegistered], tuple[str, str, list[str]]]:
        # Pickled by its parts: an error crosses from a worker process to its parent.
        return type(self), self._parts


class WeightsMissing(FaceFidelityError, FileNotFoundError):
    """A weights file is not on this machine; the message holds the line that brings it."""


class DownloadFailed(FaceFidelityError, OSError):
    """A download did not end well; what arrived is kept as ``.part`` for the next try."""


class ChecksumMismatch(FaceFidelityError):
    """A file is there but its size or SHA-256 is not the registered one."""


class UnsupportedWeights(FaceFidelityError):
    """A weights file is whole but is not what its loader can read safely."""


class UntrustedWeights(InvalidInput):
    """A weights file is none that facefidelity knows, and nobody said that it is trusted."""


class RestorerFailed(FaceFidelityError):
    """A restorer raised, hung, or returned something that is not a restored face."""


class RestorerOutputInvalid(RestorerFailed):
    """A restorer returned something that is not a restored face."""


class RestorerDidNothing(RestorerOutputInvalid):
    """A restorer returned its input, within one grey level."""


class RestorerTimedOut(RestorerFailed):
    """A restorer did not finish within its time limit."""


class WriteFailed(FaceFidelityError, OSError):
    """A record cannot be written: the disk is full or refuses."""


class JobOverdue(FaceFidelityError, TimeoutError):
    """A job was stopped between two faces: the time that it was given is over."""


class WorkStopped(FaceFidelityError):
    """Long work was stopped by whoever asked for it; what it had measured is kept."""


class WorkerFailed(FaceFidelityError):
    """A process that was to do the work of a batch does not start."""


class DetectorFailed(FaceFidelityError):
    """The face detector itself failed (not: found nothing)."""


class EmbedderMismatch(FaceFidelityError):
    """Two embeddings of different embedders were compared."""


class MissingExtra(FaceFidelityError, ImportError):
    """An optional part is not installed; the message names the pip extra."""

    def __init__(self, what: str, extra: str) -> None:
        """Build the message.

        Args:
            what: What was asked for, in words ("the gfpgan restorer").
            extra: Name of the pip extra that brings it.
        """
        self._parts = (what, extra)
        super().__init__(
            f"{what} needs packages that are not installed; "
            f"run: pip install 'facefidelity[{extra}]'"
        )

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[str, str]]:
        return type(self), self._parts
