"""Writes an SFIQA-Sim folder: pictures, one CSV, what was asked for, and a data card.

The folder appears whole or not at all: it is built under another name beside its place, renamed at
the end, and taken away where something went wrong.
"""

from __future__ import annotations

import csv
import io
import json
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput, WriteFailed
from ...core.files import write_text_file
from ...core.scores import HEADS
from .build_plan import BuildPlan
from .dataset import Person, Row, provenance_text
from .identity_labels import cohort_z, fidelity_label
from .sfiqa_sim import SimulatedPicture

__all__ = ["TABLE_NAME", "SimFolder", "fidelity_of"]

TABLE_NAME: Final = "sfiqa_sim.csv"
_FACTS: Final = ("file", "person", "sex", "ethnicity", "split", "camera", "restoration", "source")
_MOST_COHORT: Final = 200


class SimFolder:
    """A folder under construction; as a context it leaves nothing behind where it fails.

    Args:
        place: Where it will stand; must not exist, or be empty.

    Raises:
        InvalidInput: If there is something already.
        WriteFailed: If the place cannot be written.
    """

    def __init__(self, place: Path) -> None:
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise InvalidInput(f"expected an empty or new folder, got {place}; name another one")
        self.place = place
        # Its own name every time: what an interrupted build left behind must not enter this one.
        real = place.resolve()
        self._building = real.with_name(f".{real.name}-{secrets.token_hex(4)}.part")
        self._rows: list[dict[str, object]] = []
        self._measured: list[Row] = []
        self._counts: Counter[str] = Counter()
        self._last: dict[int, str] = {}
        try:
            self._building.mkdir(parents=True)
        except OSError as error:
            raise WriteFailed(f"expected to be able to write {place}, got: {error}") from error

    def __enter__(self) -> SimFolder:
        return self

    def __exit__(self, *_: object) -> None:
        """Take away what was not finished."""
        shutil.rmtree(self._building, ignore_errors=True)

    def add(self, picture: SimulatedPicture, plan: BuildPlan) -> None:
        """Write one picture and keep its row.

        Raises:
            WriteFailed: If the disk refuses.
        """
        camera, person = plan.cameras[picture.camera].name, plan.people[picture.person]
        file = f"images/{camera}/{self._counts[camera]:05d}.png"
        self._counts[camera] += 1
        captured = picture.row.restoration == "none"
        source = file if captured else self._last[picture.camera]
        self._last[picture.camera] = source
        _write_png(self._building / file, picture.row.image)
        facts = (file, person.path.stem, person.sex, person.ethnicity, person.split, camera)
        row = dict(zip(_FACTS, (*facts, picture.row.restoration, source), strict=True))
        self._rows.append({**row, "provenance": provenance_text(picture.row.provenance)})
        self._measured.append(picture.row)

    def finish(
        self,
        own: Mapping[str, Mapping[str, npt.NDArray[np.float32]]],
        plan: BuildPlan,
        card: str,
        asked: Mapping[str, object],
    ) -> Path:
        """Compute fidelity over the whole set, write table and card, and put the folder in place.

        Args:
            own: Per embedder and person (file stem) the vector of the pristine face.
            plan: What was built.
            card: The data card, Markdown.
            asked: What was asked for, for build.json.

        Returns:
            The folder.

        Raises:
            WriteFailed: If the disk refuses.
        """
        people = [str(row["person"]) for row in self._rows]
        fidelity = fidelity_of(self._measured, people, own, plan.people, plan.seed)
        for row, measured, value in zip(self._rows, self._measured, fidelity, strict=True):
            labels = {**measured.labels, "fidelity": value}
            facts = row.pop("provenance")
            row.update({head: f"{labels[head]:.3f}" for head in HEADS}, provenance=facts)
        text = io.StringIO()
        writer = csv.DictWriter(text, [*_FACTS, *HEADS, "provenance"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._rows)
        write_text_file(self._building / TABLE_NAME, text.getvalue())
        write_text_file(self._building / "build.json", json.dumps(asked, indent=2) + "\n")
        write_text_file(self._building / "DATA_CARD.md", card)
        self._put_in_place()
        return self.place

    def _put_in_place(self) -> None:
        real = self.place.resolve()
        try:
            if real.exists():
                real.rmdir()
            self._building.rename(real)
        except OSError as error:
            rescued = real.with_name(self._building.name.strip(".").removesuffix(".part"))
            self._building.rename(rescued)
            raise WriteFailed(
                f"expected to put the finished set at {self.place}, got: {error}; "
                f"it lies whole in {rescued}"
            ) from error


def fidelity_of(
    rows: Sequence[Row],
    people: Sequence[str],
    own: Mapping[str, Mapping[str, npt.NDArray[np.float32]]],
    everyone: Iterable[Person],
    seed: int,
) -> npt.NDArray[np.float64]:
    """Fidelity pseudo-MOS of every row, from the cohort z of every embedder and the structure.

    The cohort is up to 200 other people, of the same sex where at least ten are.

    Args:
        rows: Measured pictures.
        people: Name of each row's person.
        own: Per embedder and person the vector of the pristine face.
        everyone: All people of the set.
        seed: Of the cohorts.
    """
    sex = {person.path.stem: person.sex for person in everyone}
    z = np.zeros(len(rows))
    of_person: dict[str, list[int]] = {}
    for position, name in enumerate(people):
        of_person.setdefault(name, []).append(position)
    for name in sorted(of_person):
        rng = np.random.default_rng([seed, 13, *name.encode()])
        others = sorted(other for other in sex if other != name)
        same = [other for other in others if sex[other] == sex[name]]
        peers = same if len(same) >= 10 else others
        cohort = rng.choice(peers, min(_MOST_COHORT, len(peers)), replace=False)
        mine = of_person[name]
        for embedder, vectors in own.items():
            probes = np.stack([rows[i].vectors[embedder] for i in mine])
            target = np.repeat(vectors[name][None], len(mine), axis=0)
            z[mine] += cohort_z(probes, target, np.stack([vectors[c] for c in cohort])) / len(own)
    return fidelity_label(z, np.array([row.labels["structure"] for row in rows]))


def _write_png(path: Path, image: npt.NDArray[np.uint8]) -> None:
    encoded = cv2.imencode(".png", image[..., ::-1])[1].tobytes()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded)
    except OSError as error:
        raise WriteFailed(f"expected to be able to write {path}, got: {error}") from error
