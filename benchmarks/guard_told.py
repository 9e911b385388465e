"""How much better the guard would judge if its recogniser were shown the pristine face.

    pip install scikit-learn
    python benchmarks/guard_told.py --fit runs/candidates/val*.npz --test runs/candidates/test*.npz

Candidates come from measure_candidates.py. The truth of every benchmark of the guard is what one
recogniser, the judge, says of a picture and the person's pristine face. Here another recogniser, the
guard's own, is told that face too, and its cohort z and ranks join the guard's evidence (*told*).
It is no upper bound: the assessor learned from the judge as well, and knows some of its taste. It
says how much of what the guard misses a second opinion on the truth would mend. Writes docs/results/guard_told.md.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from candidates import DROP_Z, Candidates, read
from fit_policies import BUDGETS, MARGIN, Budget, choose, limits_between
from fit_risk import MIXTURE_WEIGHT, tell_source
from linear_fit import auc, fit, predict
from policy_pairs import Limits, Pairs, evidence_of
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold

from facefidelity.assessor.benchmark.evaluation.correlation import srcc
from facefidelity.guards.policy import load_policy
from facefidelity.guards.risk import DROP_SIGNS, RISK_SIGNS, load_risk_model
from facefidelity.guards.verdict import LEAST_BLEND

ROOT = Path(__file__).resolve().parent.parent
FOLDS = 5
NAMED = 0.95
Z_BANDS = (-9, 0.5, 1, 2, 3, 4, 9)
TOLD_SIGNS = {"told_fall": 1, "told_z": -1, "told_z_lq": 1, "told_rank1": -1}
TOLD_SOURCE_SIGNS = {"told_z_lq": 1, "told_rank1_lq": 1}
Probabilities = tuple[np.ndarray, np.ndarray]


def with_truth(faces: Candidates) -> Candidates:
    """The candidates without strangers, what the told recogniser says among their features."""
    known = faces.select(~faces.stranger)
    told = {
        "told_z": known.told_z,
        "told_z_lq": known.told_z_lq,
        "told_fall": known.told_z_lq - known.told_z,
        "told_rank1": known.told_rank1.astype(float),
        "told_rank1_lq": known.told_rank1_lq.astype(float),
    }
    known.features.update(told)
    tell_source(load_risk_model().source, known)
    return known


def shipped(faces: Candidates) -> Probabilities:
    """Identity risk and drop risk as the guard has them."""
    evidence = evidence_of(faces)
    drop = [math.nan if one.drop_risk is None else one.drop_risk for one in evidence]
    return np.array([one.identity_risk for one in evidence]), np.array(drop)


def linear(known: Candidates, faces: Candidates) -> Probabilities:
    """The guard's kind of model, told the truth as well."""
    weights = np.where(known.whole, 1.0, MIXTURE_WEIGHT)
    risk, drop = (
        predict(fit(known.features, event, signs | TOLD_SIGNS, weights=weights), faces.features)
        for event, signs in ((known.gone, RISK_SIGNS), (known.dropped, DROP_SIGNS))
    )
    return risk, drop


def evidence_table(faces: Candidates) -> np.ndarray:
    return np.column_stack([faces.features[name] for name in sorted(faces.features)])


def booster(known: Candidates, event: np.ndarray) -> HistGradientBoostingClassifier:
    model = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.06, max_leaf_nodes=12, l2_regularization=5.0, random_state=0
    )
    weights = np.where(known.whole, 1.0, MIXTURE_WEIGHT)
    return model.fit(evidence_table(known), event, sample_weight=weights)


def boosted(known: Candidates, faces: Candidates) -> Probabilities:
    """Gradient boosting over all evidence and the truth."""
    table = evidence_table(faces)
    risk, drop = (
        booster(known, event).predict_proba(table)[:, 1] for event in (known.gone, known.dropped)
    )
    return risk, drop


