"""Makes the embedder of degraded faces: network, calibration, and how it compares with dlib's own.

    python benchmarks/distil_embedder.py ... -o runs/distilled
    python benchmarks/degraded_embedder.py --student runs/distilled/student.pt \
        --fit runs/val runs/val_lfw --test runs/test runs/test_unseen runs/test_lfw \
        --people faces_hq.csv faces_hq/ --real-people lfw_people/people.csv lfw_people/

Puts the student's parameters into the graph of dlib_resnet.onnx, fits what its similarities mean
(a degraded face beside a good picture, as enrolled ones are), and examines both on other people.
Writes guards/identity/dlib_degraded.onnx, its entry in calibration.json and
docs/results/degraded_embedder.md.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from linear_fit import auc, fit
from onnx import numpy_helper
from simset import LoadedSet, load

from facefidelity.assessor.benchmark.dataset import Person, read_people
from facefidelity.core.images import read_picture
from facefidelity.core.protocols import Embedder, RGBImage
from facefidelity.guards.identity.degraded import DEGRADED_RESNET, DegradedFaceEmbedder
from facefidelity.guards.identity.dlib_resnet import DLIB_RESNET, DlibEmbedder

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "guards" / "identity"
PAGE = ROOT / "docs" / "results" / "degraded_embedder.md"
DRAWS = 400
COMMAND = (
    "python benchmarks/degraded_embedder.py --student student.pt --fit {} --test {} "
    "--people faces_hq.csv faces_hq --real-people lfw_people/people.csv lfw_people"
)


def export(student: Path) -> None:
    """Weights become half floats with one single-precision factor an output, as dlib's are."""
    known = torch.load(student, weights_only=True)
    model = onnx.load(FOLDER / DLIB_RESNET.weights)
    places = {one.name: one for one in model.graph.initializer}
    for name, tensor in known.items():
        key, kind = name.replace("/", ".").replace("embedding.", "dense.").rsplit(".", 1)
        if key == "initializers":  # sizes of paddings, which nothing teaches
            continue
        values = tensor.float().numpy()
        if f"{key}.half" not in places or kind == "bias":
            old = numpy_helper.to_array(places[f"{key}.{kind}"])
            put(places[f"{key}.{kind}"], values.reshape(old.shape))
            continue
        old = numpy_helper.to_array(places[f"{key}.half"])
        values = values.reshape(old.shape)
        scale = np.abs(values).reshape(len(values), -1).max(1).reshape(-1, *[1] * (old.ndim - 1))
        put(places[f"{key}.half"], (values / scale).astype(np.float16))
        put(places[f"{key}.scale"], scale.astype(np.float32))
    onnx.checker.check_model(model)
    onnx.save(model, FOLDER / DEGRADED_RESNET.weights)


def put(place: onnx.TensorProto, values: np.ndarray) -> None:
    old = numpy_helper.to_array(place)
    if old.shape != values.shape:
        raise SystemExit(f"{place.name}: expected {old.shape}, got {values.shape}")
    place.CopyFrom(numpy_helper.from_array(values.astype(old.dtype), place.name))


