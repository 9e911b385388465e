"""Where a restorer's weights file lies: given by the caller, or in the weights store."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from ..core.errors import InvalidInput, WeightsMissing

__all__ = ["locate_weights", "refuse_weights", "require_trusted_files"]


def locate_weights(name: str, given: Path | None, trust: bool = False) -> Path:
    """Find a weights file.

    Args:
        name: Registered name in the weights store.
        given: A file of the caller's own, used instead.
        trust: Whether the caller vouches for it.

    Returns:
        Path of a file that is there.

    Raises:
        WeightsMissing: If it is not there; the message holds the line that brings it.
        ChecksumMismatch: If the stored file is not the registered one.
        UntrustedWeights: If the given one is no registered file and nobody vouches for it.
    """
    if given is None:
        from ..core.weights import WeightsStore

        return WeightsStore().require(name)
    path = Path(given)
    if not path.is_file():
        raise WeightsMissing(
            f"expected a weights file at {path}, found none; give another path, "
            f"or run: facefidelity models pull {name}"
        )
    from ..core.weights import require_trusted

    require_trusted(path, trust)
    return path


def refuse_weights(restorer: str, given: Path | None) -> None:
    """Refuse a weights file for a restorer that has none.

    Raises:
        InvalidInput: If a file was given.
    """
    if given is not None:
        raise InvalidInput(
            f"the restorer {restorer} has no weights, got {given}; leave the option away"
        )


def require_trusted_files(settings: BaseModel, trust: bool) -> None:
    """Refuse settings that name a weights file of unknown source, before anything is restored.

    Args:
        settings: Of any restorer; those with a field ``path`` name a file by it.
        trust: Whether the caller vouches for it.

    Raises:
        UntrustedWeights: If its hash is not registered and nobody vouches for it.
    """
    path = getattr(settings, "path", "")
    if isinstance(path, str) and path and Path(path).is_file():
        from ..core.weights import require_trusted

        require_trusted(Path(path), trust)
