"""Examines the whole guard, blend search included, on people it never saw.

    python benchmarks/guard.py runs/test runs/test_esr runs/test_unseen runs/test_lfw --tune runs/val \
        --judge fr_feature.onnx --pairs 400 -o docs/results/guard.md

Sets come from build_simset.py. The same functions as `facefidelity bench guard`, on packed sets: the
gallery is everybody of all sets named, the tuning set included.
"""

from __future__ import annotations

import argparse
import csv
import sys
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from judge import JudgeEmbedder
from simset import JUDGE

from facefidelity.assessor.runtime import Assessor
from facefidelity.core.faces import DlibDetector
from facefidelity.guards.identity import DlibEmbedder
from facefidelity.guards.judgement import FaceJudge
from facefidelity.guards.policy import load_policy
from facefidelity.guards.risk import load_risk_model
from facefidelity.plugin.benchmark.columns import Columns
from facefidelity.plugin.benchmark.examination import ExaminedPair, GuardExaminer
from facefidelity.plugin.benchmark.gallery import ENOUGH_PEOPLE, Gallery, require_independent
from facefidelity.plugin.benchmark.pairs import GuardPair, draw_pairs
from facefidelity.plugin.benchmark.report import GuardSubject, make_report
from facefidelity.plugin.benchmark.report_files import write_report

FRAME_PX = 512
SAME_PICTURE = 0.999
CAVEAT = (
    "The recogniser is one of the two teachers of the assessor's fidelity label, so what rests on that "
    "head is flattered a little; an earlier list of mixtures had been looked at on 60 restored pictures "
    "of these people, today's was chosen on others (mixture_choice.md)."
)


class People:
    """Everybody of all sets, each once: sets share people, seen by their pristine faces."""

    def __init__(self) -> None:
        self.vectors: dict[str, np.ndarray] = {}
        self.sexes: dict[str, str] = {}

    def name_of(self, vector: np.ndarray, sex: str, wanted: str) -> str:
        """The name of this face, a new one where nobody has it."""
        if self.vectors:
            names = list(self.vectors)
            alike = np.stack(list(self.vectors.values())) @ vector
            if alike.max() > SAME_PICTURE:
                return names[int(alike.argmax())]
        self.vectors[wanted], self.sexes[wanted] = vector, sex
        return wanted


def face_of(images: np.ndarray, row: int) -> np.ndarray:
    return np.asarray(cv2.resize(images[row], (FRAME_PX, FRAME_PX)), np.uint8)


def pairs_of(folder: Path, people: People) -> tuple[GuardPair, ...]:
    """The restored rows of a packed set; its people join the gallery."""
    with (folder / "rows.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    images = np.load(folder / "images.npy", mmap_mode="r")
    own = np.load(folder / f"own_{JUDGE}.npy")
    names: dict[str, str] = {}
    for index, row in enumerate(rows):
        if row["person"] not in names:
            wanted = f"{folder.name}/{row['person']}"
            names[row["person"]] = people.name_of(own[index], row["sex"], wanted)
    return tuple(
        GuardPair(
            subset=folder.name,
            line=index,
            name=str(index),
            person=names[row["person"]],
            camera="",
            restoration=row["restoration"],
            source=row["source"],
            read_source=partial(face_of, images, int(row["source"])),
            read_restored=partial(face_of, images, index),
        )
        for index, row in enumerate(rows)
        if row["restoration"] != "none"
    )


def examine(examiner: GuardExaminer, pairs: tuple[GuardPair, ...], name: str) -> list[ExaminedPair]:
    found = []
    for index, pair in enumerate(pairs):
        found.append(examiner.examine(pair))
        if (index + 1) % 50 == 0 or index + 1 == len(pairs):
            print(f"{name}: {index + 1} of {len(pairs)}", file=sys.stderr, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--tune", type=Path)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=400, help="at most, a set")
    parser.add_argument("--policies", nargs="*", default=["balanced", "strict", "lenient"])
    parser.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()
    assessor = Assessor(threads=1)
    face_judge = FaceJudge(assessor, DlibEmbedder(threads=1), DlibDetector(), load_risk_model())
    judge = JudgeEmbedder(arguments.judge)
    people = People()
    sets = {folder.name: pairs_of(folder, people) for folder in arguments.sets}
    tuning = pairs_of(arguments.tune, people) if arguments.tune else ()
    gallery = Gallery(people.vectors, people.sexes)
    if len(gallery) < ENOUGH_PEOPLE:
        print(f"a gallery of {len(gallery)} people, fewer than {ENOUGH_PEOPLE}", file=sys.stderr)
    policies = [load_policy(name) for name in arguments.policies]
    first = next(iter(sets.values()))[0].read_source()
    require_independent(judge, face_judge.embedder, first)
    known = None
    if tuning:
        tuner = GuardExaminer(face_judge, judge, gallery, policies[:1])
        known = Columns(examine(tuner, draw_pairs(tuning, arguments.pairs), arguments.tune.name))
    examiner = GuardExaminer(face_judge, judge, gallery, policies)
    found: list[ExaminedPair] = []
    for name, pairs in sets.items():
        found += examine(examiner, draw_pairs(pairs, arguments.pairs), name)
    subject = GuardSubject(
        assessor=assessor.name,
        embedder=face_judge.embedder.name,
        recogniser=judge.name,
        gallery=len(gallery),
        policies=tuple(policy.name for policy in policies),
        data=tuple(sets),
        tuned_on=arguments.tune.name if arguments.tune else None,
        caveat=CAVEAT,
    )
    report = make_report(subject, Columns(found), known, ())
    tune = f" --tune {arguments.tune.name}" if arguments.tune else ""
    command = (
        f"python benchmarks/guard.py {' '.join(sets)}{tune} --judge {arguments.judge.name} "
        f"--pairs {arguments.pairs} -o {arguments.out.name}"
    )
    write_report(report, arguments.out, command)
    print(arguments.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
