"""The data card of a simulated set: what it is, what it is not, how it was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from .build_plan import BuildPlan
from .identity_labels import STRUCTURE_SHARE, Z_RANGE

__all__ = ["describe_set"]

_YES: Final = {True: "yes", False: "no"}
_LABELS: Final = (
    (
        "noise",
        "100 exp(-n / 8), n the deviation in flat areas that the pristine face does not explain, "
        "median over cells",
    ),
    ("sharpness", "energy along the pristine face's edges, relative to its own, four octaves"),
    ("colorfulness", "(1 - relative a*b* error) ^ 0.8; a grey picture scores 0"),
    (
        "contrast",
        "slope of low-passed luma against the pristine one's ^ 0.8, less for over-gain and shift",
    ),
    (
        "fidelity",
        f"cohort z-score of the recognisers below, {Z_RANGE[0]}..{Z_RANGE[1]} to 0..100, "
        f"with {STRUCTURE_SHARE:.0%} structural similarity",
    ),
    (
        "overall",
        "(sum of w sqrt(q))^2: noise .2, sharpness .25, colour .1, contrast .15, texture .3",
    ),
)


def describe_set(
    plan: BuildPlan, teachers: Sequence[str], restorers: Sequence[str], command: str
) -> str:
    """The card, Markdown.

    Args:
        plan: What was built.
        teachers: Names of the recognisers behind the fidelity label.
        restorers: Real restorers that were run; none: simulated ones.
        command: The command that makes the set again.
    """
    shown = {plan.person_of(c, k) for c, k in plan.shots}
    groups = Counter((plan.people[i].sex, plan.people[i].ethnicity) for i in shown)
    lines = [
        "# Data card: SFIQA-Sim",
        "",
        f"    {command}",
        "",
        "Simulated captures of faces whose pristine picture is known, in the manner of SFIQA-Bench "
        "(arXiv 2602.07403), whose own pictures and ratings are not public. **The six scores are "
        "pseudo-MOS: measurements against the pristine picture, not ratings by people.** Good for "
        "training, for regression tests and for comparing models; no evidence of what people see.",
        "",
        f"{plan.size} captures of {len(shown)} people{_restorations(plan, restorers)}, 256 px, "
        f"aligned to the FFHQ frame, PNG. Seed {plan.seed}; the same command makes the same bytes "
        "with the same library versions (build.json).",
        "",
        *_table(
            ("camera", "captures", "has a fault that training never has", "what it is"),
            [(c.name, plan.per_camera, _YES[c.held_out], c.summary) for c in plan.cameras],
        ),
        *_table(("label", "0..100, higher is better"), _LABELS),
        f"Recognisers behind fidelity: {', '.join(teachers)}. A model that was trained on their "
        "taste looks better here than it is: examine it with another one.",
        "",
        *_table(
            ("sex", "ethnicity", "people"), [(*group, n) for group, n in sorted(groups.items())]
        ),
        "Columns: `file`, `person` (file stem of the pristine picture), `sex`, `ethnicity`, "
        "`split`, `camera`, `restoration` (`none` for a capture), `source` (the capture that was "
        "restored), the six scores, and `provenance`: every parameter of the capture as JSON.",
        "",
        "The licence and the limits are those of the pristine pictures.",
    ]
    return "\n".join(lines) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(map(str, cells))} |" for cells in lines), ""]


def _restorations(plan: BuildPlan, restorers: Sequence[str]) -> str:
    if not plan.restored:
        return ""
    by = ", ".join(restorers) if restorers else "simulated restorers"
    return f" and {plan.pictures - plan.size} restorations of them ({by})"
