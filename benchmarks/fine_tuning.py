"""Does fine-tuning on a panel's ratings beat no fine-tuning, on people that nobody rated?

    python benchmarks/fine_tuning.py --data odd_cameras --sizes 200 800 -o runs/fine_tuning

--data is a folder of `facefidelity bench build`. A simulated panel rates half of its people: raters
with biases, a share who do not look, five grades, screened as `bench mos` does. Its taste is not our
pseudo-MOS: to it `overall` is mostly fidelity and noise, and sharpness counts only where noise does
not hide it. The other four heads are not rated. The other half of the people is examined against the
true taste, and against pseudo-MOS on the heads that were not rated, with and without the network's
own predictions in their place. Writes docs/results/fine_tuning.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from facefidelity.assessor.benchmark.evaluation.bootstrap import PersonBootstrap
from facefidelity.assessor.benchmark.evaluation.correlation import srcc
from facefidelity.assessor.benchmark.evaluation.datasets import read_ratings
from facefidelity.assessor.benchmark.evaluation.tables import find_preset
from facefidelity.assessor.benchmark.ratings import average_ratings, screen_raters
from facefidelity.assessor.benchmark.ratings.raters import Panel, simulate_ratings
from facefidelity.assessor.runtime import SHIPPED_WEIGHTS
from facefidelity.assessor.training.data import FaceSet
from facefidelity.assessor.training.export import read_network
from facefidelity.assessor.training.measurement import predict
from facefidelity.assessor.training.network import Assessor
from facefidelity.assessor.training.packing import pack_pictures
from facefidelity.assessor.training.plan import TrainingPlan, plan_from
from facefidelity.assessor.training.retention import keep_unrated
from facefidelity.assessor.training.trainer import train
from facefidelity.core.scores import HEADS

ROOT = Path(__file__).resolve().parent.parent
PANEL = Panel(raters=16, spammer_share=0.125)
RATED = ("overall", "sharpness")


def taste(labels: np.ndarray) -> dict[str, np.ndarray]:
    """What the panel would say without its noise: (N,) in 0..100 by rated head."""
    of = {head: labels[:, i].astype(np.float64) for i, head in enumerate(HEADS)}
    return {
        "overall": 0.45 * of["fidelity"] + 0.35 * of["noise"] + 0.2 * of["colorfulness"],
        "sharpness": 0.6 * of["sharpness"] + 0.4 * np.minimum(of["sharpness"], of["noise"]),
    }


def rate(faces: FaceSet, rows: np.ndarray, seed: int) -> FaceSet:
    """Some pictures with the panel's screened MOS as their only labels."""
    truth = {head: values[rows] for head, values in taste(faces.labels).items()}
    ratings = simulate_ratings(truth, PANEL, seed=seed)
    means = average_ratings(ratings, screen_raters(ratings))
    order = np.argsort(means.images)
    labels = np.full((len(rows), len(HEADS)), np.nan, np.float32)
    for column, head in enumerate(means.heads):
        labels[:, HEADS.index(head)] = means.mean[order, column]
    # Sources that are not among the rated pictures are not at hand.
    place = {int(row): i for i, row in enumerate(rows)}
    source = np.array([place.get(int(faces.source[row]), i) for i, row in enumerate(rows)])
    return FaceSet([faces.pictures(rows)], labels, source, faces.owners()[rows])


def fine_tune(
    data: FaceSet, held_out: FaceSet, plan: TrainingPlan, state: Mapping[str, object], out: Path
) -> np.ndarray:
    """(N, 7) predictions of the held-out pictures after fine-tuning."""
    return predict(train(data, held_out, plan, out, start=dict(state)), held_out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", type=Path, default=SHIPPED_WEIGHTS)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 800])
    parser.add_argument("--pictures", type=int, default=20_000, help="seen in all")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()

    rated = read_ratings(options.data, find_preset("sfiqa-sim"))
    faces = pack_pictures(rated.pictures, options.out, "pictures").faces
    rng = np.random.default_rng(options.seed)
    people = rng.permutation(np.unique(faces.owners()))
    away = np.isin(faces.owners(), people[: len(people) // 2])
    pool, rest = np.flatnonzero(~away), np.flatnonzero(away)
    place = np.full(len(faces), -1)
    place[rest] = np.arange(len(rest))
    held_out = FaceSet(
        [faces.pictures(rest)], faces.labels[rest], place[faces.source[rest]], faces.owners()[rest]
    )
    truth = {f"{head} (rated)": values for head, values in taste(held_out.labels).items()}
    truth |= {
        head: held_out.labels[:, i].astype(np.float64)
        for i, head in enumerate(HEADS)
        if head not in RATED
    }
    network, state = read_network(options.start)
    plan = plan_from(
        {"learning_rate": 2e-4, "check_every": options.pictures, "frozen_statistics": True},
        pictures=options.pictures,
        threads=options.threads,
        seed=options.seed,
        network=network,
    )
    start = Assessor(network)
    start.load_state_dict(state)
    found = {"no fine-tuning": predict(start, held_out)}
    for size in options.sizes:
        own = rate(faces, rng.permutation(pool)[:size], options.seed)
        for name, data in (
            (f"{len(own)} rated", keep_unrated(own, network, state)),
            (f"{len(own)} rated, unrated heads left alone", own),
        ):
            folder = options.out / name.replace(" ", "_").replace(",", "")
            found[name] = fine_tune(data, held_out, plan, state, folder)
            print(name, "done", flush=True)
    draw = PersonBootstrap(held_out.owners(), len(held_out), resamples=400)
    lines = [
        "# Fine-tuning on simulated raters",
        "",
        f"    python benchmarks/fine_tuning.py --data {options.data.name} --start "
        f"{options.start.name} --sizes {' '.join(map(str, options.sizes))} "
        f"--pictures {options.pictures} --seed {options.seed} -o DIR",
        "",
        f"{PANEL.raters} simulated raters (no people), {PANEL.spammer_share:.0%} of whom do not look; "
        f"five grades, screened by BT.500-15. They rate {' and '.join(RATED)} by a taste that is not "
        f"our pseudo-MOS. SRCC on {len(rest)} pictures of {len(np.unique(held_out.owners()))} other "
        "people, rated heads against the true taste, the others against pseudo-MOS; brackets: 95 % "
        "bootstrap over persons. Unrated heads keep the network's own predictions as labels, which "
        "is what `bench train --from` does, or none.",
        "",
        "| | " + " | ".join(truth) + " |",
        "|---|" + "---|" * len(truth),
    ]
    for name, predicted in found.items():
        cells = []
        for head, rated_values in truth.items():
            pair = (
                predicted[:, HEADS.index(head.split()[0])].astype(np.float64),
                np.asarray(rated_values),
            )
            low, high = draw.percentile(draw.srcc(*pair))
            cells.append(f"{srcc(*pair):.3f} [{low:.3f}, {high:.3f}]")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    (ROOT / "docs" / "results" / "fine_tuning.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
