"""Builds the simulated set that trains the assessor and fits the risk model.

    python benchmarks/build_simset.py --faces FACES --table FACES.csv --judge fr_feature.onnx \
        -o runs/simset --split train --captures 5 --seed 1

Writes images.npy, labels.npy, vectors_NAME.npy, own_NAME.npy and rows.csv into the folder.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import time
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from ncnn_family import family_restorer

from facefidelity.assessor.benchmark.dataset import (
    Person,
    Row,
    provenance_text,
    read_people,
    simulate_person,
)
from facefidelity.assessor.benchmark.simulate.camera import VirtualCamera
from facefidelity.assessor.benchmark.simulate.named import NamedCamera, named_camera
from facefidelity.assessor.benchmark.simulate.random_camera import draw_camera
from facefidelity.core.images import read_picture

LABELS = ("noise", "sharpness", "colorfulness", "contrast", "overall", "structure")


def _draw_named(cameras: list[NamedCamera], rng: np.random.Generator) -> VirtualCamera:
    return cameras[int(rng.integers(len(cameras)))].draw(rng)


def work(task: tuple) -> list[tuple[int, list[Row], dict]]:
    """Simulate a shard of people in one process."""
    from judge import JudgeEmbedder

    from facefidelity.guards.identity import DlibEmbedder

    shard, everyone, options = task
    cv2.setNumThreads(1)
    embedders = [DlibEmbedder(threads=1), JudgeEmbedder(options["judge"])]
    restorers = {name: family_restorer(name) for name in options["restorers"]}
    cameras = [named_camera(name) for name in options["cameras"]]
    done = []
    for index in shard:
        rng = np.random.default_rng([options["seed"], index])
        person: Person = everyone[index]
        pristine = read_picture(person.path).pixels
        peers = [
            i
            for i in rng.choice(len(everyone), 8, replace=False)
            if i != index and everyone[i].split == person.split
        ][:2] or [(index + 1) % len(everyone)]
        exemplars = [read_picture(everyone[i].path).pixels for i in peers]
        rows = list(
            simulate_person(
                pristine,
                exemplars,
                embedders,
                restorers,
                options["captures"],
                options["share"],
                rng,
                draw=partial(_draw_named, cameras) if cameras else draw_camera,
            )
        )
        done.append((index, rows, {e.name: e.embed(pristine).vector for e in embedders}))
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--split", default="train")
    parser.add_argument("--captures", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.6)
    parser.add_argument("--restorers", nargs="*", default=[])
    parser.add_argument("--cameras", nargs="*", default=[], help="named ones; random without")
    parser.add_argument("--people", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()

    everyone = read_people(arguments.table, arguments.faces)
    chosen = [i for i, person in enumerate(everyone) if person.split == arguments.split]
    if arguments.people:
        # The table may be sorted by group: draw, do not cut.
        drawn = np.random.default_rng(arguments.seed).choice(
            chosen, arguments.people, replace=False
        )
        chosen = sorted(int(i) for i in drawn)
    options = vars(arguments) | {"restorers": arguments.restorers}
    shards = [(chosen[i : i + 8], everyone, options) for i in range(0, len(chosen), 8)]
    arguments.out.mkdir(parents=True, exist_ok=True)
    started, images, labels, table = time.time(), [], [], []
    vectors: dict[str, list] = {}
    own: dict[str, list] = {}
    with multiprocessing.get_context("spawn").Pool(arguments.processes) as pool:
        for count, shard in enumerate(pool.imap(work, shards), start=1):
            for index, rows, pristine_vectors in shard:
                first = len(images)
                for row in rows:
                    images.append(row.image)
                    labels.append([row.labels[name] for name in LABELS])
                    for name, vector in row.vectors.items():
                        vectors.setdefault(name, []).append(vector)
                        own.setdefault(name, []).append(pristine_vectors[name])
                    person = everyone[index]
                    table.append(
                        {
                            "person": index,
                            "sex": person.sex,
                            "ethnicity": person.ethnicity,
                            "split": person.split,
                            "restoration": row.restoration,
                            "source": first + row.source,
                            "provenance": provenance_text(row.provenance),
                        }
                    )
            if count % 10 == 0:
                print(
                    f"{count}/{len(shards)} shards, {len(images)} rows, {time.time() - started:.0f} s",
                    flush=True,
                )
    np.save(arguments.out / "images.npy", np.stack(images))
    np.save(arguments.out / "labels.npy", np.array(labels, np.float32))
    for name, found in vectors.items():
        np.save(arguments.out / f"vectors_{name}.npy", np.stack(found))
        np.save(arguments.out / f"own_{name}.npy", np.stack(own[name]))
    with (arguments.out / "rows.csv").open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    print(f"{len(images)} rows in {time.time() - started:.0f} s -> {arguments.out}")


if __name__ == "__main__":
    main()
