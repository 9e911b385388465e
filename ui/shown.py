"""A guarded picture as the page shows it: the result, and the files that are handed out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr

from ..core.images import Picture, encode_picture, read_picture
from ..core.protocols import Restorer, RGBImage
from ..guards.policy import Policy
from ..guards.references import ReferenceSet
from ..plugin.batch.local import delivered_alpha
from ..plugin.cameras.guarding import guard_of_camera
from ..plugin.cameras.profiles import OpenedProfile
from ..plugin.comparison import compare_pictures
from ..plugin.decisions import comparison_record, decision_record
from ..plugin.pipeline import Guard
from ..plugin.provenance import Labelling, PictureLabel, label_of_pair, label_of_restoration
from ..plugin.rejudging import judge_again
from ..plugin.report import ReportWriter
from ..plugin.results import GuardedImage
from ..restorers.registry import create_restorer
from .answers import without_folders
from .context import PageContext

__all__ = ["Choice", "Shown", "compare_files", "inspect_file", "under_policy"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the visitor chose beside the picture and the policy.

    Attributes:
        restorer: Registered name.
        settings: Its settings.
        aligned: The picture already is one face in the FFHQ frame.
        only_center_face: Treat only the face nearest to the centre.
        upscale: Whole factor by which the picture grows.
        references: Pictures of the person.
        profile: The camera's profile; it says restorer and settings.
    """

    restorer: str = "identity"
    settings: Mapping[str, Any] = field(default_factory=dict)
    aligned: bool = False
    only_center_face: bool = False
    upscale: int = 1
    references: tuple[Path, ...] = ()
    profile: OpenedProfile | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One guarded picture.

    Attributes:
        name: Name of the input, or of the restoration where that was made elsewhere.
        before: The picture before the guard.
        after: The restoration made elsewhere, None where the guard restored.
        choice: What was chosen for it.
        guard: Who judged.
        result: The picture after the guard.
        folder: Where its files lie.
        references: The enrolled pictures of the person, None without.
    """

    name: str
    before: Picture
    after: Picture | None
    choice: Choice
    guard: Guard
    result: GuardedImage
    folder: Path
    references: ReferenceSet | None = None

    @property
    def stem(self) -> str:
        """The name without its suffix, for the names of the files."""
        return Path(self.name).stem or "picture"

    @property
    def guarded_file(self) -> Path:
        """The guarded picture, PNG: byte for byte what `restore` or `compare -o` writes."""
        return self.folder / f"{self.stem}.png"

    @property
    def report_file(self) -> Path:
        """The report, one self-contained HTML page."""
        return self.folder / f"{self.stem}_report.html"

    @property
    def decisions_file(self) -> Path:
        """One JSON line a face."""
        return self.folder / f"{self.stem}_decisions.jsonl"

    @property
    def before_file(self) -> Path:
        """The picture before the guard, as it was read."""
        return self.folder / "before.png"

    def face_file(self, number: int, key: str) -> Path:
        """One face's picture: ``key`` is "lq", "hq" or "guarded"."""
        return self.folder / f"face-{number}-{key}.png"


@lru_cache(maxsize=8)
def _restorer(name: str) -> Restorer:
    """A restorer, loaded once a process; who runs it takes turns."""
    return create_restorer(name)


def _guard(page: PageContext, choice: Choice, policy: Policy) -> Guard:
    restorer, judge, centre = _restorer(choice.restorer), page.judge(), choice.only_center_face
    if choice.profile is None:
        return Guard(
            restorer,
            settings=choice.settings,
            policy=policy,
            judge=judge,
            only_center_face=centre,
        )
    guard = guard_of_camera(
        choice.profile,
        restorer=restorer,
        judge=judge,
        only_center_face=centre,
        warn=lambda said: gr.Warning(without_folders(said)),
    )
    guard.policy = policy
    return guard


def inspect_file(
    page: PageContext,
    session: str,
    path: Path,
    choice: Choice,
    policy: Policy,
    progress: Callable[[int, int], None] | None = None,
) -> Shown:
    """Restore and judge every face of an uploaded picture.

    Args:
        page: The server.
        session: Whose picture it is.
        path: The upload.
        choice: What to do with it.
        policy: Who decides.
        progress: Called before each face with how many are done and how many there are.

    Raises:
        FaceFidelityError: As `Guard.restore` and `read_picture`.
    """
    before = read_picture(path)
    guard = _guard(page, choice, policy)
    references = _enrolled(guard, choice)
    result = guard.restore(
        before.pixels,
        aligned=choice.aligned,
        upscale=choice.upscale,
        references=references,
        progress=progress,
    )
    folder = page.sessions.new_folder(session, "inspect")
    shown = Shown(path.name, before, None, choice, guard, result, folder, references)
    return _written(shown)


