"""Counts how many restorations that show somebody else each policy would accept.

    python benchmarks/measure_candidates.py runs/test_lfw runs/test_esr --judge fr_feature.onnx --pairs 0 \
        --strangers 600 -o runs/strangers
    python benchmarks/strangers.py runs/strangers/*.npz

HQ is the restoration of another person of the same set. Writes docs/results/strangers.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from candidates import read
from fit_policies import BUDGETS
from policy_pairs import evidence_of

from facefidelity.assessor.runtime import Assessor
from facefidelity.guards.policy import load_policy
from facefidelity.guards.rules import accept_faults

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    paths = [Path(word) for word in sys.argv[1:]]
    lines = [
        "# Somebody else's face in place of the restoration",
        "",
        "    python benchmarks/strangers.py " + " ".join(path.name for path in paths),
        "",
        f"{Assessor(threads=1).name}. Persons whom neither the assessor nor the risk model saw.",
        "",
        "| set | pairs | lowest risk | risk, lowest 1 % | "
        + " | ".join(f"accepted by {name}" for name in BUDGETS)
        + " |",
        "|---|---|---|---|" + "---|" * len(BUDGETS),
    ]
    for path in paths:
        found = read([path])
        evidence = evidence_of(found.select(found.stranger))
        risk = np.array([one.identity_risk for one in evidence])
        counts = [
            sum(not accept_faults(one, load_policy(name)) for one in evidence) for name in BUDGETS
        ]
        lines.append(
            f"| {path.stem} | {len(risk)} | {risk.min():.2f} | {np.quantile(risk, 0.01):.2f} | "
            + " | ".join(map(str, counts))
            + " |"
        )
    (ROOT / "docs" / "results" / "strangers.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