def cosines(
    embedder: Embedder, known: LoadedSet, people: list[Person], most: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By kind: cosine of each row with every person's good picture, and whose each row is."""
    persons, own = np.unique(known.person, return_inverse=True)
    good = [read_picture(people[person].path).pixels for person in persons]
    gallery, rng, found = embed(embedder, good), np.random.default_rng(0), {}
    for kind, mask in (("captures", ~known.restored), ("restorations", known.restored)):
        rows = np.flatnonzero(mask)
        rows = rng.choice(rows, min(most, len(rows)), replace=False)
        found[kind] = embed(embedder, [known.images[row] for row in rows]) @ gallery.T, own[rows]
    return found


def embed(embedder: Embedder, faces: list[RGBImage]) -> np.ndarray:
    return np.stack([one.vector for one in embedder.embed_batch(faces)])


def pairs(table: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosines of one's own good picture and of another person's; which is which."""
    each = np.arange(len(own))
    other = (own + 1 + each % (table.shape[1] - 1)) % table.shape[1]
    truth = np.repeat([True, False], len(own))
    return np.concatenate([table[each, own], table[each, other]]), truth


def measure(table: np.ndarray, own: np.ndarray) -> list[str]:
    """Rank-1 share and AUC, each with a 95 % interval over the faces."""
    right, (values, truth) = table.argmax(1) == own, pairs(table, own)
    rng, count, drawn = np.random.default_rng(1), len(own), []
    for _ in range(DRAWS):
        take = rng.integers(0, count, count)
        both = np.concatenate([take, take + count])
        drawn.append((right[take].mean(), auc(values[both], truth[both])))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    found = (right.mean(), auc(values, truth))
    return [f"{found[i]:.3f} [{low[i]:.3f}, {high[i]:.3f}]" for i in range(2)]


def calibrate(folders: list[Path], arguments: argparse.Namespace) -> None:
    """Logistic of the cosine of captures with good pictures; as many same as different."""
    embedder, same, other = DegradedFaceEmbedder(), [], []
    for folder in folders:
        table, own = cosines(embedder, load(folder), people_of(folder, arguments), arguments.most)[
            "captures"
        ]
        values, truth = pairs(table, own)
        same.append(values[truth])
        other.append(values[~truth])
    values = np.concatenate([*same, *other])
    truth = np.repeat([True, False], len(values) // 2)
    model = fit({"cosine": values}, truth, {"cosine": 1}, ridge=0.0)
    path = FOLDER / "calibration.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content[DEGRADED_RESNET.name] = {
        **{
            name: {
                "deviation": round(float(part.std()), 5),
                "mean": round(float(part.mean()), 5),
                "pairs": len(part),
            }
            for name, part in (("genuine", values[truth]), ("impostor", values[~truth]))
        },
        "intercept": round(model.intercept, 4),
        "slope": round(model.coefficients["cosine"], 4),
        "populations": [],
        "source": "a face through a simulated camera beside a good picture of the same or another "
        f"person: {len(folders)} sets of people whom it was not taught on",
    }
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def people_of(folder: Path, arguments: argparse.Namespace) -> list[Person]:
    """The table behind a set; those of real people end in "lfw"."""
    real = folder.name.endswith("lfw")
    return read_people(*(arguments.real_people if real else arguments.people))


def page(arguments: argparse.Namespace) -> list[str]:
    names = [" ".join(one.name for one in some) for some in (arguments.fit, arguments.test)]
    lines = [
        "# An embedder taught to see through degradation",
        "",
        f"    {COMMAND.format(*names)}",
        "",
        "Faces of people on whom neither was trained, each beside a gallery of one good picture a "
        "person, both by the same embedder: share ranked first, and AUC of one's own against "
        "another person's picture. Brackets: 95 % bootstrap over faces.",
        "",
        "| set | faces | number | people | rank-1 dlib | rank-1 taught | AUC dlib | AUC taught |",
        "|---|---|---|---|---|---|---|---|",
    ]
    own, taught = DlibEmbedder(), DegradedFaceEmbedder()
    told, happened = [], []
    for folder in arguments.test:
        known, people = load(folder), people_of(folder, arguments)
        plain, student = (cosines(one, known, people, arguments.most) for one in (own, taught))
        for kind, (table, whose) in student.items():
            before, after = measure(*plain[kind]), measure(table, whose)
            lines.append(
                f"| {folder.name} | {kind} | {len(whose)} | {table.shape[1]} | {before[0]} | "
                f"{after[0]} | {before[1]} | {after[1]} |"
            )
        values, truth = pairs(*student["captures"])
        told += [taught.calibration.probability_same(float(value)) for value in values]
        happened += list(truth)
    return [*lines, "", *reliability(np.array(told), np.array(happened))]


def reliability(told: np.ndarray, happened: np.ndarray) -> list[str]:
    lines = [
        "## What its probability means, captures of all sets, as many same as different",
        "",
        "| probability of the same person | pairs | mean | the same |",
        "|---|---|---|---|",
    ]
    for low in np.arange(0, 1, 0.2):
        mask = (told >= low) & (told < low + 0.2 + (low > 0.79))
        if mask.any():
            share = f"{told[mask].mean():.2f} | {happened[mask].mean():.2f}"
            lines.append(f"| {low:.1f} to {low + 0.2:.1f} | {mask.sum()} | {share} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--student", type=Path, required=True)
    parser.add_argument("--fit", type=Path, nargs="+", required=True)
    parser.add_argument("--test", type=Path, nargs="+", required=True)
    for name in ("people", "real-people"):
        parser.add_argument(f"--{name}", type=Path, nargs=2, metavar=("TABLE", "FACES"))
    parser.add_argument("--most", type=int, default=500)
    arguments = parser.parse_args()
    export(arguments.student)
    calibrate(arguments.fit, arguments)
    text = "\n".join(page(arguments)) + "\n"
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