def boosted_across(known: Candidates) -> Probabilities:
    """The same of the very people that it is fitted on, each held out once."""
    risk, drop = np.zeros(len(known)), np.zeros(len(known))
    for fitted, held in GroupKFold(FOLDS).split(risk, groups=known.person):
        mine, others = np.zeros(len(known), bool), np.zeros(len(known), bool)
        mine[held], others[fitted] = True, True
        risk[held], drop[held] = boosted(known.select(others), known.select(mine))
    return risk, drop


def pairs_under(faces: Candidates, probabilities: Probabilities, free: bool) -> Pairs:
    """The pairs of a policy's choice, judged by these probabilities.

    Free of every other rule of the policy but that overall must gain: what is told needs none.
    """
    policy = load_policy("balanced")
    pairs = Pairs(faces, policy)
    pairs.risk, pairs.drop = probabilities
    if free:
        pairs.able = (pairs.gain >= policy.min_overall_gain) & (faces.blend >= LEAST_BLEND)
        pairs.waived = np.zeros(len(faces), bool)
    return pairs


def policy_row(name: str, here: Pairs, there: Pairs, budget: Budget) -> str:
    limits = choose(here, budget, limits_between("balanced", None))
    found = there.outcome(there.delivered(limits))
    return (
        f"| {name} | {found.delivered:.2f} | {100 * found.lost:.1f} % | {100 * found.dropped:.1f} % "
        f"| {found.kept:.2f} | {found.offered:.2f} |"
    )


def judge_row(there: Pairs) -> str:
    """Who knows the judge's answers delivers whatever gains and neither loses nor drops."""
    there.risk, there.drop = there.truth.lost.astype(float), there.truth.dropped.astype(float)
    found = there.outcome(there.delivered(Limits(0.0, 0.0, 0.0)))
    return (
        f"| the judge's own answers | {found.delivered:.2f} | 0.0 % | 0.0 % | {found.kept:.2f} "
        f"| {found.offered:.2f} |"
    )


def gains(known: Candidates, test: Candidates) -> Iterator[str]:
    yield "| who decides | delivered | lost among these | shown less, of all | gain kept, of accepting all | of what is on offer |"
    yield "|---|---|---|---|---|---|"
    both = BUDGETS["balanced"]
    alone = replace(both, dropped=1.0)
    own = shipped(known), shipped(test)
    told = linear(known, known), linear(known, test)
    more = boosted_across(known), boosted(known, test)
    for name, (here, there), free, budget in (
        ("the guard", own, False, both),
        ("the guard, by the budget of the lost alone", own, False, alone),
        ("told, its kind of model", told, True, both),
        ("told, gradient boosting", more, True, both),
    ):
        pairs = pairs_under(known, here, free), pairs_under(test, there, free)
        yield policy_row(name, *pairs, budget)
    yield judge_row(pairs_under(test, shipped(test), free=True))


def agreement(test: Candidates) -> Iterator[str]:
    model = load_risk_model()
    risk, drop = shipped(test)
    fidelity = predict(model.fidelity, test.features, logistic=False)
    fall = test.told_z_lq - test.told_z
    first = np.char.partition(test.kind, "+")[:, 0]
    groups = {"restorations": test.whole}
    groups |= {f"{kind}": test.whole & (first == kind) for kind in np.unique(first)}
    groups |= {"mixtures": ~test.whole}
    yield "| candidates | number | SRCC with the judge's z: guard / told | AUC shown less: guard / told | AUC lost: guard / told |"
    yield "|---|---|---|---|---|"
    for name, mask in groups.items():
        if mask.sum() < 40:
            continue
        seen = mask & test.rank1_lq
        numbers = (
            (srcc(fidelity[mask], test.z[mask]), srcc(test.told_z[mask], test.z[mask])),
            (auc(drop[mask], test.dropped[mask]), auc(fall[mask], test.dropped[mask])),
            (auc(risk[seen], test.lost[seen]), auc(-test.told_z[seen], test.lost[seen])),
        )
        cells = " | ".join(f"{guard:.3f} / {told:.3f}" for guard, told in numbers)
        yield f"| {name} | {mask.sum()} | {cells} |"


