"""Chooses the two risk thresholds of each shipped policy on people whom the assessor never saw.

    python benchmarks/fit_policies.py --fit runs/candidates/val*.npz --test runs/candidates/test*.npz

Candidates come from measure_candidates.py. Of all pairs of thresholds within a policy's budget the
one that keeps most of the gain in overall is taken; every other threshold stays as it is in
guards/policies. Writes the two numbers there, and docs/results/policies.md with its plot.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from candidates import Candidates, read

from facefidelity.core.scores import HEADS, QualityScores
from facefidelity.guards.counterfactual import decide_under
from facefidelity.guards.policy import Policy, load_policy
from facefidelity.guards.risk import load_risk_model
from facefidelity.guards.rules import accept_faults
from facefidelity.guards.verdict import LEAST_BLEND, Decision, Evidence, Reason, TriedMixture

mpl.use("Agg")
from matplotlib import pyplot as plt

ROOT = Path(__file__).resolve().parent.parent
MARGIN = 0.85
"""Share of its budget that a policy uses on the pairs that it is chosen on: others are other."""
MOST_RISK = 0.9
"""No policy delivers whom the risk model holds for lost almost surely."""
GRID = np.round(np.concatenate([np.arange(0.02, 0.5, 0.02), np.arange(0.5, 1.001, 0.05)]), 2)


@dataclass(frozen=True)
class Budget:
    """Largest share of delivered faces that lost their person, and of all that show it less."""

    lost: float
    dropped: float


BUDGETS = {
    "balanced": Budget(0.03, 0.03),
    "strict": Budget(0.01, 0.01),
    "lenient": Budget(0.06, 1.0),
}
"""Balanced first: strict is never laxer, lenient never stricter. Lenient takes looks for a drop."""


ALIKE = {"balanced": ("observe",)}
"""Policies that judge as another one does."""


@dataclass(frozen=True)
class Outcome:
    """What a policy does to some pairs."""

    delivered: float
    lost: float
    dropped: float
    kept: float
    offered: float


class Pairs:
    """Evidence of every candidate, and which could be delivered but for the two thresholds."""

    def __init__(self, candidates: Candidates, policy: Policy) -> None:
        self.truth = candidates.select(~candidates.stranger)
        self.evidence = evidence_of(self.truth)
        free = policy.model_copy(update={"max_identity_risk": 1.0, "max_drop_risk": 1.0})
        faults = [accept_faults(one, free) for one in self.evidence]
        able = np.array([not fault for fault in faults]) & (self.truth.blend >= LEAST_BLEND)
        barred = np.array([Reason.UNSUPPORTED_DETAIL in fault for fault in faults])
        self.able = able & ~np.repeat(
            barred[self.truth.whole], np.diff(self.starts, append=len(able))
        )
        self.risk = np.array([one.identity_risk for one in self.evidence])
        self.drop = np.array([one.drop_risk for one in self.evidence])
        self.gain = self.truth.features["overall_gain"]

    @property
    def starts(self) -> np.ndarray:
        return np.flatnonzero(self.truth.whole)

    def delivered(self, risk: float, drop: float) -> np.ndarray:
        """Row of what is delivered of each pair, -1 where LQ stays."""
        passing = self.able & (self.risk <= risk) & (self.drop <= drop)
        gain = np.where(passing, self.gain, -np.inf)
        gain[self.truth.whole & passing] = np.inf  # the whole restoration comes first
        chosen = [
            start + int(np.argmax(part))
            for start, part in zip(self.starts, np.split(gain, self.starts[1:]), strict=True)
        ]
        return np.array([row if passing[row] else -1 for row in chosen])

    def outcome(self, rows: np.ndarray) -> Outcome:
        given = rows[rows >= 0]
        whole = self.gain[self.truth.whole]
        gained = self.gain[given].sum()
        return Outcome(
            delivered=len(given) / len(rows),
            lost=float(self.truth.lost[given].mean()) if len(given) else 0.0,
            dropped=float(self.truth.dropped[given].sum() / len(rows)),
            kept=float(gained / whole.sum()),
            offered=float(gained / np.maximum(whole, 0).sum()),
        )


def evidence_of(candidates: Candidates) -> list[Evidence]:
    """The evidence that the guard would have, by the shipped risk model."""
    model, found = load_risk_model(), []
    for row in range(len(candidates)):
        f = {name: float(values[row]) for name, values in candidates.features.items()}
        found.append(
            Evidence(
                lq_scores=QualityScores(*(f[f"lq_{head}"] for head in HEADS)),
                hq_scores=QualityScores(*(f[f"hq_{head}"] for head in HEADS)),
                cosine_similarity=f["cosine_similarity"],
                embedder=model.embedder,
                probability_same=None,
                fidelity_given_source=model.fidelity_given_source(f),
                source_identifiable=model.source_identifiable(f),
                consistency=f["consistency"],
                landmark_shift=f["landmark_shift"],
                identity_risk=model.identity_risk(f),
                drop_risk=model.drop_risk(f),
            )
        )
    return found


def choose(
    pairs: Pairs, budget: Budget, least: tuple[float, float], most: tuple[float, float]
) -> tuple[float, float]:
    """Thresholds of risk and drop risk that keep most of the gain within the budget."""
    best, chosen = -np.inf, least
    for risk in GRID[(least[0] <= GRID) & (most[0] >= GRID)]:
        for drop in GRID[(least[1] <= GRID) & (most[1] >= GRID)]:
            found = pairs.outcome(pairs.delivered(risk, drop))
            within = found.lost <= MARGIN * budget.lost and found.dropped <= MARGIN * budget.dropped
            # Of equals the laxer risk: the other threshold decides.
            if within and found.offered >= best:
                best, chosen = found.offered, (float(risk), float(drop))
    return chosen


def check(pairs: Pairs, policy: Policy) -> None:
    """The guard's own rules deliver the very same."""
    rows = pairs.delivered(policy.max_identity_risk, policy.max_drop_risk)
    for start, row in zip(pairs.starts, rows, strict=True):
        number = pairs.truth.pair[start]
        mixed = np.flatnonzero((pairs.truth.pair == number) & ~pairs.truth.whole)
        tried = [
            TriedMixture(
                str(pairs.truth.mixture[i]), float(pairs.truth.blend[i]), pairs.evidence[i]
            )
            for i in mixed
        ]
        decided = decide_under(pairs.evidence[start], tried, policy)
        said = {Decision.ACCEPT: "", Decision.BLEND: decided.mixture}.get(decided.decision)
        given = None if row < 0 else str(pairs.truth.mixture[row])
        if said != given:
            raise SystemExit(f"pair {number}: the rules deliver {said!r}, this script {given!r}")


