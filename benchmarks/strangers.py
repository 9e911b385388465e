"""Counts how many restorations that show somebody else each policy would accept.

    python benchmarks/strangers.py runs/test_lfw runs/test_esr

HQ is the restoration of another person of the same set. Sets come from build_simset.py. Writes
docs/results/strangers.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from fit_risk import POLICIES, accepted, values
from pair_features import assessor_at, pairs_of
from simset import load

from facefidelity.assessor.runtime import SHIPPED_WEIGHTS
from facefidelity.guards.policy import load_policy
from facefidelity.guards.risk import load_risk_model

ROOT = Path(__file__).resolve().parent.parent
PAIRS = 1500


def main() -> None:
    folders = [Path(word) for word in sys.argv[1:]]
    model, assessor = load_risk_model(), assessor_at(SHIPPED_WEIGHTS)
    models = {"risk": model.risk, "source": model.source, "fidelity": model.fidelity}
    lines = [
        "# Somebody else's face in place of the restoration",
        "",
        "    python benchmarks/strangers.py " + " ".join(folder.name for folder in folders),
        "",
        f"{assessor.name}. Persons whom neither the assessor nor the risk model saw.",
        "",
        "| set | pairs | lowest risk | risk, lowest 1 % | "
        + " | ".join(f"accepted by {name}" for name in POLICIES)
        + " |",
        "|---|---|---|---|" + "---|" * len(POLICIES),
    ]
    for folder in folders:
        pairs = pairs_of(load(folder), assessor, PAIRS)
        strangers = pairs.select(pairs.kind == "stranger")
        risk = values(models["risk"], strangers)
        counts = [int(accepted(strangers, models, load_policy(name)).sum()) for name in POLICIES]
        lines.append(
            f"| {folder.name} | {len(risk)} | {risk.min():.2f} | {np.quantile(risk, 0.01):.2f} | "
            + " | ".join(map(str, counts))
            + " |"
        )
    (ROOT / "docs" / "results" / "strangers.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
