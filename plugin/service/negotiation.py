"""Which form of an answer a client prefers: the header Accept, as RFC 9110 means it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from starlette.exceptions import HTTPException

__all__ = ["JSON_TYPE", "PNG_TYPE", "preferred_type"]

JSON_TYPE: Final = "application/json"
PNG_TYPE: Final = "image/png"


def preferred_type(accept: str | None, offered: Sequence[str] = (JSON_TYPE, PNG_TYPE)) -> str:
    """Choose the form of an answer.

    Args:
        accept: The header; None where there was none.
        offered: What there is to choose from.

    Returns:
        The type that the client likes best; of equals the first that is offered.

    Raises:
        HTTPException: 406 if it takes none of them.
    """
    wishes = list(_wishes(accept or "*/*"))
    best, chosen = 0.0, None
    for kind in offered:
        liking = _liking(kind, wishes)
        if liking > best:
            best, chosen = liking, kind
    if chosen is None:
        raise HTTPException(406, f"expected {' or '.join(offered)} in the header Accept")
    return chosen


def _liking(kind: str, wishes: list[tuple[str, float]]) -> float:
    """Weight of the most specific range that holds a type; 0 where none does."""
    for wanted in (kind, kind.partition("/")[0] + "/*", "*/*"):
        weights = [weight for name, weight in wishes if name == wanted]
        if weights:
            return max(weights)
    return 0.0


def _wishes(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = _weight(parameter[2:])
        if name:
            yield name, weight


def _weight(text: str) -> float:
    """A weight in 0..1; what is none counts as 0."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0.0 <= value <= 1.0 else 0.0
