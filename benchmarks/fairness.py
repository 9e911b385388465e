"""Why SRCC differs between groups of people: error, bias, spread of labels, persons.

    python benchmarks/fairness.py --set sfiqa_sim

--set is a folder of `facefidelity bench build`. The groups of assessor.md once more, with what moves
an SRCC besides the assessor's error: how widely the group's labels spread, and how far persons as
such (whoever is easy or hard to recognise) lie above or below what their pictures let one expect.
Writes docs/results/fairness.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from facefidelity.assessor.benchmark.evaluation.correlation import srcc
from facefidelity.assessor.benchmark.evaluation.datasets import read_ratings
from facefidelity.assessor.benchmark.evaluation.tables import find_preset
from facefidelity.assessor.runtime import Assessor
from facefidelity.core.images import read_picture

ROOT = Path(__file__).resolve().parent.parent
JUDGED = ("fidelity", "overall")
BATCH = 16


def row(head: str, group: str, label: np.ndarray, predicted: np.ndarray, people: np.ndarray) -> str:
    """One group's line."""
    error = label - predicted
    names, person = np.unique(people, return_inverse=True)
    own = np.bincount(person, error) / np.bincount(person)
    values = (
        f"{srcc(predicted, label):.3f}",
        f"{srcc(predicted, label - own[person]):.3f}",
        f"{np.sqrt((error**2).mean()):.1f}",
        f"{error.mean():+.1f}",
        f"{label.std():.1f}",
        f"{own.std():.1f}",
    )
    return f"| {head} | {group} | {len(label)} | {len(names)} | " + " | ".join(values) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    pictures = read_ratings(options.set, find_preset("sfiqa-sim")).pictures
    assessor, scores = Assessor(threads=options.threads), []
    for start in range(0, len(pictures), BATCH):
        faces = [read_picture(one.path).pixels for one in pictures[start : start + BATCH]]
        scores += assessor.score_batch(faces)
    people = np.array([one.facts["person"] for one in pictures])
    groups = np.array([f"{one.facts['sex']} {one.facts['ethnicity']}" for one in pictures])
    lines = [
        "# Fairness: where the gaps between groups come from",
        "",
        f"    python benchmarks/fairness.py --set {options.set.name}",
        "",
        f"{len(pictures)} pictures of {len(set(people))} AI-generated people on whom nothing was "
        "trained; groups as in [assessor.md](assessor.md). *Without persons*: SRCC once each "
        "person's own mean error is taken out, so what is left is how well pictures of one person "
        "are ordered. *Bias*: label minus prediction, points; above 0 the group is rated too low. "
        "*Spread*: deviation of the labels, which alone raises an SRCC. *Persons*: deviation of "
        "the persons' mean errors.",
        "",
        "| head | group | pictures | persons | SRCC | without persons | RMSE | bias | spread | "
        "persons |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for head in JUDGED:
        label = np.array([one.ratings[head] for one in pictures])
        predicted = np.array([getattr(one, head) for one in scores])
        for group in np.unique(groups):
            of = groups == group
            lines.append(row(head, str(group), label[of], predicted[of], people[of]))
    page = ROOT / "docs" / "results" / "fairness.md"
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
