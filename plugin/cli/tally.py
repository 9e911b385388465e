"""Counts and prints what a batch of ``restore`` gives, picture by picture."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .formats import OutputFormat, print_json_line
from .options import complain, show_table

if TYPE_CHECKING:
    from ..batch.local import PictureOutcome
    from ..review.overrides import Override
    from ..review.overrides_file import OverrideBook

__all__ = ["Tally"]

_MOST_ROWS: Final = 200
"""Faces in the table; there may be any number, and memory does not grow with them."""


class Tally:
    """Counts and prints while the batch runs.

    Args:
        format_: What goes to stdout.
        overrides: What people decided; what fits no input is named at the end.
    """

    def __init__(self, format_: OutputFormat, overrides: OverrideBook | None = None) -> None:
        self._json = format_ is OutputFormat.json
        self._waiting = dict(overrides) if overrides else {}
        self._rows: list[tuple[str, ...]] = []
        self._decisions: Counter[str] = Counter()
        self._pictures = 0
        self._earlier = 0
        self._faces = 0
        self.failed = 0

    def add(self, outcome: PictureOutcome) -> None:
        """Count one picture, name what failed, and print its lines."""
        from ...core.images import printable_path

        name = printable_path(outcome.plan.source)
        if outcome.error is not None:
            self.failed += 1
            complain(name, outcome.error)
            return
        self._pictures += 1
        self._name_overrides(name, outcome)
        if outcome.earlier:
            self._earlier += 1
            return
        if not outcome.records:
            self._show((name, "-", "no face found", "", "", "", "nothing to restore"))
        self.failed += any(record["decision"] == "FAILED" for record in outcome.records)
        for record in outcome.records:
            if record["decision"] == "FAILED":
                complain(name, f"face {record['face']}: {record['detail']}")
            else:
                _name_failed_candidates(name, record)
            self._decisions[record["delivered"]] += 1
            self._show(_row(name, record))
            if self._json:
                print_json_line(**record)

    def _show(self, row: tuple[str, ...]) -> None:
        self._faces += 1
        if len(self._rows) < _MOST_ROWS:
            self._rows.append(row)

    def _name_overrides(self, name: str, outcome: PictureOutcome) -> None:
        """Name every override of this picture that was not honoured; tick off all of them."""
        for override, problem in outcome.ignored:
            self._not_followed(name, override, problem)
        for place in [place for place in self._waiting if place.input_sha256 == outcome.sha256]:
            del self._waiting[place]

    def _not_followed(self, name: str, override: Override, problem: str) -> None:
        self.failed += 1
        decided = override.decision.value
        complain(name, f"face {override.face}: the override {decided} was not followed, {problem}")

    def finish(self, output: Path, report: bool) -> None:
        """Name what is left over, and print the table.

        Args:
            output: The output folder.
            report: Whether there is a report in it.
        """
        for one in self._waiting.values():
            place = one.path or one.input_sha256
            self._not_followed(place, one, "no input has the bytes that it was given for")
        if self._json:
            return
        columns = ("picture", "face", "decision", "blend", "overall", "risk", "why")
        show_table("Faces", columns, self._rows)
        if self._faces > len(self._rows):
            print(f"and {self._faces - len(self._rows)} more, all in decisions.jsonl")
        counted = sorted(self._decisions.items())
        counts = ", ".join(f"{n} {name}" for name, n in counted) or "no face"
        earlier = f" ({self._earlier} done earlier)" if self._earlier else ""
        print(f"{self._pictures} pictures{earlier}: {counts}; {self.failed} failed")
        print(f"results in {output}, decisions in {output / 'decisions.jsonl'}")
        if report:
            print(f"report in {output / 'report.html'}")


def _name_failed_candidates(name: str, record: dict[str, Any]) -> None:
    """Name what failed beside what did not: it is no failure of the face."""
    for attempt in record["candidates"]:
        if attempt["decision"] == "FAILED":
            complain(name, f"face {record['face']}: a candidate failed: {attempt['detail']}")


def _row(name: str, record: dict[str, Any]) -> tuple[str, ...]:
    before, after = record["scores_before"], record["scores_after"]
    overall = f"{before['overall']:.0f} > {after['overall']:.0f}" if before else ""
    risk = "" if record["identity_risk"] is None else f"{record['identity_risk']:.2f}"
    share = (record["override"] or {}).get("share") or record["blend"]
    blend = f"{share:.2f}" if share and record["delivered"] == "BLEND" else ""
    why = ", ".join(record["reasons"])
    if record["override"]:
        why = f"a person decided so; the guard: {record['decision']}, {why}"
    return (name, str(record["face"]), record["delivered"], blend, overall, risk, why)
