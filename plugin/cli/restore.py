"""``facefidelity restore``: guard the restoration of pictures."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from .formats import FormatOption, OutputFormat, print_json_line
from .options import (
    AlignedOption,
    CandidatesOption,
    InputsArgument,
    MinFaceOption,
    OnlyCenterOption,
    PolicyOption,
    ReferenceOption,
    complain,
    parse_pairs,
    show_table,
    tracked,
)

if TYPE_CHECKING:
    from ..batch.local import PictureOutcome
    from ..report import ReportWriter

__all__ = ["restore"]

_RESTORERS: Final = (  # written out, so that --help loads nothing
    "realesrgan, classical, gfpgan-1.4, gfpgan-1.3, restoreformer, onnx, gfpgan-1.4-onnx, "
    "codeformer-onnx, gpen-512-onnx"
)


def restore(
    inputs: InputsArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the results.", readable=False)
    ],
    restorer: Annotated[
        str, typer.Option("--restorer", metavar="NAME", help=f"One of: {_RESTORERS}.")
    ] = "realesrgan",
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting of it.")
    ] = None,
    candidates: CandidatesOption = None,
    policy: PolicyOption = "balanced",
    reference: ReferenceOption = None,
    report: Annotated[bool, typer.Option("--report", help="Also write report.html.")] = False,
    aligned: AlignedOption = False,
    only_center_face: OnlyCenterOption = False,
    min_face: MinFaceOption = 0,
    upscale: Annotated[
        int, typer.Option("--upscale", min=1, max=8, help="Whole factor by which pictures grow.")
    ] = 1,
    ext: Annotated[str, typer.Option("--ext", help="Suffix of the results.")] = ".png",
    time_limit: Annotated[
        float, typer.Option("--time-limit", min=0.1, metavar="SECONDS", help="For one face.")
    ] = 120.0,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Restore every face, judge it, and deliver only what is still the person.

    Writes each picture under its own name, decisions.jsonl (one line a face) and, with
    --report, one self-contained HTML page.

    Example: facefidelity restore photos/ -o restored --report --policy strict
    """
    from ..batch.local import guard_pictures
    from ..batch.plan import plan_batch
    from ..pipeline import Guard
    from .page import ReportPage
    from .references import enrol_files

    suffix = "." + ext.lower().lstrip(".")
    guard = Guard(
        restorer,
        settings=parse_pairs(setting or []),
        candidates=candidates,
        policy=policy,
        min_face_px=min_face,
        only_center_face=only_center_face,
        time_limit_seconds=time_limit,
    )
    known = enrol_files(guard, reference)
    plans = plan_batch(inputs, output, suffix)
    place = output / "report.html" if report else None
    page = ReportPage(place, "Guarded restoration", guard.policy)
    log, tally = output / "decisions.jsonl", _Tally(format)
    outcomes = guard_pictures(plans, guard, log, aligned=aligned, upscale=upscale, references=known)
    try:
        for outcome in tracked(outcomes, plans, "restoring"):
            tally.add(outcome)
            page.add(partial(_report, outcome=outcome))
    finally:  # also when stopped half-way
        page.finish()
    tally.finish(output, report and not page.failed)
    return 1 if tally.failed or page.failed else 0


def _report(writer: ReportWriter, outcome: PictureOutcome) -> None:
    source = str(outcome.plan.source)
    if outcome.result is None:
        writer.add_failure(source, outcome.error or "")
    else:
        writer.add_picture(source, str(outcome.plan.target), outcome.result, before=outcome.before)


class _Tally:
    """Counts and prints while the batch runs."""

    def __init__(self, format_: OutputFormat) -> None:
        self._json = format_ is OutputFormat.json
        self._rows: list[tuple[str, ...]] = []
        self._decisions: Counter[str] = Counter()
        self._pictures = 0
        self.failed = 0

    def add(self, outcome: PictureOutcome) -> None:
        from ...core.images import printable_path

        name = printable_path(outcome.plan.source)
        if outcome.error is not None:
            self.failed += 1
            complain(name, outcome.error)
            return
        self._pictures += 1
        if not outcome.records:
            self._rows.append((name, "-", "no face found", "", "", "", "nothing to restore"))
        self.failed += any(record["decision"] == "FAILED" for record in outcome.records)
        for record in outcome.records:
            if record["decision"] == "FAILED":
                complain(name, f"face {record['face']}: {record['detail']}")
            else:
                _name_failed_candidates(name, record)
            self._decisions[record["decision"]] += 1
            self._rows.append(_row(name, record))
            if self._json:
                print_json_line(**record)

    def finish(self, output: Path, report: bool) -> None:
        if self._json:
            return
        columns = ("picture", "face", "decision", "blend", "overall", "risk", "why")
        show_table("Faces", columns, self._rows)
        counts = (
            ", ".join(f"{n} {name}" for name, n in sorted(self._decisions.items())) or "no face"
        )
        print(f"{self._pictures} pictures: {counts}; {self.failed} failed")
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
    blend = f"{record['blend']:.2f}" if record["blend"] else ""
    why = ", ".join(record["reasons"])
    return (name, str(record["face"]), record["decision"], blend, overall, risk, why)
