"""``facefidelity doctor``: what works here, and the fix for each lack.

It reports and changes nothing, so it always ends with exit code 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from .formats import FormatOption, OutputFormat, print_json_line

if TYPE_CHECKING:
    from ..diagnosis import Finding

__all__ = ["doctor"]

_STYLES: Final = {"ok": "green", "optional": "cyan", "lack": "bold red"}


def doctor(format: FormatOption = OutputFormat.text) -> None:  # noqa: A002
    """Report what works on this machine: versions, extras, devices, weights, with fixes.

    Example: facefidelity doctor --format json
    """
    from ..diagnosis import diagnose

    findings = []
    for finding in diagnose():
        findings.append(finding)
        if format is OutputFormat.json:
            print_json_line(
                check=finding.check,
                status=finding.status.value,
                detail=finding.detail,
                fix=finding.fix or None,
            )
    if format is OutputFormat.text:
        _print_table(findings)
        lacks = sum(finding.status.value == "lack" for finding in findings)
        typer.echo(
            f"things to mend: {lacks}" if lacks else "everything the default needs works here"
        )


def _print_table(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("check", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("found; what to do", overflow="fold")
    for finding in findings:
        status = finding.status.value
        found = f"{finding.detail}\n-> {finding.fix}" if finding.fix else finding.detail
        table.add_row(finding.check, Text(status, style=_STYLES[status]), Text(found))
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = 200
    console.print(table)
