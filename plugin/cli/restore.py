"""``facefidelity restore``: guard the restoration of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from .batches import IsolateOption, JobsOption, ResumeOption
from .cameras import (
    CameraOption,
    GuardChoice,
    StrictProfileOption,
    recipe_of,
    warn_of_camera,
)
from .clips import (
    ClipChoice,
    CrfOption,
    DetectEveryOption,
    SteadyOption,
    require_for_clips,
    restore_clips,
)
from .engines import (
    EngineChoice,
    EngineName,
    EngineOption,
    GpuFractionOption,
    RayAddressOption,
    RayWorkersOption,
    SourcesArgument,
)
from .formats import FormatOption, OutputFormat
from .labels import (
    CertificateOption,
    KeyOption,
    NoLabelOption,
    RedactOption,
    SignOption,
    TrustOption,
    open_labelling,
)
from .options import (
    AlignedOption,
    CandidatesOption,
    MinFaceOption,
    OnlyCenterOption,
    OverridesOption,
    PolicyOption,
    ReferenceOption,
    tracked,
)

if TYPE_CHECKING:
    from ..batch.local import PictureOutcome
    from ..batch.plan import PlannedPicture
    from ..batch.recipe import GuardRecipe
    from ..report import ReportWriter

__all__ = ["restore"]

_RESTORERS: Final = (  # written out, so that --help loads nothing
    "realesrgan, classical, gfpgan-1.4, gfpgan-1.3, restoreformer, codeformer, spandrel, onnx, "
    "gfpgan-1.4-onnx, codeformer-onnx, gpen-512-onnx, gpen-256-onnx"
)

OutputOption: TypeAlias = Annotated[
    Path, typer.Option("-o", "--output", help="Folder for the results.", readable=False)
]
RestorerOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--restorer",
        metavar="NAME",
        help=f"One of: {_RESTORERS}.",
        show_default="realesrgan",
    ),
]
SettingOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting of it.")
]
UpscaleOption: TypeAlias = Annotated[
    int, typer.Option("--upscale", min=1, max=8, help="Whole factor by which pictures grow.")
]
TimeLimitOption: TypeAlias = Annotated[
    float, typer.Option("--time-limit", min=0.1, metavar="SECONDS", help="For one face.")
]


def restore(
    inputs: SourcesArgument,
    output: OutputOption,
    restorer: RestorerOption = None,
    setting: SettingOption = None,
    candidates: CandidatesOption = None,
    policy: PolicyOption = None,
    camera: CameraOption = None,
    strict_profile: StrictProfileOption = False,
    reference: ReferenceOption = None,
    overrides: OverridesOption = None,
    report: Annotated[bool, typer.Option("--report", help="Also write report.html.")] = False,
    aligned: AlignedOption = False,
    only_center_face: OnlyCenterOption = False,
    min_face: MinFaceOption = 0,
    upscale: UpscaleOption = 1,
    ext: Annotated[str, typer.Option("--ext", help="Suffix of the results.")] = ".png",
    time_limit: TimeLimitOption = 120.0,
    resume: ResumeOption = False,
    jobs: JobsOption = 1,
    isolate: IsolateOption = None,
    engine: EngineOption = EngineName.local,
    ray_address: RayAddressOption = None,
    ray_workers: RayWorkersOption = None,
    gpu_fraction: GpuFractionOption = 0.0,
    no_label: NoLabelOption = False,
    sign: SignOption = False,
    certificate: CertificateOption = None,
    key: KeyOption = None,
    trust: TrustOption = False,
    redact: RedactOption = False,
    crf: CrfOption = 18.0,
    steady: SteadyOption = 0.5,
    detect_every: DetectEveryOption = 1,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Restore every face, judge it, and deliver only what is still the person.

    Writes each picture under its own name, decisions.jsonl (one line a face), journal.sqlite
    and, with --report, one self-contained HTML page. With --resume it goes on after any stop.

    Example: facefidelity restore photos/ -o restored --report --policy strict
    """
    from ..review.overrides_file import read_overrides

    labelling = open_labelling(no_label, sign, certificate, key)
    decided = read_overrides(overrides) if overrides else None
    faces = {"min_face_px": min_face, "only_center_face": only_center_face, "aligned": aligned}
    given = {"references": tuple(reference or ()), "overrides": decided, "labelling": labelling}
    limits = {"time_limit_seconds": time_limit, "strict_profile": strict_profile, "trust": trust}
    ways = {"upscale": upscale, "redact": redact, "keep_pixels": report}
    choice = GuardChoice(restorer, setting, candidates, policy)
    recipe = recipe_of(camera, choice, **faces, **given, **limits, **ways)
    engines = EngineChoice(engine, jobs, isolate, ray_address, ray_workers, gpu_fraction)
    clips = ClipChoice(crf, steady, detect_every, resume, format is OutputFormat.json)
    suffix = "." + ext.lower().lstrip(".")
    return 1 if _restore_all(inputs, output, suffix, recipe, engines, clips) else 0


def _restore_all(
    inputs: list[str],
    output: Path,
    suffix: str,
    recipe: GuardRecipe,
    engines: EngineChoice,
    clip_choice: ClipChoice,
) -> int:
    """Restore the pictures and then the clips of a command line; how many failed."""
    from ..batch.listed import part_sources
    from ..batch.plan import plan_batch
    from ..video.finding import part_inputs

    named, listed = part_sources(inputs)
    pictures, clips = part_inputs(named)
    require_for_clips(clips, recipe)
    failed = 0
    if pictures or listed or not clips:
        plans = plan_batch(pictures, output, suffix, listed)
        failed = _restore_pictures(plans, output, recipe, engines, clip_choice)
    return failed + (restore_clips(clips, output, recipe, clip_choice) if clips else 0)


def _restore_pictures(
    plans: Sequence[PlannedPicture],
    output: Path,
    recipe: GuardRecipe,
    engines: EngineChoice,
    choice: ClipChoice,
) -> int:
    """Restore the pictures; how many failed, and one more where the report did."""
    from ..batch.local import run_batch
    from .page import ReportPage
    from .tally import Tally

    redact, report = recipe.redact, recipe.keep_pixels
    engine = engines.open(recipe, len(plans), warn_of_camera)
    place = output / "report.html" if report else None
    page = ReportPage(place, "Guarded restoration", engine.policy(), pictures=not redact)
    tally = Tally(OutputFormat.json if choice.json else OutputFormat.text, recipe.overrides)
    log = output / "decisions.jsonl"
    outcomes = run_batch(plans, engine, log, resume=choice.resume, redact=redact)
    try:
        for outcome in tracked(outcomes, plans, "restoring"):
            tally.add(outcome)
            page.add(partial(_report, outcome=outcome, redact=redact))
    finally:  # also when stopped half-way
        outcomes.close()
        engine.close()
        page.finish()
    tally.finish(output, report and not page.failed)
    return tally.failed + bool(page.failed)


def _report(writer: ReportWriter, outcome: PictureOutcome, redact: bool) -> None:
    from ..redaction import anonymous_name, redact_result

    source: str = str(outcome.plan.source)
    target: str | None = str(outcome.plan.target)
    if outcome.earlier:
        return
    if outcome.result is None:
        told = ("an input", "it failed; stderr named it") if redact else (source, outcome.error)
        writer.add_failure(told[0], told[1] or "")
    else:
        if redact:
            source, target = anonymous_name(outcome.sha256), None
        result = redact_result(outcome.result) if redact else outcome.result
        policy = outcome.policy
        writer.add_picture(source, target, result, before=outcome.before, policy=policy)
