"""Chooses the limits of risk of each shipped policy on people whom the assessor never saw.

    python benchmarks/fit_policies.py --fit runs/candidates/val*.npz --test runs/candidates/test*.npz

Candidates come from measure_candidates.py. Of all limits within a policy's budget those that keep most
of the gain in overall are taken: the largest identity risk and the price of a drop. Every other
threshold stays as it is in guards/policies. Writes the numbers there, and docs/results/policies.md with
its plot.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from candidates import Candidates, read
from policy_pairs import Limits, Outcome, Pairs

from facefidelity.guards.counterfactual import decide_under
from facefidelity.guards.policy import Policy, load_policy
from facefidelity.guards.verdict import Decision

mpl.use("Agg")
from matplotlib import pyplot as plt

ROOT = Path(__file__).resolve().parent.parent
MARGIN = 2 / 3
"""Share of its budget that a policy uses on the pairs that it is chosen on: others are other."""
HARDLY = 0.03
"""Of the gain on offer: limits that keep as little less count as equal."""
MOST_RISK = {"strict": 0.2, "balanced": 0.3, "lenient": 0.9}
"""What a policy's name promises, whatever its budget would allow."""
MOST_DROP = 0.5
"""No policy delivers what shows the person less likelier than not."""
PRICES = (0.0, *np.arange(10.0, 62.0, 2.0), 70.0, 80.0, 100.0, 120.0, 160.0, 200.0)
GRID = np.round(np.concatenate([np.arange(0.02, 0.5, 0.02), np.arange(0.5, 1.001, 0.05)]), 2)


@dataclass(frozen=True)
class Budget:
    """Largest share of delivered faces that lost their person, and of all that show it less."""

    lost: float
    dropped: float


BUDGETS = {
    "balanced": Budget(0.03, 0.03),
    "strict": Budget(0.01, 0.01),
    "lenient": Budget(0.07, 1.0),
}
"""Balanced first: strict is never laxer, lenient never stricter. Lenient takes looks for a drop."""


ALIKE = {"balanced": ("observe",)}
"""Policies that judge as another one does."""


def choose(pairs: Pairs, budget: Budget, tried: Iterable[Limits]) -> Limits:
    """The limits that keep most of the gain within the budget.

    Of those that hardly keep less, the one of the largest identity risk: it accepts most as it is.
    """
    kept: dict[Limits, float] = {}
    for limits in tried:
        found = pairs.outcome(pairs.delivered(limits))
        if found.lost <= MARGIN * budget.lost and found.dropped <= MARGIN * budget.dropped:
            kept[limits] = found.offered
    if not kept:
        raise SystemExit("no limits keep the budget")
    enough = max(kept.values()) - HARDLY
    return max((one for one in kept if kept[one] >= enough), key=lambda one: (one[0], kept[one]))


def limits_between(name: str, balanced: Limits | None) -> list[Limits]:
    """What is tried for a policy, from the strictest to the laxest of each."""
    risks = GRID[MOST_RISK[name] >= GRID]
    every = [Limits(float(risk), MOST_DROP, price) for price in PRICES for risk in risks]
    if balanced is None:
        return every
    if name == "lenient":
        return [one for one in every if balanced.stricter(one)]
    return [one for one in every if one.stricter(balanced)]


def check(pairs: Pairs, policy: Policy) -> None:
    """The guard's own rules deliver the very same."""
    rows = pairs.delivered(Limits.of(policy))
    mixtures = pairs.mixtures()
    for start, row in zip(pairs.starts, rows, strict=True):
        number = pairs.truth.pair[start]
        mixed = np.flatnonzero((pairs.truth.pair == number) & ~pairs.truth.whole)
        tried = [mixtures[i] for i in mixed]
        decided = decide_under(pairs.evidence[start], tried, policy)
        said = {Decision.ACCEPT: "", Decision.BLEND: decided.mixture}.get(decided.decision)
        given = None if row < 0 else str(pairs.truth.mixture[row])
        if said != given:
            raise SystemExit(f"pair {number}: the rules deliver {said!r}, this script {given!r}")


