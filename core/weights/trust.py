"""Which weights files are loaded: registered ones, and those that somebody vouches for.

A network is a program for its runtime. A wrong one can crash it, fill the memory, or give faces
that its author chose; nothing in the file shows that.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ..errors import UntrustedWeights, WeightsMissing
from .registry import registered_weights
from .verification import sha256_of

__all__ = ["require_trusted"]


def require_trusted(path: Path, trust: bool) -> None:
    """Refuse a weights file from an unknown source, before a byte of it is parsed.

    Args:
        path: The file.
        trust: Whether the caller vouches for it.

    Raises:
        UntrustedWeights: If it has no registered SHA-256 and nobody vouches for it.
        WeightsMissing: If it cannot be read.
    """
    if trust:
        return
    try:
        digest = _sha256(path, path.stat().st_mtime_ns, path.stat().st_size)
    except OSError as error:
        raise WeightsMissing(
            f"expected a weights file at {path}, got an error "
            f"({error.strerror or error}); give its path"
        ) from error
    if digest in {file.sha256 for file in registered_weights()}:
        return
    raise UntrustedWeights(
        f"expected weights that facefidelity knows, got {path} with the unknown "
        f"SHA-256 {digest[:16]}; a network from an unknown source can crash its runtime or put "
        "in faces of its own, so say --trust (in Python trust=True) if you know where it is from"
    )


@lru_cache(maxsize=64)
def _sha256(path: Path, changed_ns: int, size_bytes: int) -> str:
    """Hash of one state of a file; asked again for the same state it is not read again."""
    del changed_ns, size_bytes
    return sha256_of(path)
