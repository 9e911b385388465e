"""The examination of the guard as files: Markdown, JSON, one CSV row a pair, plots."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from ...assessor.benchmark.evaluation.plots import draw_discarding
from ...core.files import write_text_file
from .examination import ExaminedPair
from .markdown import as_markdown
from .plots import draw_guard
from .report import GuardReport

__all__ = ["report_paths", "write_report"]

_ENDS = (".md", ".json", ".csv", ".png", "_edc.png")


def report_paths(markdown: Path) -> tuple[Path, ...]:
    """Markdown, JSON, CSV, plots: every file of a report, all of one stem."""
    return tuple(markdown.with_name(f"{markdown.stem}{end}") for end in _ENDS)


def write_report(report: GuardReport, markdown: Path, command: str = "") -> list[Path]:
    """Write the Markdown, and JSON, CSV and plots beside it under the same stem.

    Args:
        report: What to write.
        markdown: Where the Markdown goes; its folder exists.
        command: What was run, shown in it.

    Returns:
        The written files.

    Raises:
        MissingExtra: If matplotlib is not installed; nothing is written then.
        WriteFailed: If the disk refuses.
    """
    _, data, table, plot, edc = written = report_paths(markdown)
    draw_guard(report.rules, report.columns, report.bins, plot)
    if report.discarding is not None:
        draw_discarding(report.discarding, edc)
    document = json.dumps({"rows": report.rows()}, ensure_ascii=False, indent=1)
    pictures = [plot.name] if report.discarding is None else [plot.name, edc.name]
    write_text_file(markdown, as_markdown(report, command, pictures))
    write_text_file(data, document + "\n")
    write_text_file(table, _as_csv(report))
    return [path for path in written if path != edc or report.discarding is not None]


def _as_csv(report: GuardReport) -> str:
    gone = report.columns.gone
    rows = [
        {**_facts(one), "came_true": int(gone[index]), **_decisions(one)}
        for index, one in enumerate(report.columns.pairs)
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _facts(one: ExaminedPair) -> dict[str, Any]:
    pair, evidence = one.pair, one.evidence
    return {
        "set": pair.subset,
        "file": pair.name,
        "source": pair.source,
        "person": pair.person,
        "camera": pair.camera,
        "restoration": pair.restoration,
        "identity_risk": f"{evidence.identity_risk:.5g}",
        "cosine_similarity": f"{evidence.cosine_similarity:.5g}",
        "fidelity_given_source": f"{evidence.fidelity_given_source:.5g}",
        "source_identifiable": f"{evidence.source_identifiable:.5g}",
        "overall_gain": f"{evidence.overall_gain:.5g}",
        "source_rank1": int(one.lq.rank1),
        "restored_rank1": int(one.hq.rank1),
        "source_z": f"{one.lq.z:.5g}",
        "restored_z": f"{one.hq.z:.5g}",
    }


def _decisions(one: ExaminedPair) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, given in one.by_policy.items():
        row |= {
            name: given.decision.value,
            f"{name}_mixture": given.mixture or "",
            f"{name}_rank1": int(given.rank1),
            f"{name}_z": f"{given.z:.5g}",
            f"{name}_gain": f"{given.gain:.5g}",
        }
    return row
