"""``facefidelity compare``: judge restorations made elsewhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .cameras import CameraOption, StrictProfileOption, guard_of_cameras
from .formats import FormatOption, OutputFormat, print_json_line
from .labels import (
    CertificateOption,
    KeyOption,
    NoLabelOption,
    RedactOption,
    SignOption,
    open_labelling,
)
from .options import (
    AlignedOption,
    PolicyOption,
    ReferenceOption,
    complain,
    show_table,
    tracked,
)

if TYPE_CHECKING:
    from ...guards.policy import Policy
    from ..batch.pairs import PairOutcome
    from ..cameras.guarding import RoutedGuards
    from ..pipeline import Guard
    from ..report import ReportWriter

__all__ = ["compare"]


def compare(
    before: Annotated[
        Path, typer.Argument(help="Picture or folder before restoration.", readable=False)
    ],
    after: Annotated[
        Path, typer.Argument(help="Picture or folder after restoration.", readable=False)
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the results.", readable=False)
    ] = None,
    policy: PolicyOption = None,
    camera: CameraOption = None,
    strict_profile: StrictProfileOption = False,
    report: Annotated[
        bool, typer.Option("--report", help="Also write report.html; needs --output.")
    ] = False,
    aligned: AlignedOption = False,
    reference: ReferenceOption = None,
    no_label: NoLabelOption = False,
    sign: SignOption = False,
    certificate: CertificateOption = None,
    key: KeyOption = None,
    redact: RedactOption = False,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Judge a restoration that another program made, face by face.

    Two files, or two folders whose pictures match by name. With -o each guarded result is
    written under AFTER's file name as PNG.

    Example: facefidelity compare lq.png restored.png --aligned --reference enrolled.jpg
    """
    from ...core.errors import InvalidInput
    from ..batch.pairs import compare_pairs
    from ..batch.plan import require_output_folder
    from ..comparison import match_pairs
    from ..enrolment import enrol_files
    from ..pipeline import Guard
    from .page import ReportPage

    if report and output is None:
        raise InvalidInput("expected -o FOLDER beside --report, got none; name the folder")
    labelling = open_labelling(no_label, sign, certificate, key)
    if output is not None:
        require_output_folder(output)
    guard = _open_guard(policy, camera, strict_profile)
    pairs = match_pairs(before, after, output)
    place = output / "report.html" if report and output is not None else None
    page = ReportPage(place, "Compared restorations", guard.policy, pictures=not redact)
    rows: list[tuple[str, ...]] = []
    failed = 0
    enrolled = enrol_files(guard if isinstance(guard, Guard) else guard.guards[0], reference)
    outcomes = compare_pairs(
        pairs, guard, after, output, aligned=aligned, labelling=labelling, references=enrolled
    )
    for outcome in tracked(outcomes, pairs, "comparing"):
        failed += outcome.error is not None
        rows.extend(_show(outcome, format, outcome.policy or guard.policy, redact))
        page.add(partial(_report, outcome=outcome, redact=redact))
    page.finish()
    if format is OutputFormat.text:
        columns = ("after", "face", "decision", "blend", "overall", "identity", "risk", "why")
        show_table("Compared faces", columns, rows)
    return 1 if failed or page.failed else 0


def _open_guard(
    policy: str | None, camera: Path | None, strict_profile: bool
) -> Guard | RoutedGuards:
    from ..pipeline import Guard

    if camera is None:
        return Guard("identity", policy=policy or "balanced")
    return guard_of_cameras(camera, strict_profile, {"--policy": policy}, run_restorer=False)


def _show(
    outcome: PairOutcome, format_: OutputFormat, policy: Policy, redact: bool
) -> list[tuple[str, ...]]:
    """Print one pair as JSON, or name its failure; return its rows of the table."""
    from ...core.images import printable_path
    from ..decisions import comparison_record
    from ..redaction import redact_record

    before, after = (printable_path(path) for path in (outcome.pair.before, outcome.pair.after))
    if outcome.result is None:
        complain(after, outcome.error or "")
        return []
    rows = []
    for index, face in enumerate(outcome.result.faces):
        record = comparison_record(before, after, index, face, outcome.provenance, policy)
        if redact:
            record = redact_record(
                record, dict(zip(("before", "after"), outcome.hashes, strict=True))
            )
        if format_ is OutputFormat.json:
            print_json_line(**record)
        rows.append(_row(after, record))
    return rows or [(after, "-", "no face found", "", "", "", "", "")]


def _row(after: str, record: dict[str, Any]) -> tuple[str, ...]:
    scores = record["scores_before"], record["scores_after"]
    measured = record["identity_risk"] is not None
    return (
        after,
        str(record["face"]),
        record["decision"],
        f"{record['blend']:.2f}" if record["blend"] else "",
        f"{scores[0]['overall']:.0f} > {scores[1]['overall']:.0f}" if measured else "",
        str(record["identity_state"] or ""),
        f"{record['identity_risk']:.2f}" if measured else "",
        ", ".join(record["reasons"]),
    )


def _report(writer: ReportWriter, outcome: PairOutcome, redact: bool) -> None:
    from ..redaction import anonymous_name, redact_result

    before, after = str(outcome.pair.before), str(outcome.pair.after)
    if outcome.result is None:
        told = ("a pair", "it failed; stderr named it") if redact else (after, outcome.error)
        writer.add_failure(told[0], told[1] or "")
        return
    target = None if outcome.target is None or redact else str(outcome.target)
    if redact:
        before, after = (anonymous_name(sha256) for sha256 in outcome.hashes)
    result = redact_result(outcome.result) if redact else outcome.result
    writer.add_pair(
        before,
        after,
        result,
        output=target,
        before_pixels=outcome.before,
        policy=outcome.policy,
    )
