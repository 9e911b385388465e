"""Restores a clip: looks through it once, then restores, judges, smooths and writes segments."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from ...core.errors import InvalidInput, WriteFailed
from ...core.images import printable_path
from ...core.weights.verification import sha256_of
from ...guards.references import ReferenceSet
from ..pipeline import Guard
from .analysis import Analysis, Progress, analyse_clip, read_analysis
from .concluding import RestoredClip, conclude_clip, finished_clip
from .decoding import ClipReader
from .segments import SecondPass
from .settings import ClipSettings
from .work import WorkFolder, describe_work

__all__ = ["RestoredClip", "restore_clip"]


def restore_clip(
    source: Path,
    target: Path,
    guard: Guard,
    settings: ClipSettings | None = None,
    *,
    references: ReferenceSet | None = None,
    resume: bool = False,
    label: bool = True,
    redact: bool = False,
    progress: Progress | None = None,
) -> RestoredClip:
    """Restore every face of a clip, judged against its whole track, without flicker.

    The same call goes on where an earlier one was stopped, from the last finished segment, and
    gives the same bytes as one that was not.

    Args:
        source: The clip.
        target: The MP4 to write, in a folder that exists or can be made; replaced when done. Beside
            it ``<stem>.decisions.jsonl``: what was decided on each face of each frame.
        guard: Restores and judges.
        settings: Everything else.
        references: Enrolled pictures of one person; they take the place of the reference of the
            track that is most like them.
        resume: Leave a clip alone that was finished in the very same way before.
        label: Say in the clip's comment that faces in it were restored, where some were.
        redact: No file names in the decisions, and nothing that a failing restorer said.
        progress: Called with a stage's name, how many frames are done, of how many.

    Raises:
        InvalidInput: If it is no clip, or would be overwritten.
        MissingExtra: If PyAV is not installed, or the restorer's packages are not.
        WriteFailed: If the disk refuses.
        WeightsMissing: If the restorer's weights are not on this machine.
    """
    started = time.perf_counter()
    settings = settings or ClipSettings()
    if target.suffix.lower() != ".mp4":
        raise InvalidInput(f"expected an .mp4 as the result, got {printable_path(target)}")
    if target.resolve() == source.resolve():
        raise InvalidInput(f"expected a result beside the clip, got {printable_path(target)} twice")
    reader = ClipReader(source)
    try:
        said = {"label": label, "redact": redact}
        plan = {
            "input_sha256": sha256_of(source),
            **describe_work(guard, settings, references),
            **said,
        }
        done = finished_clip(source, target, plan) if resume else None
        if done is not None:
            return replace(done, seconds=time.perf_counter() - started)
        work = WorkFolder(target.with_name(f".{target.name}.work"), plan)
        with work.claimed():
            analysis = _analysed(work, reader, guard, settings, progress)
            run = SecondPass(reader, guard, settings, analysis, work, references, progress)
            resumed = run.write_segments()
            done = conclude_clip(
                reader.facts,
                target,
                analysis,
                work,
                segments=0 if run.stays_as_it_is else run.segments,
                may_copy=run.is_mp4_already,
                **said,
            )
    except WriteFailed:
        raise
    except OSError as error:
        raise WriteFailed(
            f"expected to be able to write beside {printable_path(target)}, got: "
            f"{error.strerror or error}; finished segments are kept, run the same command again"
        ) from error
    return replace(done, resumed_segments=resumed, seconds=time.perf_counter() - started)


def _analysed(
    work: WorkFolder,
    reader: ClipReader,
    guard: Guard,
    settings: ClipSettings,
    progress: Progress | None,
) -> Analysis:
    if work.is_analysed:
        return read_analysis(work.folder, guard.judge_of_pairs.reference_embedder.name)
    return analyse_clip(
        reader,
        guard.assessment,
        guard.judge_of_pairs,
        work.folder,
        detect_every=settings.detect_every,
        progress=progress,
    )
