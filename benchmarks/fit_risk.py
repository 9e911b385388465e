"""Fits the risk model on people whom the assessor never saw, and examines it on others.

    python benchmarks/fit_risk.py --fit runs/candidates/val*.npz --test runs/candidates/test*.npz

Candidates come from measure_candidates.py. Writes guards/risk_model.json and docs/results/risk.md.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path

import numpy as np
from candidates import DROP_Z, MARGIN_Z, Candidates, read
from intervals import with_interval
from linear_fit import auc, brier, fit, predict, reliability

from facefidelity.assessor.benchmark.evaluation.correlation import srcc
from facefidelity.assessor.runtime import Assessor
from facefidelity.guards.risk import (
    DROP_SIGNS,
    LEAST_PROBABILITY,
    LOSS_SIGNS,
    RISK_SIGNS,
    LinearModel,
    loss_features,
)

ROOT = Path(__file__).resolve().parent.parent
GUARD_EMBEDDER = "dlib-resnet-v1"
SOURCE_FEATURES = {"lq_fidelity": 1, "lq_sharpness": 1, "lq_noise": 1, "lq_contrast": 1}
FIDELITY_FEATURES = {
    "supported_fidelity": 1,
    "cosine_similarity": 1,
    "log_dissimilarity": -1,
    "weighted_dissimilarity": -1,
    "lq_fidelity": 1,
    "hq_fidelity": 1,
}
MIXTURE_WEIGHT = 0.25
"""Of a mixture in the fit, a restoration counting 1: twelve of one face are no twelve faces."""
Models = dict[str, LinearModel]


def fit_models(known: Candidates) -> Models:
    """Risk and drop from restorations and mixtures; the rest from restorations.

    The source comes first: the risk reads what it says.
    """
    source = fit_source(known)
    tell_source(source, known)
    whole = known.select(known.whole)
    weights = np.where(known.whole, 1.0, MIXTURE_WEIGHT)
    supported = np.clip((whole.z - 0.5) / 4.7, 0, 1) * 100
    models = {
        "risk": fit(known.features, known.gone, RISK_SIGNS, weights=weights),
        "drop": fit(known.features, known.dropped, DROP_SIGNS, weights=weights),
        "source": source,
        "fidelity": fit(whole.features, supported, FIDELITY_FEATURES, logistic=False),
    }
    lost = known.rank1_lq & known.gone
    return models | {"loss": fit(logarithms(models, known), lost, LOSS_SIGNS, weights=weights)}


def fit_source(known: Candidates) -> LinearModel:
    """That LQ identifies its person, from restorations, one a pair."""
    whole = known.select(known.whole)
    return fit(whole.features, whole.rank1_lq, SOURCE_FEATURES)


def tell_source(source: LinearModel, faces: Candidates) -> None:
    """Add to the features what `RiskModel.complete` adds."""
    identified = np.maximum(predict(source, faces.features), LEAST_PROBABILITY)
    faces.features["log_source_identifiable"] = np.log(identified)


def logarithms(models: Models, faces: Candidates) -> dict[str, np.ndarray]:
    """What the model of a loss reads, of every candidate."""
    values = (predict(models[name], faces.features) for name in ("risk", "drop", "source"))
    rows = [loss_features(*map(float, each)) for each in zip(*values, strict=True)]
    return {name: np.array([row[name] for row in rows]) for name in LOSS_SIGNS}


def as_content(models: Models, known: Candidates) -> dict[str, object]:
    """The file's content."""
    whole = known.select(known.whole)
    return {
        "embedder": GUARD_EMBEDDER,
        "assessor": Assessor(threads=1).name,
        "date": date.today().isoformat(),
        "pairs": len(whole),
        "candidates": len(known),
        "persons": len(np.unique(known.person)),
        "event": f"judge does not rank the person first, or its cohort z fell by more than {MARGIN_Z}",
        "drop_event": f"the judge's cohort z fell by more than {DROP_Z}",
        "typical": {n: float(whole.features[n].mean()) for n in models["risk"].coefficients},
        **{
            n: {"intercept": m.intercept, "coefficients": dict(m.coefficients)}
            for n, m in models.items()
        },
    }


def groups_of(test: Candidates) -> dict[str, np.ndarray]:
    """Rows by what they are; restorations unless said otherwise."""
    whole = test.whole & ~test.stranger
    real = np.char.endswith(test.subset, "lfw")
    groups = {
        "restorations": whole,
        "mixtures": ~test.whole,
        "restorations and strangers": test.whole,
    }
    groups |= {f"set {name}": whole & (test.subset == name) for name in np.unique(test.subset)}
    kinds = np.unique(np.char.partition(test.kind, "+")[:, 0])
    first = np.char.partition(test.kind, "+")[:, 0]
    return groups | {f"{kind}": whole & ~real & (first == kind) for kind in kinds}