def _enrolled(guard: Guard, choice: Choice) -> ReferenceSet | None:
    if not choice.references:
        return None
    pictures = [read_picture(one).pixels for one in choice.references]
    return guard.enrol(pictures, [one.name for one in choice.references])


def compare_files(
    page: PageContext, session: str, before: Path, after: Path, choice: Choice, policy: Policy
) -> Shown:
    """Judge a restoration made elsewhere; arguments as those of `inspect_file`.

    Raises:
        FaceFidelityError: As `compare_pictures` and `read_picture`.
    """
    guard = page.guard(policy=policy)
    lq, hq = read_picture(before), read_picture(after)
    references = _enrolled(guard, choice)
    result = compare_pictures(
        guard, lq.pixels, hq.pixels, aligned=choice.aligned, references=references
    )
    folder = page.sessions.new_folder(session, "compare")
    return _written(Shown(after.name, lq, hq, choice, guard, result, folder, references))


def under_policy(page: PageContext, session: str, shown: Shown, policy: Policy) -> Shown:
    """Judge the same restorations under another policy; no restorer runs."""
    choice = shown.choice
    if shown.after is not None:
        guard = page.guard(policy=policy)
        result = compare_pictures(
            guard,
            shown.before.pixels,
            shown.after.pixels,
            aligned=choice.aligned,
            references=shown.references,
        )
        folder = page.sessions.new_folder(session, "compare")
    else:
        guard = _guard(page, choice, policy)
        result = judge_again(
            guard,
            shown.before.pixels,
            shown.result,
            aligned=choice.aligned,
            upscale=choice.upscale,
            references=shown.references,
        )
        folder = page.sessions.new_folder(session, "inspect")
    return _written(replace(shown, guard=guard, result=result, folder=folder))


def _written(shown: Shown) -> Shown:
    """Write every file that the page shows or hands out."""
    source = shown.after or shown.before
    alpha = shown.after.alpha if shown.after else delivered_alpha(shown.before, shown.result)
    labelled = Labelling().encode(shown.result.pixels, ".png", _label(shown), shown.before, alpha)
    shown.guarded_file.write_bytes(labelled)
    _write(shown.before_file, shown.before.pixels)
    for number, face in enumerate(shown.result.faces, start=1):
        _write(shown.face_file(number, "lq"), face.face.pixels)
        _write(shown.face_file(number, "guarded"), face.pixels)
        if face.restoration is not None:
            _write(shown.face_file(number, "hq"), face.restoration.hq)
    lines = (json.dumps(one, ensure_ascii=False) for one in _records(shown, source))
    shown.decisions_file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    title = "Compared restoration" if shown.after else "Guarded restoration"
    with ReportWriter(shown.report_file, title, shown.guard.policy) as report:
        report.add_picture(shown.name, None, shown.result, before=shown.before.pixels)
        report.write()
    return shown


def _label(shown: Shown) -> PictureLabel:
    made = label_of_restoration if shown.after is None else label_of_pair
    before = shown.before
    return made(shown.result, before.pixels, before.sha256, shown.guard.policy.name)


def _write(path: Path, pixels: RGBImage) -> None:
    path.write_bytes(encode_picture(pixels, ".png"))


def _records(shown: Shown, source: Picture) -> list[dict[str, Any]]:
    import hashlib

    provenance, policy = shown.guard.provenance(), shown.guard.policy
    facts = {
        "output": shown.guarded_file.name,
        "input_sha256": source.sha256,
        "output_sha256": hashlib.sha256(shown.guarded_file.read_bytes()).hexdigest(),
    }
    records = []
    for index, face in enumerate(shown.result.faces):
        if shown.after is None:
            record = decision_record(shown.name, index, face, provenance, policy)
        else:
            first = shown.before.path.name if shown.before.path else ""
            record = comparison_record(first, shown.name, index, face, provenance, policy)
        records.append({**record, **facts})
    return records
