"""Where a restorer's weights file lies: given by the caller, or in the weights store."""

from __future__ import annotations

from pathlib import Path

from ..core.errors import InvalidInput, WeightsMissing

__all__ = ["locate_weights", "refuse_weights"]


def locate_weights(name: str, given: Path | None) -> Path:
    """Find a weights file.

    Args:
        name: Registered name in the weights store.
        given: A file of the caller's own, used instead; its hash is not checked.

    Returns:
        Path of a file that is there.

    Raises:
        WeightsMissing: If it is not there; the message holds the line that brings it.
        ChecksumMismatch: If the stored file is not the registered one.
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
