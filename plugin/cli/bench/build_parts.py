"""Turns the options of ``bench build`` into a plan, and the plan into a folder."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .... import __version__
from ....assessor.benchmark.build_plan import BuildPlan, CameraModel
from ....assessor.benchmark.data_card import describe_set
from ....assessor.benchmark.dataset import Person, read_people
from ....assessor.benchmark.sfiqa_sim import simulate
from ....assessor.benchmark.sim_folder import SimFolder
from ....assessor.benchmark.simulate.codecs import require_codec
from ....assessor.benchmark.simulate.named import named_camera
from ....assessor.benchmark.simulate.random_camera import RandomCamera
from ....core.errors import InvalidInput
from ....core.images import find_pictures
from ..options import tracked
from .evaluation_parts import split_words
from .workshop import make_workshop, own_vectors

__all__ = ["BuildRequest", "BuiltSet", "build_set"]

_BYTES_DEPEND_ON = ("numpy", "opencv-python-headless", "Pillow", "av", "onnxruntime")


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """The options that decide what is in the set; see ``bench build --help``."""

    faces: Path
    table: Path | None
    split: str
    cameras: str
    size: int
    restored: int
    restorers: str
    recogniser: Path | None
    seed: int

    def plan(self) -> BuildPlan:
        """What is built.

        Raises:
            InvalidInput: If people, cameras and numbers do not fit together.
            NotRegistered: If there is no camera of a name.
            MissingExtra: If a camera has a video codec and PyAV is absent.
        """
        return BuildPlan(
            people=self._people(),
            cameras=_open_cameras(self.cameras),
            size=self.size,
            restored=self.restored,
            seed=self.seed,
        )

    def command(self) -> str:
        """The command that makes the set again; file names only, paths are nobody's business."""
        words = ["facefidelity bench build", f"--faces {self.faces.name}"]
        words += [f"--table {self.table.name}"] if self.table is not None else []
        words += [f"--split {self.split}"] if self.split else []
        cameras = ",".join(Path(name).name for name in split_words(self.cameras))
        words += [f"--cameras {cameras}", f"--size {self.size}"]
        words += [f"--restored {self.restored}"] if self.restored else []
        words += [f"--restorers {','.join(split_words(self.restorers))}"] if self.restorers else []
        words += [f"--recogniser {self.recogniser.name}"] if self.recogniser is not None else []
        return " ".join([*words, f"--seed {self.seed}", "-o DIR"])

    def _people(self) -> tuple[Person, ...]:
        if self.table is None:
            if self.split:
                raise InvalidInput(
                    "expected --table with --split; the table says who is in which split"
                )
            found = sorted(picture.path for picture in find_pictures([self.faces]))
            return tuple(Person(path, "unknown", "unknown", "unknown") for path in found)
        everyone = read_people(self.table, self.faces)
        chosen = [one for one in everyone if not self.split or one.split == self.split]
        if not chosen:
            raise InvalidInput(
                f"expected people of the split {self.split!r} in {self.table}, got "
                f"{', '.join(sorted({one.split for one in everyone}))}"
            )
        return tuple(chosen)


@dataclass(frozen=True, slots=True)
class BuiltSet:
    """What was made: the folder, and how many pictures of how many people."""

    folder: Path
    pictures: int
    people: int


def build_set(request: BuildRequest, output: Path, jobs: int) -> BuiltSet:
    """Make a set whole, or nothing.

    Args:
        request: What it holds.
        output: Its folder, new or empty.
        jobs: Processes.

    Raises:
        InvalidInput: If the options do not fit together, or a pristine face cannot be used.
        NotRegistered: If there is no camera or restorer of a name.
        MissingExtra: If a camera has a video codec and PyAV is absent.
        WriteFailed: If the disk refuses.
    """
    plan, restorers = request.plan(), split_words(request.restorers)
    workshop = make_workshop(request.recogniser, restorers)
    with SimFolder(output) as folder:
        own = own_vectors(plan, workshop)  # first: a face that cannot be read ends the work now
        for pictures in tracked(simulate(plan, workshop, jobs), plan.shards, "simulating"):
            for picture in pictures:
                folder.add(picture, plan)
        teachers = tuple(own)
        card = describe_set(plan, teachers, restorers, request.command())
        place = folder.finish(own, plan, card, _facts(plan, teachers, restorers))
    shown = {plan.person_of(camera, number) for camera, number in plan.shots}
    return BuiltSet(place, plan.pictures, len(shown))


def _open_cameras(words: str) -> tuple[CameraModel, ...]:
    cameras: list[CameraModel] = []
    for name in split_words(words):
        cameras.append(RandomCamera() if name == "random" else named_camera(name))
        for codec in cameras[-1].codecs:
            require_codec(codec)
    return tuple(cameras)


def _facts(
    plan: BuildPlan, teachers: tuple[str, ...], restorers: tuple[str, ...]
) -> dict[str, object]:
    return {
        "facefidelity": __version__,
        "libraries": {name: _version_of(name) for name in _BYTES_DEPEND_ON},
        "cameras": [camera.name for camera in plan.cameras],
        "size": plan.size,
        "restored": plan.restored,
        "restorers": list(restorers),
        "recognisers": list(teachers),
        "people": len(plan.people),
        "seed": plan.seed,
    }


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
