"""One self-contained HTML page on the tuning of a camera."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from ... import __version__
from ...core.files import write_text_file
from ..report.markup import Markup, fill, static_text, tag
from .charts import pareto_chart
from .contact import ContactFace
from .result import TuningResult
from .tables import contact_sheet, description_table, finalists_table, trials_table

__all__ = ["tuning_page", "write_tuning_page"]


def write_tuning_page(result: TuningResult, path: Path) -> None:
    """Write the page whole or not at all.

    Raises:
        WriteFailed: If the disk refuses.
    """
    write_text_file(path, tuning_page(result))


def tuning_page(result: TuningResult) -> str:
    """The page as HTML."""
    looked, offered = result.frames
    return fill(
        "tuning.html",
        version=__version__,
        style=Markup(static_text("report.css") + static_text("tuning.css")),
        camera=result.profile.name,
        sentence=result.sentence,
        made_from=(
            f"From {result.description.faces} faces in {looked:,} of {offered:,} frames; "
            f"{result.pairs} self-made pairs of {result.truths} faces; finalists on "
            f"{result.real_faces} real faces; {result.seconds / 60:.1f} minutes."
        ),
        doubts=doubts_list(result),
        pareto=pareto_chart(result.trials, result.chosen, result.budget),
        sheet_note=_sheet_note(result.contact),
        sheet=contact_sheet(result.contact),
        finalists=finalists_table(result),
        faces=result.description.faces,
        description=description_table(result.description),
        stopped=(
            f"{len(result.trials)} settings, {result.reused} of them from an earlier run; ended "
            f"because {result.stopped}. A setting that is clearly behind is given up early."
        ),
        trials=trials_table(result),
    )


def doubts_list(result: TuningResult) -> Markup:
    """What makes a result less sure, as a list; nothing where nothing does."""
    said = list(result.warnings)
    if result.problems:
        named = ", ".join(PurePath(name).name for name, _ in result.problems[:5])
        more = " and more" if len(result.problems) > 5 else ""
        said.append(f"{len(result.problems)} frames could not be used: {named}{more}")
    return tag("ul", *(tag("li", one) for one in said), class_="doubts") if said else Markup()


def _sheet_note(contact: Sequence[ContactFace]) -> str:
    if not contact:
        return "Nothing was chosen, so there is nothing to show."
    return (
        "Real faces under the chosen setting, as the guard delivers them: the one that gains "
        "most, the median and the one that gains least among those that are changed."
    )
