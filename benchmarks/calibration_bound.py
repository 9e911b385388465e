"""Is the bound of `facefidelity calibrate` true? Many calibrations on pairs whose truth is known.

    python benchmarks/calibration_bound.py repeat guard.csv -o docs/results/calibration_bound.md

`repeat` draws calibration sets and compares the realised loss with alpha. Its table is `guard.csv`
of `facefidelity bench guard -o` or benchmarks/guard.py: there whole restorations are delivered, as
far as the table says what balanced asks. Or, with the mixtures that each threshold chooses:

    python benchmarks/calibration_bound.py collect runs/test runs/test_esr runs/test_unseen \
        runs/test_lfw --judge fr_feature.onnx --pairs 300 -o pairs.npz

`collect` lets the guard judge pairs of sets of build_simset.py, every mixture included, and a
recogniser outside the guard says of each face that would be delivered at some threshold whether
the person is lost in it: ranked first in the capture, not in what is delivered.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from facefidelity.guards.calibration import (
    DELIVERED,
    HELD_BACK,
    LOST,
    THRESHOLDS,
    WHOLE,
    JudgedPair,
    calibrate,
    deliverable,
    fates,
)
from facefidelity.guards.policy import SEARCH_ALWAYS, load_policy

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


def collect(arguments: argparse.Namespace) -> None:
    from guard import People, pairs_of
    from judge import JudgeEmbedder

    from facefidelity.assessor.runtime import Assessor
    from facefidelity.core.faces import DlibDetector
    from facefidelity.core.protocols import Restoration
    from facefidelity.guards.identity import DlibEmbedder
    from facefidelity.guards.judgement import FaceJudge
    from facefidelity.guards.remixing import remix
    from facefidelity.guards.risk import load_risk_model
    from facefidelity.plugin.benchmark.gallery import Gallery, require_independent
    from facefidelity.plugin.benchmark.pairs import draw_pairs

    guard = FaceJudge(
        Assessor(threads=1), DlibEmbedder(threads=1), DlibDetector(), load_risk_model()
    )
    judge = JudgeEmbedder(arguments.judge)
    people = People()
    sets = [pairs_of(folder, people) for folder in arguments.sets]
    gallery = Gallery(people.vectors, people.sexes)
    require_independent(judge, guard.embedder, sets[0][0].read_source())
    policies = [load_policy(name) for name in POLICIES]
    judged, persons = [], []
    for pair in (one for pairs in sets for one in draw_pairs(pairs, arguments.pairs)):
        lq, hq = pair.read_source(), pair.read_restored()
        source = guard.measure_source(lq)
        verdict = guard.judge(Restoration(lq, hq, pair.restoration), SEARCH_ALWAYS, source).verdict
        assert verdict.evidence is not None
        assert verdict.tried is not None
        faces = {WHOLE: hq, **remix(source, lq, hq)}
        known = gallery.see(judge.embed(lq).vector, pair.person).rank1
        names = {
            name: None
            for one in policies
            for name in deliverable(verdict.evidence, verdict.tried, one)
        }
        lost = {
            name: known and not gallery.see(judge.embed(faces[name]).vector, pair.person).rank1
            for name in names
        }
        judged.append(JudgedPair(verdict.evidence, verdict.tried, lost))
        persons.append(pair.person)
        if len(judged) % 50 == 0:
            print(f"{len(judged)} pairs", file=sys.stderr, flush=True)
    np.savez_compressed(
        arguments.out,
        person=np.array(persons),
        gallery=len(gallery),
        names=np.array([guard.assessor.name, guard.embedder.name, judge.name]),
        sets=np.array([folder.name for folder in arguments.sets]),
        **{policy.name: fates(judged, policy) for policy in policies},
    )


def populations(table: Path) -> list[Population]:
    if table.suffix == ".npz":
        data = np.load(table)
        return [Population(f"{table.stem}, {one}", data[one], data["person"]) for one in POLICIES]
    with table.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    balanced = load_policy("balanced")

    def column(name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in rows])

    allowed = (column("overall_gain") >= balanced.min_overall_gain) & (
        column("source_identifiable") >= balanced.min_source_identifiable
    )
    lost = (column("source_rank1") == 1) & (column("restored_rank1") == 0)
    found = whole_fates(column("identity_risk"), allowed, lost)
    people = np.array([row["person"] for row in rows])
    worthwhile = Population(
        f"{table.name}, what balanced would look at", found[allowed], people[allowed]
    )
    return [Population(table.name, found, people), worthwhile, synthetic()]


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
    for people in populations(arguments.table):
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
    lines = [
        "# Does the calibrated bound hold?",
        "",
        f"    python benchmarks/calibration_bound.py repeat {arguments.table.name} "
        f"--repeats {arguments.repeats} -o {arguments.out.name}",
        "",
        f"{arguments.repeats} calibrations a line. *Exceeded*: the share of them whose threshold loses "
        "more than alpha of what it delivers; it may be delta at most, and those that set none are "
        "not among them. "
        f"The worst line drawn with replacement, where the true loss is known exactly: {worst:.3f}.",
        "",
        "*Drawn with replacement*: the table is the population, its own loss is the truth. *By person, the "
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
    stages = parser.add_subparsers(dest="stage", required=True)
    collecting = stages.add_parser("collect")
    collecting.add_argument("sets", type=Path, nargs="+")
    collecting.add_argument("--judge", type=Path, required=True)
    collecting.add_argument("--pairs", type=int, default=300, help="at most, a set")
    collecting.add_argument("-o", "--out", type=Path, required=True)
    repeating = stages.add_parser("repeat")
    repeating.add_argument("table", type=Path)
    repeating.add_argument("--repeats", type=int, default=200)
    repeating.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()
    collect(arguments) if arguments.stage == "collect" else repeat(arguments)


if __name__ == "__main__":
    main()
