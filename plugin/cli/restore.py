"""``facefidelity restore``: guard the restoration of pictures."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from .cameras import CameraOption, GuardChoice, StrictProfileOption, open_guard, some_guard
from .formats import FormatOption, OutputFormat, print_json_line
from .options import (
    AlignedOption,
    CandidatesOption,
    InputsArgument,
    MinFaceOption,
    OnlyCenterOption,
    OverridesOption,
    PolicyOption,
    ReferenceOption,
    complain,
    show_table,
    tracked,
)

if TYPE_CHECKING:
    from ..batch.local import PictureOutcome
    from ..report import ReportWriter
    from ..review.overrides import Override
    from ..review.overrides_file import OverrideBook

__all__ = ["restore"]

_RESTORERS: Final = (  # written out, so that --help loads nothing
    "realesrgan, classical, gfpgan-1.4, gfpgan-1.3, restoreformer, codeformer, spandrel, onnx, "
    "gfpgan-1.4-onnx, codeformer-onnx, gpen-512-onnx, gpen-256-onnx"
)

OutputOption: TypeAlias = Annotated[
    Path, typer.Option("-o", "--output", help="Folder for the results.", readable=False)
]
RestorerOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--restorer",
        metavar="NAME",
        help=f"One of: {_RESTORERS}.",
        show_default="realesrgan",
    ),
]
SettingOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting of it.")
]
UpscaleOption: TypeAlias = Annotated[
    int, typer.Option("--upscale", min=1, max=8, help="Whole factor by which pictures grow.")
]
TimeLimitOption: TypeAlias = Annotated[
    float, typer.Option("--time-limit", min=0.1, metavar="SECONDS", help="For one face.")
]


def restore(
    inputs: InputsArgument,
    output: OutputOption,
    restorer: RestorerOption = None,
    setting: SettingOption = None,
    candidates: CandidatesOption = None,
    policy: PolicyOption = None,
    camera: CameraOption = None,
    strict_profile: StrictProfileOption = False,
    reference: ReferenceOption = None,
    overrides: OverridesOption = None,
    report: Annotated[bool, typer.Option("--report", help="Also write report.html.")] = False,
    aligned: AlignedOption = False,
    only_center_face: OnlyCenterOption = False,
    min_face: MinFaceOption = 0,
    upscale: UpscaleOption = 1,
    ext: Annotated[str, typer.Option("--ext", help="Suffix of the results.")] = ".png",
    time_limit: TimeLimitOption = 120.0,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Restore every face, judge it, and deliver only what is still the person.

    Writes each picture under its own name, decisions.jsonl (one line a face) and, with
    --report, one self-contained HTML page.

    Example: facefidelity restore photos/ -o restored --report --policy strict
    """
    from ..batch.local import guard_pictures
    from ..batch.plan import plan_batch
    from ..review.overrides_file import read_overrides
    from .page import ReportPage
    from .references import enrol_files

    suffix = "." + ext.lower().lstrip(".")
    guard = open_guard(
        camera,
        strict_profile,
        GuardChoice(restorer, setting, candidates, policy),
        min_face_px=min_face,
        only_center_face=only_center_face,
        time_limit_seconds=time_limit,
    )
    known = enrol_files(some_guard(guard), reference)
    decided = read_overrides(overrides) if overrides else None
    plans = plan_batch(inputs, output, suffix)
    place = output / "report.html" if report else None
    page = ReportPage(place, "Guarded restoration", guard.policy)
    log, tally = output / "decisions.jsonl", _Tally(format, decided)
    outcomes = guard_pictures(
        plans,
        guard,
        log,
        aligned=aligned,
        upscale=upscale,
        references=known,
        overrides=decided,
    )
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
        target = str(outcome.plan.target)
        policy = outcome.policy
        writer.add_picture(source, target, outcome.result, before=outcome.before, policy=policy)


class _Tally:
    """Counts and prints while the batch runs."""

    def __init__(self, format_: OutputFormat, overrides: OverrideBook | None = None) -> None:
        self._json = format_ is OutputFormat.json
        self._waiting = dict(overrides) if overrides else {}
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
        self._name_overrides(name, outcome)
        if not outcome.records:
            self._rows.append((name, "-", "no face found", "", "", "", "nothing to restore"))
        self.failed += any(record["decision"] == "FAILED" for record in outcome.records)
        for record in outcome.records:
            if record["decision"] == "FAILED":
                complain(name, f"face {record['face']}: {record['detail']}")
            else:
                _name_failed_candidates(name, record)
            self._decisions[record["delivered"]] += 1
            self._rows.append(_row(name, record))
            if self._json:
                print_json_line(**record)

    def _name_overrides(self, name: str, outcome: PictureOutcome) -> None:
        """Name every override of this picture that was not honoured; tick off all of them."""
        if outcome.result is None:
            return
        for override, problem in outcome.result.ignored:
            self._not_followed(name, override, problem)
        for place in [place for place in self._waiting if place.input_sha256 == outcome.sha256]:
            del self._waiting[place]

    def _not_followed(self, name: str, override: Override, problem: str) -> None:
        self.failed += 1
        decided = override.decision.value
        complain(name, f"face {override.face}: the override {decided} was not followed, {problem}")

    def finish(self, output: Path, report: bool) -> None:
        for one in self._waiting.values():
            place = one.path or one.input_sha256
            self._not_followed(place, one, "no input has the bytes that it was given for")
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
    share = (record["override"] or {}).get("share") or record["blend"]
    blend = f"{share:.2f}" if share and record["delivered"] == "BLEND" else ""
    why = ", ".join(record["reasons"])
    if record["override"]:
        why = f"a person decided so; the guard: {record['decision']}, {why}"
    return (name, str(record["face"]), record["delivered"], blend, overall, risk, why)
