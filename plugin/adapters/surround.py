"""Puts a guard that exists around another restorer, as the adapters need it for every call."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, Literal, TypeAlias

from ...core.errors import InvalidInput, RestorerFailed
from ...core.protocols import Restorer
from ...guards.policy import Policy
from ...guards.verdict import Decision, Verdict
from ..candidates import make_candidates
from ..pipeline import Guard

__all__ = ["OnFailure", "choose_guard", "guard_around", "report_verdicts", "require_on_failure"]

OnFailure: TypeAlias = Literal["keep", "raise"]
"""What a failed restoration becomes: the untouched face with its verdict, or RestorerFailed."""


def choose_guard(guard: Guard | None, policy: str | Policy | None, **options: Any) -> Guard:
    """The guard that was given, or a new one.

    Args:
        guard: A guard; its restorer is not used.
        policy: Name, path or `Policy` of a new guard, None for "balanced".
        **options: Further options of a new guard; None leaves one at its default.

    Raises:
        InvalidInput: If both a guard and options were given.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if guard is None:
        return Guard("classical", policy="balanced" if policy is None else policy, **given)
    if policy is not None or given:
        named = ", ".join([*(["policy"] if policy is not None else []), *given])
        raise InvalidInput(f"expected a guard or its options, got both: guard and {named}")
    return guard


def guard_around(
    guard: Guard, restorer: Restorer, settings: Mapping[str, Any] | None = None
) -> Guard:
    """The same judge, policy, detector and limits around another restorer.

    Args:
        guard: Is not changed.
        restorer: An object with the `Restorer` protocol.
        settings: Its settings.
    """
    around = copy(guard)
    around.candidates = make_candidates([(restorer, {k: [v] for k, v in (settings or {}).items()})])
    return around


def require_on_failure(on_failure: str) -> None:
    """Refuse what is neither "keep" nor "raise".

    Raises:
        InvalidInput: If it is not.
    """
    if on_failure not in ("keep", "raise"):
        raise InvalidInput(f'expected on_failure as "keep" or "raise", got {on_failure!r}')


def report_verdicts(name: str, verdicts: Sequence[Verdict], on_failure: OnFailure) -> None:
    """Log every verdict; nothing that was not restored goes by unsaid.

    Args:
        name: Name of the adapter.
        verdicts: One per face.
        on_failure: "raise" turns the first FAILED into an error.

    Raises:
        RestorerFailed: If a restoration failed and `on_failure` is "raise".
    """
    log = logging.getLogger(f"facefidelity.{name}")
    for number, verdict in enumerate(verdicts):
        lost = verdict.decision in (Decision.FAILED, Decision.NOT_ASSESSABLE)
        detail = f" ({verdict.detail})" if verdict.detail else ""
        level = logging.WARNING if lost else logging.INFO
        log.log(level, "face %d: %s%s", number, verdict.sentence, detail)
    failed = [verdict for verdict in verdicts if verdict.decision is Decision.FAILED]
    if failed and on_failure == "raise":
        raise RestorerFailed(
            f"{name}: expected a restored face, got none ({failed[0].detail}); "
            'on_failure="keep" delivers the untouched face and its verdict instead'
        )
