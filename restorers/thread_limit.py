"""How many threads a network may use: what the environment says, as OpenMP programs heed it.

A batch with several worker processes sets the variable in each, so that they share the cores.
"""

from __future__ import annotations

import os
from typing import Final

__all__ = ["thread_limit"]

_VARIABLE: Final = "OMP_NUM_THREADS"


def thread_limit() -> int | None:
    """The number in OMP_NUM_THREADS; None where it says none."""
    word = os.environ.get(_VARIABLE, "").split(",")[0].strip()
    return int(word) if word.isdecimal() and int(word) > 0 else None
