"""Fits the risk model on people whom the assessor never saw, and examines it on others.

    python benchmarks/fit_risk.py --fit runs/val runs/val_esr runs/val_lfw \
        --test runs/test runs/test_esr runs/test_lfw

Sets come from build_simset.py. Writes guards/risk_model.json and docs/results/risk.md.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from intervals import with_interval
from pair_features import GUARD_EMBEDDER, MARGIN_Z, Pairs, assessor_at, join, pairs_of
from scipy.optimize import minimize
from scipy.stats import rankdata
from simset import load

from facefidelity.assessor.benchmark.evaluation.correlation import srcc
from facefidelity.assessor.runtime import SHIPPED_WEIGHTS, Assessor
from facefidelity.guards.policy import Policy, load_policy
from facefidelity.guards.risk import RISK_SIGNS, LinearModel

POLICIES = ("strict", "balanced", "lenient")
ROOT = Path(__file__).resolve().parent.parent
SOURCE_FEATURES = {"lq_fidelity": 1, "lq_sharpness": 1, "lq_noise": 1, "lq_contrast": 1}
FIDELITY_FEATURES = {
    "supported_fidelity": 1,
    "cosine_similarity": 1,
    "lq_fidelity": 1,
    "hq_fidelity": 1,
}


def fit(features: dict, target: np.ndarray, signs: dict, logistic: bool, ridge: float = 1e-3):
    """Sign-constrained logistic or least-squares fit on standardised features."""
    names = list(signs)
    x = np.column_stack([features[n] for n in names])
    mean, scale = x.mean(0), x.std(0) + 1e-9
    x = (x - mean) / scale

    def loss(w: np.ndarray) -> float:
        value = x @ w[1:] + w[0]
        if logistic:
            fitted = np.logaddexp(0, np.where(target, -value, value)).mean()
        else:
            fitted = ((value - target) ** 2).mean() / 100
        return fitted + ridge * (w[1:] ** 2).sum()

    start = np.zeros(len(names) + 1)
    bounds = [(None, None)] + [(0, None) if signs[n] > 0 else (None, 0) for n in names]
    best = minimize(loss, start, bounds=bounds, method="L-BFGS-B").x
    coefficients = best[1:] / scale
    intercept = float(best[0] - (coefficients * mean).sum())
    kept = {n: float(c) for n, c in zip(names, coefficients, strict=True) if abs(c) > 1e-9}
    return LinearModel(intercept, kept)


def values(model: LinearModel, pairs: Pairs, logistic: bool = True) -> np.ndarray:
    total = model.intercept + sum(c * pairs.features[n] for n, c in model.coefficients.items())
    return 1 / (1 + np.exp(-total)) if logistic else np.clip(total, 0, 100)


def auc(score: np.ndarray, truth: np.ndarray) -> float:
    """Area under the ROC curve."""
    n1, n0 = truth.sum(), (~truth).sum()
    if min(n1, n0) < 5:
        return float("nan")
    return float((rankdata(score)[truth].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def table(test: Pairs, models: dict[str, LinearModel]) -> list[str]:
    risk = values(models["risk"], test)
    source = values(models["source"], test)
    fidelity = values(models["fidelity"], test, logistic=False)
    f = test.features
    single = -f["cosine_similarity"]
    naive = ((f["overall_gain"] > 0) & (f["hq_fidelity"] < f["lq_fidelity"])).astype(float)
    lines = [
        "| set | pairs | lost | AUC risk | AUC cosine alone | AUC naive rule | SRCC fidelity given source | AUC source identifiable |",
        "|---|---|---|---|---|---|---|---|",
    ]
    groups = {
        "all": np.ones(len(risk), bool),
        "all but strangers": ~np.char.endswith(test.kind, "stranger"),
    }
    groups["all real people"] = np.char.startswith(test.kind, "real people")
    for kind in sorted(set(test.kind)):
        groups[kind] = test.kind == kind
    for name, mask in groups.items():
        if mask.sum() < 40:
            continue
        lines.append(
            f"| {name} | {mask.sum()} | {test.lost[mask].mean():.2f} "
            f"| {with_interval(auc, risk[mask], test.lost[mask], test.person[mask])} "
            f"| {auc(single[mask], test.lost[mask]):.3f} | {auc(naive[mask], test.lost[mask]):.3f} "
            f"| {srcc(fidelity[mask], test.z_hq[mask]):.3f} "
            f"| {auc(source[mask], test.source_rank1[mask]):.3f} |"
        )
    return lines


def reliability(risk: np.ndarray, truth: np.ndarray) -> list[str]:
    lines = ["| predicted risk | pairs | mean predicted | lost |", "|---|---|---|---|"]
    for low in np.arange(0, 1, 0.1):
        mask = (risk >= low) & (risk < low + 0.1 + (low > 0.89))
        if mask.any():
            lines.append(
                f"| {low:.1f} to {low + 0.1:.1f} | {mask.sum()} | {risk[mask].mean():.2f} | {truth[mask].mean():.2f} |"
            )
    return lines


def accepted(pairs: Pairs, models: dict[str, LinearModel], policy: Policy) -> np.ndarray:
    """Which pairs a policy would ACCEPT; mixtures are not searched here."""
    f = pairs.features
    loss = f["lq_fidelity"] - values(models["fidelity"], pairs, logistic=False)
    return (
        (values(models["risk"], pairs) <= policy.max_identity_risk)
        & (values(models["source"], pairs) >= policy.min_source_identifiable)
        & (f["overall_gain"] >= policy.min_overall_gain)
        & (loss <= policy.max_fidelity_loss)
        & (f["consistency"] >= policy.min_consistency)
        & (f["landmark_shift"] <= policy.max_landmark_shift)
    )


def policy_table(known: Pairs, test: Pairs, models: dict[str, LinearModel]) -> list[str]:
    """Accepted share, what of it was lost, and the gain kept, beside today's habits."""
    gain = np.maximum(test.features["overall_gain"], 0)
    choices = {name: accepted(test, models, load_policy(name)) for name in POLICIES}
    choices["accept everything"] = np.ones(len(gain), bool)
    budget = known.lost[accepted(known, models, load_policy("balanced"))].mean()
    cosine = known.features["cosine_similarity"]
    for threshold in np.sort(cosine):
        if known.lost[cosine >= threshold].mean() <= budget:
            break
    choices[f"cosine >= {threshold:.3f} (tuned to balanced's loss)"] = (
        test.features["cosine_similarity"] >= threshold
    )
    lines = [
        "| rule | accepted | lost among accepted | newly lost among accepted | overall gain kept |",
        "|---|---|---|---|---|",
    ]
    for name, mask in choices.items():
        newly = test.source_rank1 & ~test.hq_rank1
        lines.append(
            f"| {name} | {mask.mean():.2f} | {test.lost[mask].mean() if mask.any() else 0:.3f} "
            f"| {newly[mask].mean() if mask.any() else 0:.3f} "
            f"| {gain[mask].sum() / gain.sum():.2f} |"
        )
    return lines