def write_limits(name: str, limits: Limits) -> None:
    path = ROOT / "guards" / "policies" / f"{name}.yaml"
    names = tuple(f"{field}:" for field in Limits._fields)
    lines = [line for line in path.read_text().splitlines() if not line.startswith(names)]
    place = next(i for i, line in enumerate(lines) if line.startswith("min_overall_gain"))
    risk, drop, price = limits
    lines[place:place] = [
        f"max_identity_risk: {risk:.2f}",
        f"max_drop_risk: {drop:.2f}",
        f"drop_price: {price:.1f}",
    ]
    path.write_text("\n".join(lines) + "\n")


def row_of(name: str, policy: Policy, found: Outcome) -> str:
    return (
        f"| {name} | {policy.max_identity_risk:.2f} | {policy.max_drop_risk:.2f} "
        f"| {policy.drop_price:g} | {found.delivered:.2f} "
        f"| {100 * found.lost:.1f} % | {100 * found.dropped:.1f} % | {found.kept:.2f} | {found.offered:.2f} |"
    )


def plot(test: Candidates, policies: dict[str, Policy], path: Path) -> None:
    """Gain against dropped faces: each policy, and what its limits could be along balanced."""
    balanced = policies["balanced"]
    pairs, limits = Pairs(test, balanced), Limits.of(balanced)
    figure, axis = plt.subplots(figsize=(6.4, 4.2), dpi=130)
    along = {
        "balanced at other prices": [limits._replace(drop_price=p) for p in PRICES[1:]],
        "a limit of the drop risk alone": [Limits(limits[0], float(d), 0.0) for d in GRID],
    }
    for (label, tried), colour in zip(along.items(), ("#31688e", "#b5de2b"), strict=True):
        found = [pairs.outcome(pairs.delivered(one)) for one in tried]
        x, y = ([100 * getattr(one, n) for one in found] for n in ("dropped", "offered"))
        axis.plot(x, y, "-o", ms=3, color=colour, label=label)
    for name, policy in policies.items():
        own = Pairs(test, policy)  # its other thresholds too
        one = own.outcome(own.delivered(Limits.of(policy)))
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
        "| policy | max_identity_risk | max_drop_risk | drop_price | delivered | lost among these "
        "| shown less, of all | gain kept, of accepting all | gain kept, of what is on offer |"
    )
    tables: dict[str, list[str]] = {"chosen on": [], "examined on": []}
    policies: dict[str, Policy] = {}
    for name, budget in BUDGETS.items():
        here, there = Pairs(known, load_policy(name)), Pairs(test, load_policy(name))
        balanced = Limits.of(policies["balanced"]) if policies else None
        limits = choose(here, budget, limits_between(name, balanced))
        for each in (name, *ALIKE.get(name, ())):
            write_limits(each, limits)
        policies[name] = policy = load_policy(name)
        for title, pairs in (("chosen on", here), ("examined on", there)):
            check(pairs, policy)
            tables[title].append(row_of(name, policy, pairs.outcome(pairs.delivered(limits))))
    text = [
        "# Policies: thresholds chosen from the benchmark",
        "",
        f"    python benchmarks/fit_policies.py --fit {' '.join(p.name for p in options.fit)} --test {' '.join(p.name for p in options.test)}",
        "",
        "Budgets (lost among delivered, shown less among all): "
        + "; ".join(f"{n} {b.lost:.0%}, {b.dropped:.0%}" for n, b in BUDGETS.items())
        + f". A policy uses at most {MARGIN:.0%} of them on the pairs that it is chosen on, since others are others. Truth as in risk.md; strangers left out.",
        "",
        "Chosen are `max_identity_risk`, up to what the policy's name promises ("
        + ", ".join(f"{name} {risk:g}" for name, risk in MOST_RISK.items())
        + f"), and `drop_price`; `max_drop_risk` is {MOST_DROP:g}. Of limits that keep at most {HARDLY:g} less of what is on "
        "offer than the best, those of the largest identity risk are taken: they accept most restorations as they are.",
    ]
    for title, rows in tables.items():
        source = known if title == "chosen on" else test
        pairs, people = source.whole.sum() - source.stranger.sum(), len(np.unique(source.person))
        text += [
            "",
            f"## {title.capitalize()} {pairs} pairs of {people} people",
            "",
            head,
            "|---|---|---|---|---|---|---|---|---|",
            *rows,
        ]
    text += ["", "![policies.png](policies.png)", ""]
    plot(test, policies, ROOT / "docs" / "results" / "policies.png")
    (ROOT / "docs" / "results" / "policies.md").write_text("\n".join(text))
    print("\n".join(text))


if __name__ == "__main__":
    main()
