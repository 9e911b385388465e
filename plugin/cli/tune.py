"""``facefidelity tune``: which restorer, settings and limits suit a camera."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .formats import FormatOption, OutputFormat, print_json_line
from .options import AlignedOption, complain, show_table
from .stages import StageProgress

if TYPE_CHECKING:
    from ..tuning.result import TuningResult

__all__ = ["tune"]


Frames = Annotated[
    list[Path],
    typer.Argument(help="Frames of one camera, or folders.", show_default=False, readable=False),
]
Camera = Annotated[str, typer.Option("--camera", metavar="NAME", help="Name of the camera.")]
Output = Annotated[
    Path, typer.Option("-o", "--output", metavar="PROFILE.yaml", help="Profile.", readable=False)
]
Restorers = Annotated[
    str | None, typer.Option("--restorers", metavar="A,B", help="Only these; all that run here.")
]
Trials = Annotated[int, typer.Option("--trials", min=1, help="Settings at most.")]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout", min=1, metavar="S", help="Seconds for search and check, of all runs."
    ),
]
Only = Annotated[
    str | None,
    typer.Option("--policy", help="Only this one, and tighter; by default three are tried."),
]
Budget = Annotated[
    float,
    typer.Option("--max-identity-loss", help="Budget: share of faces that may lose the person."),
]
Pairs = Annotated[int, typer.Option("--pairs", min=4, help="Self-made pairs at most.")]
MaxSeconds = Annotated[
    float, typer.Option("--max-seconds", min=0.01, help="A face; slower settings are out.")
]
Report = Annotated[
    Path | None,
    typer.Option("--report", metavar="PAGE.html", help="Also write a page.", readable=False),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of everything drawn.")]


def tune(
    frames: Frames,
    camera: Camera,
    output: Output,
    aligned: AlignedOption = False,
    restorers: Restorers = None,
    trials: Trials = 30,
    timeout: Timeout = 780.0,
    policy: Only = None,
    max_identity_loss: Budget = 0.05,
    pairs: Pairs = 40,
    max_seconds: MaxSeconds = 6.0,
    report: Report = None,
    seed: Seed = 0,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Find the restorer, settings and limits that suit a camera, on its own frames.

    Its best faces are degraded as the camera degrades, so that what is truly gained and lost can
    be measured. A run that was stopped goes on from the record beside the profile
    (PROFILE.study.db). Needs: pip install 'facefidelity[tune]'.

    Example: facefidelity tune frames/gate --camera gate -o gate.yaml --report gate.html
    """
    from ...guards.profile import save_profile
    from ..tuning.page import write_tuning_page
    from ..tuning.search import SearchPlan
    from ..tuning.tuner import TuningRequest, tune_camera

    _require_targets(output, report)
    request = TuningRequest(
        camera=camera,
        aligned=aligned,
        restorers=tuple(restorers.split(",")) if restorers else None,
        policy=policy,
        pairs=pairs,
        plan=SearchPlan(
            trials, timeout, seconds_per_face=max_seconds, budget=max_identity_loss, seed=seed
        ),
    )
    with StageProgress() as progress:
        record = output.with_suffix(".study.db")
        result = tune_camera(frames, request, record=record, progress=progress)
    save_profile(result.profile, output)
    if report is not None:
        write_tuning_page(result, report)
    for name, why in result.problems:
        complain(name, why)
    if format is OutputFormat.json:
        print_json_line(**_record(result, output, report))
    else:
        _show(result, output, report)
    return 1 if result.problems else 0


def _require_targets(output: Path, report: Path | None) -> None:
    """Refuse places that cannot be written, before minutes of work."""
    from ...core.errors import InvalidInput
    from ..batch.plan import require_output_folder

    if output.suffix.lower() not in {".yaml", ".yml"}:
        raise InvalidInput(f"expected --output as a .yaml file, got {output}")
    for path in (output, *([report] if report else [])):
        if path.is_dir():
            raise InvalidInput(f"expected a file to write, got the folder {path}")
        require_output_folder(path.parent)


def _show(result: TuningResult, output: Path, report: Path | None) -> None:
    from ..tuning.characterise import MEASURES
    from ..tuning.tables import best_by_setting

    rows = []
    for measure in MEASURES:
        spread = getattr(result.description, measure.name)
        values = (spread.low, spread.median, spread.high) if spread else ()
        numbers = [f"{value:.{measure.digits}f}" for value in values] or ["-", "-", "-"]
        rows.append((f"{measure.label} {measure.unit}".strip(), *numbers))
    title = f"Camera {result.profile.name}: {result.description.faces} faces"
    show_table(title, ("measure", "10 %", "median", "90 %"), rows)
    show_table(
        f"Finalists of {len(result.trials)} settings",
        ("setting", "limit", "gain pairs", "lost", "gain real", "changed", "lost est.", "s/face"),
        [
            (
                ("* " if one == result.chosen else "") + one.trial.choice.label,
                one.outcome.limit.label,
                f"{one.outcome.merit:+.1f}",
                f"{one.outcome.lost}/{one.outcome.faces}",
                f"{one.real.gain:+.1f}",
                f"{one.real.delivered}/{one.real.faces}",
                f"{100 * one.loss:.1f} %",
                f"{one.trial.seconds:.2f}",
            )
            for one in best_by_setting(result)
        ],
    )
    for said in result.warnings:
        typer.echo(f"note: {said}")
    typer.echo(result.sentence)
    typer.echo(f"profile in {output}" + (f", report in {report}" if report else ""))


def _record(result: TuningResult, output: Path, report: Path | None) -> dict[str, object]:
    one = result.chosen
    return {
        "camera": result.profile.name,
        "profile": str(output),
        "report": None if report is None else str(report),
        "sentence": result.sentence,
        "restorer": None if one is None else one.trial.choice.restorer,
        "settings": None if one is None else dict(one.trial.choice.settings),
        "policy": result.profile.policy
        if isinstance(result.profile.policy, str)
        else result.profile.policy.name,
        "max_identity_risk": None if one is None else one.outcome.limit.max_identity_risk,
        "gain": None if one is None else one.gain,
        "true_gain": None if one is None else one.outcome.merit,
        "lost": None if one is None else one.outcome.lost,
        "pairs": result.pairs,
        "identity_loss": None if one is None else one.loss,
        "seconds_per_face": None if one is None else one.trial.seconds,
        "faces": result.description.faces,
        "trials": len(result.trials),
        "stopped": result.stopped,
        "warnings": list(result.warnings),
        "unreadable": [name for name, _ in result.problems],
        "seconds": result.seconds,
    }