def naming(known: Candidates, test: Candidates) -> Iterator[str]:
    """Of captures that identify nobody, the named; of the others, the misnamed."""
    here, there = (one.select(one.whole) for one in (known, test))
    told = fit(here.features, here.rank1_lq, TOLD_SOURCE_SIGNS)
    source = predict(load_risk_model().source, there.features)
    sure = predict(told, there.features)
    yield f"| who names | AUC | named at its own rule | misnamed | misnamed where {NAMED:.0%} are named |"
    yield "|---|---|---|---|---|"
    least = load_policy("balanced").min_source_identifiable
    for name, value, own in (
        ("the guard", source, source < least),
        ("told: its rank 1", sure, ~there.told_rank1_lq),
    ):
        nobody = ~there.rank1_lq
        cut = np.quantile(value[nobody], NAMED)
        yield (
            f"| {name} | {auc(value, there.rank1_lq):.3f} | {own[nobody].mean():.2f} "
            f"| {own[~nobody].mean():.2f} | {(value[~nobody] <= cut).mean():.2f} |"
        )


def bands(test: Candidates) -> Iterator[str]:
    """How many captures are named, by how far the judge sees the person stand out."""
    whole = test.select(test.whole)
    source = predict(load_risk_model().source, whole.features)
    yield "| judge's z of the capture | captures | ranked first by the judge / by dlib, told | named by balanced | by strict |"
    yield "|---|---|---|---|---|"
    for low, high in pairwise(Z_BANDS):
        mask = (whole.z_lq >= low) & (whole.z_lq < high)
        named = (
            (source[mask] < load_policy(name).min_source_identifiable).mean()
            for name in ("balanced", "strict")
        )
        shares = " | ".join(f"{share:.2f}" for share in named)
        yield (
            f"| {low:g} to {high:g} | {mask.sum()} | {whole.rank1_lq[mask].mean():.2f} / "
            f"{whole.told_rank1_lq[mask].mean():.2f} | {shares} |"
        )


def report(known: Candidates, test: Candidates, command: str) -> str:
    fall = (test.z_lq - test.z)[test.whole]
    told = (test.told_z_lq - test.told_z)[test.whole]
    rest = fall - np.polyval(np.polyfit(told, fall, 1), told)
    lines = [
        "# The guard told the truth by its own recogniser",
        "",
        f"    {command}",
        "",
        f"{test.whole.sum()} restorations of {len(np.unique(test.person))} people and their mixtures; thresholds "
        f"and models from {known.whole.sum()} of {len(np.unique(known.person))} others. Truth by "
        "judge-faceplugin as in guard.md. *Told*: the guard's recogniser (dlib) compares every picture with the person's "
        "pristine face as well, which no guard ever sees, in the same cohort and gallery. That is no upper bound: the assessor "
        "learned from the judge too, and the guard alone agrees with it better than dlib does.",
        "",
        f"The judge's fall of z that dlib's fall leaves unexplained has a deviation of {rest.std():.2f}; *shown less* is a fall of "
        f"{DROP_Z}.",
        "",
        "## Do the two recognisers agree?",
        "",
        *agreement(test),
        "",
        f"## Gain kept under balanced's budgets ({BUDGETS['balanced'].lost:.0%} lost, {BUDGETS['balanced'].dropped:.0%} shown less)",
        "",
        f"Limits chosen on the others within {MARGIN:.0%} of the budgets, as fit_policies.py does. Who is told "
        "keeps none of the policy's other rules but that overall must gain.",
        "",
        *gains(known, test),
        "",
        "## Captures that identify nobody",
        "",
        *naming(known, test),
        "",
        "A z of 0.5 is a fidelity of 0: the person stands out no more than a stranger would. Rank 1 begins near 3.",
        "",
        *bands(test),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", type=Path, nargs="+", required=True)
    parser.add_argument("--test", type=Path, nargs="+", required=True)
    options = parser.parse_args()
    names = [" ".join(path.name for path in paths) for paths in (options.fit, options.test)]
    command = f"python benchmarks/guard_told.py --fit {names[0]} --test {names[1]}"
    text = report(with_truth(read(options.fit)), with_truth(read(options.test)), command)
    (ROOT / "docs" / "results" / "guard_told.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
