"""The page docs/results/batch.md from what benchmarks/batch.py measured."""

from __future__ import annotations

import json
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "results" / "batch.md"


def write_page(work: Path) -> None:
    """Write the page from the JSON files of a working folder."""
    found = {path.stem: json.loads(path.read_text()) for path in work.glob("*.json")}
    parts = ["# The batch engine, measured\n", _HEAD]
    for name in ("kills1", "kills2"):
        if name in found:
            parts.append(_kills_text(found[name]))
    slopes = [one for name, one in sorted(found.items()) if name.startswith("slope")]
    if slopes:
        parts.append(_slope_text(slopes))
    if "jobs" in found:
        parts.append(_jobs_text(found["jobs"]))
    if "batching" in found:
        parts.append(_batching_text(found["batching"]))
    PAGE.write_text("\n".join(parts), encoding="utf-8")
    print(PAGE)


_HEAD = """Made by `python benchmarks/batch.py all`; single tables by its subcommands. Pictures are
scikit-image's astronaut at 96 px in the FFHQ frame, each with other noise; `--restorer classical
--set strength=0 --aligned`. What is meant is in [batch.md](../batch.md).
"""


def _kills_text(one: dict) -> str:
    spread = sorted(one["moments_percent"])
    return f"""## kill -9, `--jobs {one["jobs"]}`

{one["kills"]} kills at random moments of {one["batches"]} batches of {one["pictures"]} pictures, each
resumed until it ended ({spread[0]} to {spread[-1]} % of the pictures were done at a kill), against an
undisturbed run. Load at the end {one["load"]}, {one["machine"]}.

| | batches |
|---|---|
| results not byte-identical | {one["other_results"]} |
| `decisions.jsonl` not the same, times apart | {one["other_lines"]} |
| digest of the journal not the same | {one["other_digest"]} |
| findings of `journal verify` | {one["findings"]} |
| files that should not be there | {one["partial_files"]} |
"""


def _slope_text(slopes: list[dict]) -> str:
    rows = "\n".join(
        f"| {one['jobs']} | {one['policy']} | {one['pictures']:,} | {one['kib_a_picture']:.3f} | "
        f"{one['largest_mib']:.0f} | {one['seconds']:.0f} | {one['load']} |"
        for one in slopes
    )
    return f"""## Memory

A line fitted to the resident memory of all processes of one batch against the pictures done, the
first tenth left out. Under `lenient` these pictures are
accepted without a mixture, which makes ten thousand affordable; under `balanced` mixtures are searched.

| jobs | policy | pictures | KiB a picture | largest, MiB | seconds | load |
|---|---|---|---|---|---|---|
{rows}
"""


def _jobs_text(one: dict) -> str:
    rows = "\n".join(f"| {name} | {rate:.2f} |" for name, rate in one["rates"].items())
    return f"""## Processes

Pictures a second, start-up taken off, median of {one["repeats"]} runs of {one["pictures"]} pictures in
turns. Load {one["load"]}, {one["machine"]}. `--jobs 2` is {one["ratio"]:.2f} times `--jobs 1`.

| jobs | pictures/s |
|---|---|
{rows}
"""


def _batching_text(one: dict) -> str:
    rows = "\n".join(
        f"| {name} | "
        + " | ".join(f"{one[name][size]:.1f}" for size in ("1", "2", "4", "16"))
        + " |"
        for name in ("assessor", "embedder")
    )
    return f"""## Faces at once

Milliseconds a face on one thread, faces one by one and in batches. Load {one["load"]}.

| | one by one | 2, as one picture's before and after | 4 at once | 16 at once |
|---|---|---|---|---|
{rows}
"""
