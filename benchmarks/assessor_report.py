"""Puts several `facefidelity bench evaluate` runs beside the bars of the assessor.

    python benchmarks/assessor_report.py runs/eval -o docs/results/assessor.md

Every folder below runs/eval is the output of one evaluation; its name says which bars apply.
NAME_peers holds the evaluation of a random part of the same pictures with --peers.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from facefidelity.core.scores import HEADS

GIVEN = "fidelity given source"
# folder: what it is, and the bar of every head
ROWS = {
    "sfiqa_sim": (
        "three fixed cameras, none trained on",
        {
            "noise": 0.97,
            "sharpness": 0.96,
            "colorfulness": 0.96,
            "contrast": 0.95,
            "fidelity": 0.85,
            "overall": 0.985,
        },
    ),
    "odd_cameras": (
        "two odd cameras with faults never trained on",
        {
            "noise": 0.96,
            "sharpness": 0.90,
            "colorfulness": 0.93,
            "contrast": 0.92,
            "fidelity": 0.80,
            "overall": 0.97,
        },
    ),
    "random_cameras": ("another random camera for every picture, as in training", {}),
    "other_cameras": ("three other fixed cameras", {}),
    "unseen_restorers": (
        "restorers never trained on (x4plus-anime, waifu2x)",
        {"fidelity": 0.75, GIVEN: 0.85, "overall": 0.975},
    ),
    "realesrgan": ("Real-ESRGAN x4plus (in training, other people)", {}),
    "swaps": ("exemplar swaps (in training, other people)", {GIVEN: 0.80}),
    "restored": ("all simulated restorations (in training, other people)", {}),
    "real_people": ("real people, grey, random cameras", {}),
}


def agreement(run: dict, head: str, predictor: str) -> dict | None:
    for row in run["rows"]:
        if (
            row["part"] == "agreement"
            and row["group_by"] == "all"
            and row["head"] == head
            and row["predictor"] == predictor
        ):
            return row
    return None


def cell(row: dict | None, bar: float | None) -> str:
    if row is None or row["srcc"] is None:
        return "-"
    mark = "" if bar is None else (" ✓" if row["srcc"] >= bar else f" ✗ {bar:g}")
    return f"{row['srcc']:.3f} [{row['srcc_low']:.3f}, {row['srcc_high']:.3f}]{mark}"


def peer_lines(what: str, run: dict, own: str) -> list[str]:
    """Ours and the best peer of every head, on the same pictures."""
    ours, best = [], []
    for head in HEADS:
        row = agreement(run, head, own)
        ours.append("-" if row is None or row["srcc"] is None else f"{row['srcc']:.2f}")
        found = [
            (abs(r["srcc"]), r["predictor"], r["srcc"])
            for r in run["rows"]
            if r["part"] == "agreement"
            and r["group_by"] == "all"
            and r["head"] == head
            and r["srcc"] is not None
            and not r["predictor"].startswith(own)
        ]
        best.append("-" if not found else "{1} {2:.2f}".format(*max(found)))
    count = agreement(run, "fidelity", own)["pictures"]
    return [
        f"| {what} | {count} | ours | " + " | ".join(ours) + " |",
        "| | | best peer | " + " | ".join(best) + " |",
    ]


def fairness_lines(run: dict) -> list[str]:
    """SRCC of fidelity and overall by group."""
    lines = [
        "",
        "## Fairness",
        "",
        "SRCC on the three fixed cameras by sex and ethnicity of the (AI-generated) person. Below "
        "about ten persons the intervals are too narrow. The gap is the widest between two groups.",
        "",
        "| head | group | pictures | persons | SRCC | gap |",
        "|---|---|---|---|---|---|",
    ]
    for row in run["rows"]:
        if row["part"] == "fairness":
            lines.append(
                f"| {row['head']} | {row['group']} | {row['pictures']} | {row['people']} "
                f"| {cell(row, None)} | {row['gap']:.3f} |"
            )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()
    columns = (*HEADS, GIVEN)
    lines = [
        "| set | pictures | " + " | ".join(columns) + " |",
        "|---|---|" + "---|" * len(columns),
    ]
    peers = [
        "| set | pictures | measure | " + " | ".join(HEADS) + " |",
        "|---|---|---|" + "---|" * len(HEADS),
    ]
    fairness: list[str] = []
    name = ""
    for folder, (what, bars) in ROWS.items():
        path = arguments.runs / folder / "evaluation.json"
        if not path.is_file():
            continue
        run = json.loads(path.read_text(encoding="utf-8"))
        name = run["assessor"]
        cells = [cell(agreement(run, head, name), bars.get(head)) for head in HEADS]
        cells.append(cell(agreement(run, "fidelity", f"{name} given source"), bars.get(GIVEN)))
        count = agreement(run, "fidelity", name)
        lines.append(f"| {what} | {count['pictures']} | " + " | ".join(cells) + " |")
        beside = arguments.runs / f"{folder}_peers" / "evaluation.json"
        if beside.is_file():
            other = json.loads(beside.read_text(encoding="utf-8"))
            peers += peer_lines(what, other, name)
        if folder == "sfiqa_sim":
            fairness = fairness_lines(run)
    text = [
        "# SFIQA-Assessor on people it never saw",
        "",
        "    python benchmarks/assessor_report.py runs/eval -o docs/results/assessor.md",
        "",
        f"{name}. SRCC with **pseudo-MOS, not human ratings**; brackets: 95 % bootstrap over persons. "
        "✓ and ✗: the bar that the project set itself, and whether it is met. No named camera was "
        "ever trained on: training draws another random camera for every picture. SRCC depends on how "
        "much a camera's pictures differ: the named cameras' ranges of light and colour were widened once, "
        "to a whole day's, before this model was measured; on the narrower ones an unfinished model read "
        "contrast .81 and colorfulness .91. A label is empty "
        "where the person's picture was not pristine to begin with (real people: sharpness, "
        "colorfulness, overall).",
        "",
        *lines,
        "",
        "## The best of what people use today, on the same pictures",
        "",
        "Of Laplacian variance, Immerkaer's noise, RMS contrast, Hasler-Suesstrunk colorfulness, NIQE "
        "and BRISQUE the one with the largest |SRCC|, whatever dimension it was made for; on a part of "
        "the pictures drawn at random, since NIQE and BRISQUE are slow.",
        "",
        *peers,
        *fairness,
    ]
    arguments.out.write_text("\n".join(text) + "\n", encoding="utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
