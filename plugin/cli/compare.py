"""``facefidelity compare``: judge restorations made elsewhere."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .formats import FormatOption, OutputFormat, print_json_line
from .options import AlignedOption, PolicyOption, complain, show_table, tracked

if TYPE_CHECKING:
    from ..comparison import PicturePair
    from ..pipeline import Guard
    from ..results import GuardedImage

__all__ = ["compare"]


def compare(
    before: Annotated[Path, typer.Argument(help="Picture, or folder, before restoration.")],
    after: Annotated[Path, typer.Argument(help="Picture, or folder, after restoration.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the guarded results.")
    ] = None,
    policy: PolicyOption = "balanced",
    report: Annotated[
        bool, typer.Option("--report", help="Also write report.html; needs --output.")
    ] = False,
    aligned: AlignedOption = False,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Judge a restoration that another program made, face by face.

    Two files, or two folders whose pictures match by name. With -o each guarded result is
    written under AFTER's file name as PNG.

    Example: facefidelity compare lq.png restored.png --aligned --format json
    """
    from ...core.errors import InvalidInput
    from ..comparison import match_pairs
    from ..pipeline import Guard
    from ..report import ReportWriter

    if report and output is None:
        raise InvalidInput("expected -o FOLDER beside --report, got none; name the folder")
    guard = Guard("identity", policy=policy)
    pairs = match_pairs(before, after)
    writer = None
    if report and output is not None:
        output.mkdir(parents=True, exist_ok=True)
        writer = ReportWriter(output / "report.html", "Compared restorations", guard.policy)
    rows: list[tuple[str, ...]] = []
    failed = 0
    for pair in tracked(pairs, pairs, "comparing"):
        result = _compare_pair(guard, pair, aligned, _target(pair, after, output))
        failed += result is None
        if result is not None:
            rows.extend(_show(pair, result, format))
        if writer is not None:
            _report(writer, pair, result)
    if writer is not None:
        writer.write()
    if format is OutputFormat.text:
        columns = ("after", "face", "decision", "blend", "overall", "identity", "risk", "why")
        show_table("Compared faces", columns, rows)
    return 1 if failed else 0


def _target(pair: PicturePair, after: Path, output: Path | None) -> Path | None:
    if output is None:
        return None
    relative = pair.after.relative_to(after) if after.is_dir() else Path(pair.after.name)
    return (output / relative).with_suffix(".png")


def _compare_pair(
    guard: Guard, pair: PicturePair, aligned: bool, target: Path | None
) -> GuardedImage | None:
    """Judge one pair and write its result; None (and one line on stderr) where it failed."""
    from ...core.errors import FaceFidelityError, InvalidInput
    from ...core.images import printable_path, read_picture, write_picture
    from ..comparison import compare_pictures

    name = printable_path(pair.after)
    try:
        if pair.problem:
            raise InvalidInput(pair.problem)
        before, after = read_picture(pair.before), read_picture(pair.after)
        if target is not None and target.exists() and target.samefile(pair.after):
            raise InvalidInput(f"{target} is itself an input; choose another --output folder")
        result = compare_pictures(guard, before.pixels, after.pixels, aligned=aligned)
        if target is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_picture(target, result.pixels, alpha=after.alpha)
    except FaceFidelityError as error:
        complain(name, str(error))
        return None
    except Exception as error:
        logging.getLogger(__name__).exception("unexpected failure on %s", name)
        complain(name, f"unexpected {type(error).__name__}: {error}")
        return None
    return result


def _show(pair: PicturePair, result: GuardedImage, format_: OutputFormat) -> list[tuple[str, ...]]:
    from ...core.images import printable_path
    from ..decisions import comparison_record

    rows = []
    before, after = printable_path(pair.before), printable_path(pair.after)
    for index, face in enumerate(result.faces):
        record = comparison_record(before, after, index, face.verdict)
        if format_ is OutputFormat.json:
            print_json_line(**record)
        rows.append(_row(after, record))
    if not rows:
        rows.append((after, "-", "no face found", "", "", "", "", ""))
    return rows


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


def _report(writer: Any, pair: PicturePair, result: GuardedImage | None) -> None:
    if result is None:
        writer.add_failure(str(pair.after), pair.problem or "could not be compared")
    else:
        writer.add_pair(str(pair.before), str(pair.after), result)
