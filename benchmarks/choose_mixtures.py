"""Chooses the guard's twelve mixtures from a longer list, on people whom the assessor never saw.

    python benchmarks/measure_candidates.py runs/val runs/val_esr runs/val_lfw --mixtures long \
        --pairs 300 --strangers 60 --judge fr_feature.onnx -o runs/long
    python benchmarks/choose_mixtures.py runs/long/*.npz

One after the other the mixture is taken that lets the policy balanced keep most of the gain in overall,
averaged over budgets of 2 to 4.5 % of faces shown less. Risk and drop risk are forecast by the risk
model fitted on other people (four folds by person); prices of a drop from low to high stand for
budgets. Writes docs/results/mixture_choice.md.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
from candidates import Candidates, read
from fit_risk import fit_models, tell_source
from linear_fit import predict
from policy_pairs import Limits, Pairs

from facefidelity.guards.blending import MIXTURES, Agreement, GiveBack, Mixture, Projection
from facefidelity.guards.policy import load_policy

ROOT = Path(__file__).resolve().parent.parent
LONG = (
    *(Agreement(levels) for levels in (1.5, 2.0, 4.0, 8.0, 16.0)),
    *(Agreement(8.0, power) for power in (4.0, 8.0, 16.0)),
    *(Agreement(math.inf, power) for power in (8.0, 32.0)),
    Agreement(4.0, 16.0),
    *(Agreement(levels, projected=False) for levels in (4.0, 8.0)),
    Agreement(8.0, 8.0, projected=False),
    Agreement(math.inf, 32.0, projected=False),
    *(Projection(share) for share in (1.0, 0.6)),
    Mixture(0.5, cutoff_px=4.0),
    Mixture(1.0, cutoff_px=8.0),
    *(GiveBack(parts, projected=True) for parts in (3, 1)),
    GiveBack(5),
    *(Mixture(share) for share in (0.75, 0.45)),
)
"""What there is to choose from."""
MOST = 12
FOLDS = 4
BUDGETS = (0.02, 0.025, 0.03, 0.035, 0.04, 0.045)
PRICES = tuple(np.geomspace(5, 120, 26))


def label_of(mixture: Projection | Mixture | GiveBack | Agreement) -> str:
    """A name that does not depend on the face."""
    if isinstance(mixture, GiveBack):
        rest = "projection" if mixture.projected else "HQ"
        return f"{mixture.parts} most drifted given back, rest {rest}"
    return f"projection {mixture.share:.2f}" if isinstance(mixture, Projection) else mixture.name


class Choice:
    """How much any part of the list lets the policy keep."""

    def __init__(self, known: Candidates) -> None:
        self.pairs = Pairs(known, load_policy("balanced"))
        truth = self.pairs.truth
        self.pairs.risk, self.pairs.drop = forecasts(truth)
        starts = self.pairs.starts
        begins = np.repeat(starts, np.diff(starts, append=len(truth)))
        self.place = np.arange(len(truth)) - begins - 1
        self.able = self.pairs.able

    def kept(self, chosen: list[int]) -> float:
        """Mean share of accepting everything's gain that is kept, over the budgets."""
        self.pairs.able = self.able & np.isin(self.place, [-1, *chosen])
        risk = load_policy("balanced").max_identity_risk
        found = [
            self.pairs.outcome(self.pairs.delivered(Limits(risk, 1.0, price))) for price in PRICES
        ]
        dropped, kept = (np.array([getattr(f, n) for f in found]) for n in ("dropped", "kept"))
        return float(np.mean([kept[dropped <= budget].max(initial=0.0) for budget in BUDGETS]))


def forecasts(known: Candidates) -> tuple[np.ndarray, np.ndarray]:
    """Risk and drop risk of everybody by models fitted on other people."""
    people, where = np.unique(known.person, return_inverse=True)
    fold = np.random.default_rng(0).integers(0, FOLDS, len(people))[where]
    risk, drop = np.zeros(len(known)), np.zeros(len(known))
    for held in range(FOLDS):
        models, mine = fit_models(known.select(fold != held)), known.select(fold == held)
        tell_source(models["source"], mine)
        risk[fold == held] = predict(models["risk"], mine.features)
        drop[fold == held] = predict(models["drop"], mine.features)
    return risk, drop


def choose(choice: Choice) -> list[tuple[int, float]]:
    """Which mixture joins when, and what is kept then."""
    steps: list[tuple[int, float]] = []
    while len(steps) < MOST:
        chosen = [index for index, _ in steps]
        left = [index for index in range(len(LONG)) if index not in chosen]
        values = [choice.kept([*chosen, index]) for index in left]
        best = int(np.argmax(values))
        steps.append((left[best], values[best]))
    return steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args()
    known = read(options.files)
    choice = Choice(known)
    shipped = [LONG.index(mixture) for mixture in MIXTURES]
    rows = [
        f"| {number} | {label_of(LONG[index])} | {kept:.3f} | {'yes' if index in shipped else ''} |"
        for number, (index, kept) in enumerate(choose(choice), 1)
    ]
    before = [index for index, one in enumerate(LONG) if not isinstance(one, Agreement)]
    text = [
        "# Which mixtures the guard searches",
        "",
        f"    python benchmarks/choose_mixtures.py {' '.join(path.name for path in options.files)}",
        "",
        f"{choice.pairs.truth.whole.sum()} restorations of {len(np.unique(known.person))} people, {len(LONG)} mixtures "
        "of each. *Kept*: of what accepting everything gains, mean over budgets of 2 to 4.5 % of faces shown less, "
        "under the rules of balanced, forecast by models fitted on other people. The mixtures are chosen on these "
        "very people, so the numbers flatter; guard.md and policies.md have other people.",
        "",
        "| step | mixture | kept with it | in the guard |",
        "|---|---|---|---|",
        *rows,
        "",
        f"The guard's twelve keep {choice.kept(shipped):.3f}, the {len(before)} ways without agreement "
        f"{choice.kept(before):.3f}, all {len(LONG)} together {choice.kept(list(range(len(LONG)))):.3f}: a bolder mixture beside a "
        "careful one also tempts the choice. The twelve are what this procedure gave with a drop model of two features more, "
        "and before narrow spots stopped to count as agreement; "
        "differences of .01 are within what another draw of people changes.",
        "",
    ]
    (ROOT / "docs" / "results" / "mixture_choice.md").write_text("\n".join(text))
    print("\n".join(text))


if __name__ == "__main__":
    main()