def measure(folder: Path, assessor: Assessor, strangers: int) -> Pairs:
    """Pairs of one set; sets of real people (..._lfw) keep their persons and kinds apart."""
    pairs = pairs_of(load(folder), assessor, strangers)
    if folder.name.endswith("_lfw"):
        kind = np.char.add("real people: ", pairs.kind)
        return replace(pairs, person=pairs.person + 1_000_000, kind=kind)
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", type=Path, nargs="+", required=True)
    parser.add_argument("--test", type=Path, nargs="+", required=True)
    parser.add_argument("--assessor", type=Path, default=SHIPPED_WEIGHTS)
    parser.add_argument("--strangers", type=int, default=250)
    arguments = parser.parse_args()
    assessor = assessor_at(arguments.assessor)
    share = arguments.strangers // len(arguments.fit)
    known = join([measure(folder, assessor, share) for folder in arguments.fit])
    test = join([measure(folder, assessor, share) for folder in arguments.test])
    fidelity_target = np.clip((known.z_hq - 0.5) / 4.7, 0, 1) * 100
    models = {
        "risk": fit(known.features, known.lost, RISK_SIGNS, True),
        "source": fit(known.features, known.source_rank1, SOURCE_FEATURES, True),
        "fidelity": fit(known.features, fidelity_target, FIDELITY_FEATURES, False),
    }
    content = {
        "embedder": GUARD_EMBEDDER,
        "assessor": assessor.name,
        "date": date.today().isoformat(),
        "pairs": len(known.lost),
        "persons": len(np.unique(known.person)),
        "event": f"judge does not rank the person first, or its cohort z fell by more than {MARGIN_Z}",
        "typical": {n: float(known.features[n].mean()) for n in models["risk"].coefficients},
        **{
            n: {"intercept": m.intercept, "coefficients": dict(m.coefficients)}
            for n, m in models.items()
        },
    }
    (ROOT / "guards" / "risk_model.json").write_text(json.dumps(content, indent=2) + "\n")
    risk = values(models["risk"], test)
    brier = float(((risk - test.lost) ** 2).mean())
    best = min(
        (
            (
                float(
                    (
                        (values(fit(known.features, known.lost, {n: s}, True), test) - test.lost)
                        ** 2
                    ).mean()
                ),
                n,
            )
            for n, s in RISK_SIGNS.items()
        )
    )
    lines = [
        "# Identity risk: fitted on people the assessor never saw, examined on others",
        "",
        "    python benchmarks/fit_risk.py "
        + " ".join(
            ["--fit", *(p.name for p in arguments.fit), "--test", *(p.name for p in arguments.test)]
        ),
        "",
        f"{len(known.lost)} pairs of {content['persons']} persons to fit, {len(test.lost)} pairs of "
        f"{len(np.unique(test.person))} other persons to examine; assessor {assessor.name}. Truth by a "
        "recogniser that is not in the guard: lost = HQ is not its person's rank 1 in a gallery of "
        f"all other persons of its set, or its cohort z fell by more than {MARGIN_Z}. "
        "Cameras are random in every row (none repeats); realesrgan was in the assessor's training (of other people), x4plus-anime and waifu2x were not. "
        "Brackets: 95 % bootstrap over persons.",
        "",
        *table(test, models),
        "",
        f"Brier score {brier:.3f}; best single feature ({best[1]}) {best[0]:.3f}; ratio {brier / best[0]:.2f}.",
        "",
        "## Reliability on the examined persons",
        "",
        *reliability(risk, test.lost),
        "",
        "## What the policies accept of the examined pairs",
        "",
        "ACCEPT only, mixtures are not searched; strangers left out. Lost as above; newly lost = LQ "
        "was its person's rank 1 and HQ is not.",
        "",
        *policy_table(known, test.select(~np.char.endswith(test.kind, "stranger")), models),
        "",
        "## Coefficients (log-odds per unit)",
        "",
        "| model | intercept | coefficients |",
        "|---|---|---|",
        *(
            f"| {n} | {m.intercept:.3f} | "
            + ", ".join(f"{k} {c:+.4f}" for k, c in m.coefficients.items())
            + " |"
            for n, m in models.items()
        ),
    ]
    (ROOT / "docs" / "results" / "risk.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
