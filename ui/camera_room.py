"""What the tab "Camera" does: tunes and calibrates, and keeps what a session made."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..core.errors import InvalidInput, MissingExtra
from ..guards.identity import create_embedder
from ..guards.profile import save_profile
from ..plugin.cameras.calibrating import Calibration, with_calibration
from ..plugin.cameras.calibration_run import CalibrationPlan, calibrate_camera
from ..plugin.cameras.profiles import OpenedProfile, open_profile
from ..plugin.cameras.reliability import draw_calibration
from ..plugin.tuning.contact import ContactFace
from ..plugin.tuning.front import marked_outcomes
from ..plugin.tuning.outcomes import Outcome, Trial
from ..plugin.tuning.page import write_tuning_page
from ..plugin.tuning.result import TuningResult
from ..plugin.tuning.tuner import TuningRequest, tune_camera
from .context import PageContext
from .jobs import Job, Tell
from .visitor_files import pictures_by_name, visitor_profile

__all__ = ["CalibratedCamera", "CameraRoom", "PairsAsked", "TunedCamera"]

_TAB: Final = "camera"
_JOB: Final = "camera job"
_NO_FRAMES: Final = "expected frames of one camera, got none; upload several pictures of it"
_NO_PROFILE: Final = "expected a camera profile, got none; tune first, or upload one"


@dataclass(frozen=True, slots=True, eq=False)
class TunedCamera:
    """A tuning of this session.

    Attributes:
        result: Everything that was found.
        points: What can be clicked in its chart.
        at: Which of them is shown first.
        faces: Faces of that one; none where nothing gained.
        profile: The YAML file.
        report: The HTML page.
    """

    result: TuningResult
    points: tuple[tuple[Trial, Outcome], ...]
    at: int
    faces: tuple[ContactFace, ...]
    profile: Path
    report: Path


@dataclass(frozen=True, slots=True, eq=False)
class CalibratedCamera:
    """A calibration of this session.

    Attributes:
        found: The calibration.
        doubts: Where, and what makes it less sure.
        profile: The calibrated YAML file; None where no threshold holds.
        plot: Risk against loss as PNG; None where it could not be drawn.
    """

    found: Calibration
    doubts: tuple[tuple[str, str], ...]
    profile: Path | None
    plot: Path | None


@dataclass(frozen=True, slots=True)
class PairsAsked:
    """What a calibration is asked for; the table's pictures are uploads.

    Attributes:
        profile: An uploaded profile, None for the one that was tuned here.
        table: An uploaded CSV, None for pairs that are made of the frames.
        pictures: Uploads that the table names.
        aligned: Every picture already is one face.
        alpha: Share of the delivered faces that may be lost.
        delta: Probability with which that may be exceeded.
        recogniser: Name of the embedder that tells what is lost.
    """

    profile: str | None
    table: str | None
    pictures: tuple[str, ...]
    aligned: bool
    alpha: float
    delta: float
    recogniser: str


class CameraRoom:
    """Tunes and calibrates for the visitors of one page.

    Args:
        page: Settings and shared parts; its frame folders are the only ones that are read.
    """

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._folders: dict[str, Path] = {}
        for folder in page.frame_folders:
            name = folder.resolve().name or "frames"
            known = sum(one == name or one.startswith(f"{name} (") for one in self._folders)
            self._folders[f"{name} ({known + 1})" if known else name] = folder
        self._records: dict[str, Path] = {}

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of the folders that the operator opened."""
        return tuple(self._folders)

    def frames(self, session: str, files: Sequence[str] | None, folder: str) -> tuple[Path, ...]:
        """The frames that a visitor means: a folder of the operator's, or uploads.

        Raises:
            InvalidInput: If there are none, or the folder is not open.
        """
        if folder:
            if folder not in self._folders:
                raise InvalidInput(f"expected a folder of this page, got {folder!r:.60}")
            return (self._folders[folder],)
        if not files:
            raise InvalidInput(_NO_FRAMES)
        return self._claimed(session, files)

    def begin_tuning(
        self, session: str, frames: tuple[Path, ...], folder: str, request: TuningRequest
    ) -> Job:
        """Begin to tune; the same frames and request go on where they were stopped."""
        record = self._record(session, folder)

        def work(tell: Tell) -> TunedCamera:
            judge = self._page.judge()
            result = tune_camera(frames, request, record=record, judge=judge, progress=tell)
            return self._keep_tuned(session, result, tell)

        return self._begin(session, work)

    def begin_calibrating(
        self, session: str, asked: PairsAsked, frames: tuple[Path, ...] = ()
    ) -> Job:
        """Begin to calibrate, on a table or on frames of the camera.

        Raises:
            InvalidInput: If there is no profile, or two pictures have one name.
        """
        opened = self._profile(session, asked.profile)
        plan = CalibrationPlan(
            table=None if asked.table is None else self._claimed(session, [asked.table])[0],
            frames=frames,
            pictures=pictures_by_name(map(str, self._claimed(session, asked.pictures))),
            alpha=asked.alpha,
            delta=asked.delta,
            aligned=asked.aligned,
        )
        plan.require_one_source()
        doubts: list[tuple[str, str]] = []

        def work(tell: Tell) -> CalibratedCamera:
            found = calibrate_camera(
                opened,
                plan,
                lambda: create_embedder(asked.recogniser),
                doubt=lambda where, what: doubts.append((where, what)),
                tell=tell,
                judge=self._page.judge(),
            )
            return self._keep_calibrated(session, opened, found, plan, doubts)

        return self._begin(session, work)

    def stop(self, session: str) -> bool:
        """Stop what the session runs; whether there was anything."""
        job: Job | None = self._page.sessions.kept(session, _JOB)
        if job is None or not job.runs(0):
            return False
        job.stop()
        return True

    def faces(self, session: str, number: int) -> tuple[TunedCamera, tuple[ContactFace, ...]]:
        """The faces of a point of the chart.

        Raises:
            InvalidInput: If the session has tuned nothing, or there is no such point.
        """
        tuned: TunedCamera | None = self._page.sessions.kept(session, _TAB)
        if tuned is None or not 0 <= number < len(tuned.points):
            raise InvalidInput("expected a point of the chart, got none; tune the camera again")
        trial, outcome = tuned.points[number]
        return tuned, tuned.result.faces.show(trial.choice, outcome.limit)

    def _begin(self, session: str, work: Callable[[Tell], Any]) -> Job:
        job = Job(work)
        self._page.sessions.keep(session, _JOB, job)
        self._page.sessions.at_end(session, _JOB, job.stop)
        return job

    def _claimed(self, session: str, files: Sequence[str]) -> tuple[Path, ...]:
        paths = tuple(map(Path, files))
        for path in paths:
            self._page.sessions.claim(session, path)
        return paths

    def _record(self, session: str, folder: str) -> Path:
        """Where measurements are kept: uploads' with their session, a folder's with the server."""
        if not folder:
            return self._page.sessions.folder(session) / "study.db"
        name = f"study-{secrets.token_urlsafe(24)}.db"
        return self._records.setdefault(folder, self._page.work / name)

    def _profile(self, session: str, uploaded: str | None) -> OpenedProfile:
        if uploaded is not None:
            return visitor_profile(self._claimed(session, [uploaded])[0])
        tuned: TunedCamera | None = self._page.sessions.kept(session, _TAB)
        if tuned is None:
            raise InvalidInput(_NO_PROFILE)
        return open_profile(tuned.profile)

    def _keep_tuned(self, session: str, result: TuningResult, tell: Tell) -> TunedCamera:
        points = tuple(marked_outcomes(result.trials, result.chosen))
        chosen = None if result.chosen is None else result.chosen.outcome
        at = next((n for n, (_, one) in enumerate(points) if one is chosen), 0)
        tell("restoring three faces to show", 0, 1)
        faces: tuple[ContactFace, ...] = ()
        if points:
            faces = result.faces.show(points[at][0].choice, points[at][1].limit)
        folder = self._page.sessions.new_folder(session, _TAB)
        stem = _stem(result.profile.name)
        files = folder / f"{stem}.yaml", folder / f"{stem}.html"
        save_profile(result.profile, files[0])
        write_tuning_page(result, files[1])
        tuned = TunedCamera(result, points, at, faces, *files)
        self._page.sessions.keep(session, _TAB, tuned)
        return tuned

    def _keep_calibrated(
        self,
        session: str,
        opened: OpenedProfile,
        found: Calibration,
        plan: CalibrationPlan,
        doubts: list[tuple[str, str]],
    ) -> CalibratedCamera:
        folder = self._page.sessions.new_folder(session, "calibration")
        stem, profile = _stem(opened.profile.name), None
        if found.block is not None:
            profile = folder / f"{stem}.yaml"
            save_profile(with_calibration(opened.profile, found.block), profile)
        plot: Path | None = folder / f"{stem}.png"
        try:
            draw_calibration(found, plan.alpha, plan.delta, folder / f"{stem}.png")
        except MissingExtra as error:
            doubts.append(("plot", str(error)))
            plot = None
        return CalibratedCamera(found, tuple(doubts), profile, plot)


def _stem(name: str) -> str:
    """A camera's name as one of a file."""
    return re.sub(r"[^\w-]+", "_", name).strip("_")[:60] or "camera"