def table(test: Candidates, models: Models) -> list[str]:
    risk, drop = predict(models["risk"], test.features), predict(models["drop"], test.features)
    source = predict(models["source"], test.features)
    fidelity = predict(models["fidelity"], test.features, logistic=False)
    f = test.features
    naive = ((f["overall_gain"] > 0) & (f["hq_fidelity"] < f["lq_fidelity"])).astype(float)
    lines = [
        "| candidates | number | not identifiable | AUC risk, not identifiable | AUC risk, lost | AUC cosine | AUC naive rule | AUC drop risk | SRCC fidelity given source | AUC source identifiable |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, mask in groups_of(test).items():
        if mask.sum() < 40:
            continue
        known = mask & test.rank1_lq
        lines.append(
            f"| {name} | {mask.sum()} | {test.unidentified[mask].mean():.2f} "
            f"| {with_interval(auc, risk[mask], test.unidentified[mask], test.person[mask])} "
            f"| {auc(risk[known], test.unidentified[known]):.3f} "
            f"| {auc(-f['cosine_similarity'][mask], test.unidentified[mask]):.3f} "
            f"| {auc(naive[mask], test.unidentified[mask]):.3f} "
            f"| {auc(drop[mask], test.dropped[mask]):.3f} "
            f"| {srcc(fidelity[mask], test.z[mask]):.3f} "
            f"| {auc(source[mask], test.rank1_lq[mask]):.3f} |"
        )
    return lines


def best_single(known: Candidates, test: Candidates) -> tuple[float, str]:
    """The lowest Brier score that one feature alone reaches on restorations, fitted likewise."""
    whole, other = known.select(known.whole), test.select(test.whole)
    found = []
    for name, sign in RISK_SIGNS.items():
        model = fit(whole.features, whole.gone, {name: sign})
        found.append((brier(predict(model, other.features), other.gone), name))
    return min(found)


def report(known: Candidates, test: Candidates, models: Models, command: str) -> str:
    whole = test.select(test.whole)
    risk = predict(models["risk"], whole.features)
    score, (best, name) = brier(risk, whole.gone), best_single(known, test)
    drop = predict(models["drop"], test.features)
    known_faces = test.select(~test.stranger)
    loss = predict(models["loss"], logarithms(models, known_faces))
    alone = predict(models["risk"], known_faces.features)
    gone = known_faces.rank1_lq & known_faces.gone
    lines = [
        "# Identity risk: fitted on people the assessor never saw, examined on others",
        "",
        f"    {command}",
        "",
        f"{known.whole.sum()} restorations and {(~known.whole).sum()} mixtures of {len(np.unique(known.person))} persons to fit, "
        f"{test.whole.sum()} and {(~test.whole).sum()} of {len(np.unique(test.person))} other persons to examine; "
        f"assessor {Assessor(threads=1).name}. Truth by a recogniser that is not in the guard, in a gallery of all other persons of "
        f"the set: risk predicts that HQ is not its person's rank 1 or its cohort z fell by more than {MARGIN_Z}, drop risk that it fell by more than {DROP_Z}; "
        "lost = LQ is rank 1 and HQ is not. Cameras are random in every row (none repeats); x4plus-anime and waifu2x were in nobody's training. "
        "Brackets: 95 % bootstrap over persons.",
        "",
        *table(test, models),
        "",
        f"Brier score of the risk {score:.3f}, of the best single feature ({name}) {best:.3f}: ratio {score / best:.2f}.",
        "",
        "## Reliability of the risk, restorations and strangers",
        "",
        *reliability(risk, whole.gone),
        "",
        "## Reliability of the drop risk, mixtures included",
        "",
        *reliability(drop, test.dropped),
        "",
        "## Reliability of the predicted loss, mixtures included",
        "",
        "That LQ is rank 1 and HQ is gone, from the logarithms of the three probabilities above; strangers "
        f"left out. AUC {auc(loss, gone):.3f}, of the risk alone {auc(alone, gone):.3f}; where the risk is "
        f"below 0.5 {auc(loss[alone < 0.5], gone[alone < 0.5]):.3f} and "
        f"{auc(alone[alone < 0.5], gone[alone < 0.5]):.3f}.",
        "",
        *reliability(loss, gone),
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
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", type=Path, nargs="+", required=True)
    parser.add_argument("--test", type=Path, nargs="+", required=True)
    arguments = parser.parse_args()
    known, test = read(arguments.fit), read(arguments.test)
    models = fit_models(known)
    tell_source(models["source"], test)
    content = json.dumps(as_content(models, known), indent=2) + "\n"
    (ROOT / "guards" / "risk_model.json").write_text(content)
    names = [" ".join(path.name for path in paths) for paths in (arguments.fit, arguments.test)]
    command = f"python benchmarks/fit_risk.py --fit {names[0]} --test {names[1]}"
    text = report(known, test, models, command)
    (ROOT / "docs" / "results" / "risk.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
