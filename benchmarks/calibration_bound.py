"""Is the bound of `facefidelity calibrate` true? Many calibrations on pairs whose truth is known.

    python benchmarks/calibration_bound.py runs/candidates/*.npz -o docs/results/calibration_bound.md

Candidates come from measure_candidates.py: restorations and all their mixtures, with what a
recogniser outside the guard sees in each. At every threshold the guard's own rules choose what is
delivered.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from candidates import read
from policy_pairs import Limits, Pairs

from facefidelity.guards.calibration import (
    DELIVERED,
    HELD_BACK,
    LOST,
    THRESHOLDS,
    calibrate,
)
from facefidelity.guards.policy import load_policy

POLICIES = ("balanced", "lenient")
SIZES = (100, 200, 400, 800)
TARGETS = ((0.05, 0.1), (0.1, 0.1))
SYNTHETIC = 200_000
DRAWN, BY_PERSON = "drawn with replacement", "by person, the rest judged"


@dataclass(frozen=True)
class Population:
    """Pairs of which everything is known."""

    name: str
    fates: np.ndarray
    person: np.ndarray


@dataclass(frozen=True)
class Row:
    """What the calibrations of one kind came to; shares of 0..1."""

    population: str
    sampling: str
    alpha: float
    delta: float
    pairs: int
    repeats: int
    set_a_threshold: float
    exceeded: float
    mean_loss: float
    delivered: float
    delivered_best: float


def populations(paths: list[Path]) -> list[Population]:
    """What becomes of every pair at every threshold under some policies, and a made-up risk."""
    candidates = read(paths)
    found = []
    for name in POLICIES:
        policy = load_policy(name)
        pairs = Pairs(candidates, policy)
        limits = Limits.of(policy)
        tried = (limits._replace(max_identity_risk=one) for one in THRESHOLDS)
        delivered = np.stack([pairs.delivered(one) for one in tried], 1)
        fates_ = np.where(pairs.truth.lost[delivered], LOST, DELIVERED).astype(np.int8)
        fates_[delivered < 0] = HELD_BACK
        people = pairs.truth.person[pairs.starts]
        found.append(Population(f"{name}, mixtures included", fates_, people))
        able = (fates_ != HELD_BACK).any(axis=1)
        title = f"{name}, what it delivers at some threshold"
        found.append(Population(title, fates_[able], people[able]))
    return [*found, synthetic()]


def synthetic() -> Population:
    """A risk that understates the loss by far, and mixtures that lose less than the whole."""
    rng = np.random.default_rng(1)
    risk = rng.beta(0.7, 1.6, SYNTHETIC)
    lost = rng.random(SYNTHETIC) < np.minimum(1.0, 1.6 * risk)
    found = whole_fates(risk, np.ones(SYNTHETIC, bool), lost)
    mixed = risk * rng.uniform(0.4, 1.0, SYNTHETIC)
    blend = whole_fates(mixed, np.ones(SYNTHETIC, bool), lost & (rng.random(SYNTHETIC) < 0.6))
    name = "synthetic: loss is 1.6 times the risk, mixtures first"
    return Population(name, np.where(found == HELD_BACK, blend, found), np.arange(SYNTHETIC))


def whole_fates(risk: np.ndarray, allowed: np.ndarray, lost: np.ndarray) -> np.ndarray:
    delivered = allowed[:, None] & (risk[:, None] <= np.array(THRESHOLDS))
    return np.where(delivered, np.where(lost[:, None], LOST, DELIVERED), HELD_BACK).astype(np.int8)


def losses(fates_: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share lost among the delivered, and share delivered, by threshold."""
    delivered = (fates_ != HELD_BACK).sum(axis=0)
    return (fates_ == LOST).sum(axis=0) / np.maximum(delivered, 1), delivered / len(fates_)