def write_thresholds(name: str, risk: float, drop: float) -> None:
    path = ROOT / "guards" / "policies" / f"{name}.yaml"
    lines = [
        line
        for line in path.read_text().splitlines()
        if not re.match(r"max_(identity|drop)_risk:", line)
    ]
    place = next(i for i, line in enumerate(lines) if line.startswith("min_overall_gain"))
    lines[place:place] = [f"max_identity_risk: {risk:.2f}", f"max_drop_risk: {drop:.2f}"]
    path.write_text("\n".join(lines) + "\n")


def row_of(name: str, policy: Policy, found: Outcome) -> str:
    return (
        f"| {name} | {policy.max_identity_risk:.2f} | {policy.max_drop_risk:.2f} | {found.delivered:.2f} "
        f"| {100 * found.lost:.1f} % | {100 * found.dropped:.1f} % | {found.kept:.2f} | {found.offered:.2f} |"
    )


def plot(test: Candidates, policies: dict[str, Policy], path: Path) -> None:
    """Gain against dropped faces: each policy, and the drop threshold along balanced."""
    pairs = Pairs(test, policies["balanced"])
    figure, axis = plt.subplots(figsize=(6.4, 4.2), dpi=130)
    for risk, colour in ((0.3, "#31688e"), (1.0, "#b5de2b")):
        found = [pairs.outcome(pairs.delivered(risk, drop)) for drop in GRID]
        x, y = ([100 * getattr(one, n) for one in found] for n in ("dropped", "offered"))
        axis.plot(x, y, "-o", ms=3, color=colour, label=f"balanced, risk at most {risk}")
    for name, policy in policies.items():
        own = Pairs(test, policy)  # its other thresholds too
        one = own.outcome(own.delivered(policy.max_identity_risk, policy.max_drop_risk))
        axis.plot(100 * one.dropped, 100 * one.offered, "k*", ms=10)
        axis.annotate(
            name, (100 * one.dropped, 100 * one.offered), (6, -10), textcoords="offset points"
        )
    axis.set_xlabel("faces in which the person is shown less (z falls by over 0.3), %")
    axis.set_ylabel("gain on offer that is kept, %")
    axis.set_title("Policies on people never seen: gain against drops")
    axis.grid(alpha=0.3)
    axis.legend()
    figure.tight_layout()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", type=Path, nargs="+", required=True)
    parser.add_argument("--test", type=Path, nargs="+", required=True)
    options = parser.parse_args()
    known, test = read(options.fit), read(options.test)
    head = (
        "| policy | max_identity_risk | max_drop_risk | delivered | lost among these | shown less, of all "
        "| gain kept, of accepting all | gain kept, of what is on offer |"
    )
    tables: dict[str, list[str]] = {"chosen on": [], "examined on": []}
    policies: dict[str, Policy] = {}
    for name, budget in BUDGETS.items():
        here, there = Pairs(known, load_policy(name)), Pairs(test, load_policy(name))
        balanced = policies.get("balanced")
        middle = (balanced.max_identity_risk, balanced.max_drop_risk) if balanced else None
        least, most = (float(GRID[0]),) * 2, (MOST_RISK, 1.0)
        if middle:
            least, most = (middle, most) if name == "lenient" else (least, middle)
        risk, drop = choose(here, budget, least, most)
        for each in (name, *ALIKE.get(name, ())):
            write_thresholds(each, risk, drop)
        policies[name] = policy = load_policy(name)
        for title, pairs in (("chosen on", here), ("examined on", there)):
            check(pairs, policy)
            tables[title].append(row_of(name, policy, pairs.outcome(pairs.delivered(risk, drop))))
    text = [
        "# Policies: thresholds chosen from the benchmark",
        "",
        f"    python benchmarks/fit_policies.py --fit {' '.join(p.name for p in options.fit)} --test {' '.join(p.name for p in options.test)}",
        "",
        "Budgets (lost among delivered, shown less among all): "
        + "; ".join(f"{n} {b.lost:.0%}, {b.dropped:.0%}" for n, b in BUDGETS.items())
        + f". A policy uses at most {MARGIN:.0%} of them on the pairs that it is chosen on. Truth as in risk.md; strangers left out.",
    ]
    for title, rows in tables.items():
        source = known if title == "chosen on" else test
        pairs, people = source.whole.sum() - source.stranger.sum(), len(np.unique(source.person))
        text += [
            "",
            f"## {title.capitalize()} {pairs} pairs of {people} people",
            "",
            head,
            "|---|---|---|---|---|---|---|---|",
            *rows,
        ]
    text += ["", "![policies.png](policies.png)", ""]
    plot(test, policies, ROOT / "docs" / "results" / "policies.png")
    (ROOT / "docs" / "results" / "policies.md").write_text("\n".join(text))
    print("\n".join(text))


if __name__ == "__main__":
    main()
