"""Begins a batch, or goes on with one: what the journal says is done, and what is left to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from ...core.errors import InvalidInput
from ...core.images import printable_path
from ...core.weights.verification import sha256_of
from .facts import differing_facts
from .folder import remove_announced, remove_parts, set_aside
from .journal import Journal
from .journal_file import JOURNAL_NAME
from .journal_rows import ChainedRow, Row
from .plan import PlannedPicture
from .stores import StoreUrl, source_sha256
from .worked import BatchFacts, picture_names, record_text

__all__ = ["begin_batch", "finished_row"]


def begin_batch(
    plans: Sequence[PlannedPicture],
    log: Path,
    facts: BatchFacts,
    *,
    resume: bool = False,
    redact: bool = False,
) -> Journal:
    """Open the journal of an output folder and clear away what a kill left there.

    Without `resume`, journal and decisions of an earlier batch are kept as ``*.previous.*``.

    Args:
        plans: The whole batch.
        log: decisions.jsonl in the output folder.
        facts: What decides the results.
        resume: Go on with the batch that the journal tells of; where there is none, begin one.
        redact: Keep file names out of the journal.

    Returns:
        The journal, with the row of this session.

    Raises:
        InvalidInput: If the batch was begun with other settings or weights, or the file in the
            journal's place is none.
        WriteFailed: If the disk refuses.
    """
    path = log.with_name(JOURNAL_NAME)
    if not resume and path.exists():
        Journal(path).close()  # brings what a kill left in the WAL into the file
        set_aside(path)
    journal = Journal(path)
    with ExitStack() as undo:
        undo.callback(journal.close)
        then = journal.facts()
        if then is None:
            set_aside(log)
            journal.add([Row("batch", record=record_text(asdict(facts)))])
        elif differing := differing_facts(then, facts):
            raise InvalidInput(
                f"expected the batch's own settings to go on with it, got {_told(differing)}; "
                "give the same as before, or leave --resume away to begin anew"
            )
        _clear(plans, log.parent, journal, redact)
        journal.add([Row("session", record=record_text(_session(plans, facts, redact)))])
        undo.pop_all()
    return journal


def finished_row(
    journal: Journal, plan: PlannedPicture, out: Path, *, redact: bool = False
) -> ChainedRow | None:
    """The row of a picture that is done: whole result there, input and result as they were.

    Returns:
        None where it is to be done, once more or for the first time.
    """
    found = journal.latest(*picture_names(plan, out, redact=redact))
    if found is None or found.row.verdict != "DONE" or plan.problem is not None:
        return None
    same = _is(plan.target, found.row.output_sha256) and _is(plan.source, found.row.input_sha256)
    return found if same else None


def _clear(plans: Sequence[PlannedPicture], out: Path, journal: Journal, redact: bool) -> None:
    remove_parts([out, *{plan.target.parent for plan in plans}])
    announced = journal.announced()
    if announced:
        known = {picture_names(one, out, redact=redact)[1]: one.target for one in plans}
        remove_announced(out, announced, known)
        journal.forget_announced()


def _session(plans: Sequence[PlannedPicture], facts: BatchFacts, redact: bool) -> dict[str, object]:
    """When, where and with which libraries this run began; of no weight in the digest."""
    return {
        "began": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "folder": "" if redact else printable_path(Path.cwd()),
        "pictures": len(plans),
        "process": os.getpid(),
        "versions": facts.versions,
    }


def _is(path: Path | StoreUrl, sha256: str | None) -> bool:
    if isinstance(path, StoreUrl):
        return sha256 is not None and source_sha256(path) == sha256
    try:
        return sha256 is not None and path.is_file() and sha256_of(path) == sha256
    except OSError:
        return False


def _told(differing: Sequence[str]) -> str:
    shown = "; ".join(differing[:3])
    return f"{shown} and {len(differing) - 3} more" if len(differing) > 3 else shown