def draw(
    people: Population, size: int, sampling: str, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows to calibrate on, and rows to judge by."""
    everything = np.arange(len(people.fates))
    if sampling == DRAWN:
        return rng.choice(everything, size), everything
    _, who = np.unique(people.person, return_inverse=True)
    order = rng.permutation(who.max() + 1)
    shuffled = everything[np.argsort(order[who], kind="stable")]
    last = who[shuffled[size - 1]]
    inside = shuffled[:size]
    rest = shuffled[size:]
    return inside, rest[who[rest] != last]


def calibrate_often(
    people: Population, size: int, target: tuple[float, float], sampling: str, repeats: int
) -> Row:
    alpha, delta = target
    rng = np.random.default_rng([size, round(1000 * alpha), sampling == DRAWN])
    exceeded, found, delivered = 0, [], []
    for _ in range(repeats):
        inside, judged = draw(people, size, sampling, rng)
        threshold = calibrate(people.fates[inside], alpha, delta).threshold
        if threshold is None:
            delivered.append(0.0)
            continue
        loss, share = losses(people.fates[judged][:, [THRESHOLDS.index(threshold)]])
        exceeded += bool(loss[0] > alpha)
        found.append(float(loss[0]))
        delivered.append(float(share[0]))
    loss, share = losses(people.fates)
    return Row(
        people.name,
        sampling,
        alpha,
        delta,
        size,
        repeats,
        set_a_threshold=len(found) / repeats,
        exceeded=exceeded / repeats,
        mean_loss=float(np.mean(found)) if found else float("nan"),
        delivered=float(np.mean(delivered)),
        delivered_best=float(share[loss <= alpha].max(initial=0.0)),
    )


def repeat(arguments: argparse.Namespace) -> None:
    rows = []
    for people in populations(arguments.candidates):
        for sampling in (DRAWN, BY_PERSON):
            for size in SIZES:
                # With less than half left, the rest is too small to be judged by.
                if sampling == BY_PERSON and 2 * size > len(people.fates):
                    continue
                if len(people.fates) == SYNTHETIC and sampling == BY_PERSON:
                    continue
                for target in TARGETS:
                    rows.append(calibrate_often(people, size, target, sampling, arguments.repeats))
    write(rows, arguments)
    print(arguments.out.read_text(encoding="utf-8"))


def write(rows: list[Row], arguments: argparse.Namespace) -> None:
    worst = max(row.exceeded for row in rows if row.sampling == DRAWN)
    names = " ".join(path.name for path in arguments.candidates)
    lines = [
        "# Does the calibrated bound hold?",
        "",
        f"    python benchmarks/calibration_bound.py {names} "
        f"--repeats {arguments.repeats} -o {arguments.out.name}",
        "",
        f"{arguments.repeats} calibrations a line. *Exceeded*: the share of them whose threshold loses "
        "more than alpha of what it delivers; it may be delta at most, and those that set none are "
        "not among them. "
        f"The worst line drawn with replacement, where the true loss is known exactly: {worst:.3f}.",
        "",
        "*Drawn with replacement*: the pairs are the population, their own loss is the truth. *By person, the "
        "rest judged*: nobody is on both sides; the few delivered faces of the rest are counted, so "
        "their own chance is in *exceeded*, which then may pass delta. Lost: the recogniser ranks the "
        "person first in the capture and not in what is delivered. Nothing is delivered where no "
        "threshold could be set. *Possible*: what the laxest threshold within alpha delivers.",
        "",
        "| population | sampling | alpha | delta | pairs | threshold set | exceeded | mean loss | delivered | possible |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        loss = "-" if np.isnan(row.mean_loss) else f"{row.mean_loss:.3f}"
        lines.append(
            f"| {row.population} | {row.sampling} | {row.alpha} | {row.delta} | {row.pairs} | "
            f"{row.set_a_threshold:.2f} | {row.exceeded:.3f} | {loss} | {row.delivered:.3f} | "
            f"{row.delivered_best:.3f} |"
        )
    arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    plain = [{k: None if v != v else v for k, v in asdict(row).items()} for row in rows]  # noqa: PLR0124
    arguments.out.with_suffix(".json").write_text(json.dumps(plain, indent=1) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidates", type=Path, nargs="+")
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("-o", "--out", type=Path, required=True)
    repeat(parser.parse_args())


if __name__ == "__main__":
    main()
