"""The page of tuning.py: what was chosen, and what would have been best."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass

from scipy.stats import beta

from facefidelity.plugin.tuning.space import spread_policies

SPLITS = 20
"""How often the faces are halved to find the best without luck."""
UNSEEN = ("corridor_dome", "phone_zoom")


@dataclass(frozen=True)
class Row:
    """One camera."""

    camera: str
    chosen: str
    gain: float
    loss: float
    best: str
    best_gain: float
    best_loss: float
    fair_gain: float
    fair_loss: float
    told_gain: float
    told_loss: float
    default_gain: float
    default_loss: float
    expected_loss: float
    expected_gain: float
    trials: int
    seconds: float

    @property
    def share(self) -> float:
        return self.gain / self.best_gain if self.best_gain > 0 else 1.0

    @property
    def fair_share(self) -> float:
        return self.gain / self.fair_gain if self.fair_gain > 0 else 1.0


def beta_interval(count: int, total: int) -> tuple[float, float]:
    """Clopper and Pearson's 95 % interval of a share."""
    low = beta.ppf(0.025, count, total - count + 1) if count else 0.0
    high = beta.ppf(0.975, count + 1, total - count) if count < total else 1.0
    return float(low), float(high)


def write(rows: list[Row], arguments: argparse.Namespace, grid: int, default: str) -> None:
    """The page and the numbers, after every camera; `grid` settings, `default` in words."""
    command = (
        f"python benchmarks/tuning.py --judge {arguments.judge.name} --cameras "
        f"{' '.join(arguments.cameras)} --split {arguments.split} --frames {arguments.frames} "
        f"--faces {arguments.faces} --pairs {arguments.pairs} --real {arguments.real} "
        f"--trials {arguments.trials} --budget {arguments.budget} -o {arguments.out.name}"
    )
    kept = sum(row.share >= 0.9 for row in rows)
    within = sum(row.loss <= arguments.budget + 0.01 for row in rows)
    better = sum(row.gain > row.default_gain for row in rows)
    fair = sum(row.fair_share >= 0.9 for row in rows)
    told = sum(row.told_gain >= 0.9 * row.best_gain for row in rows)
    told_within = sum(row.told_loss <= arguments.budget + 0.01 for row in rows)
    gains = sum(row.gain for row in rows)
    together = " / ".join(
        f"{gains / sum(each):.2f}"
        for each in ([row.best_gain for row in rows], [row.fair_gain for row in rows])
    )
    every = len(rows) * arguments.faces
    count = round(sum(row.loss for row in rows) * arguments.faces)
    low, high = beta_interval(count, every)
    lost = f"{count} of {every}, {100 * count / every:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
    lines = [
        "# Does tuning find what is truly best?",
        "",
        f"    {command}",
        "",
        f"Simulated cameras, {arguments.frames} frames each for the tuner and {arguments.faces} frames "
        "of other people for the truth: gain of overall against the pristine face, identity by "
        "judge-faceplugin, which is not in the guard (lost: no longer ranked first among "
        f"{150 + arguments.faces - 1} others, or cohort z fell by more than 1). Restorers: classical, "
        "and Real-ESRGAN's animevideo network (compact), which is quick enough for a grid. The grid "
        f"has {grid} settings under {len(spread_policies(None))} limits; its best is the one "
        f"with the highest true gain that loses at most {100 * arguments.budget:g} % of these very "
        "faces, which is luck in part: *without luck* half of the faces choose and the other half "
        f"counts, {2 * SPLITS} times. The default for all cameras: {default}. "
        "*Told*: chosen from the grid by the truth of the tuner's own frames, which no tuner knows. "
        "Gains count faces left alone as 0; one face more or less is "
        f"{1 / arguments.faces:.3f} of the lost. Seconds: the tuner's, on a machine shared with "
        f"other work. Cameras not used while the tuner was made: {', '.join(UNSEEN)}.",
        "",
        "| of | measured | bar |",
        "|---|---|---|",
        f"| gain at least 90 % of the grid's best | {kept} of {len(rows)} cameras | all |",
        f"| the same of its best without luck | {fair} of {len(rows)} | |",
        f"| gain of all cameras together, of the grid's best / without luck | {together} | |",
        f"| lost within the budget and 1 point | {within} of {len(rows)} | all |",
        f"| lost of all cameras together | {lost} | {100 * arguments.budget:g} % and 1 point |",
        f"| told the truth of its frames: gain at least 90 %, lost within | {told} of {len(rows)}, "
        f"{told_within} of {len(rows)} | |",
        f"| gain above the one default's | {better} of {len(rows)} | 4 of 5 |",
        "",
        "| camera | chosen | true gain | lost | foretold lost | grid's best | its gain | its lost | "
        "share | without luck: gain | its lost | share | told: gain | its lost | default's gain | its lost | trials | "
        "seconds |",
        "|---" * 18 + "|",
    ]
    for row in rows:
        lines.append(
            f"| {row.camera} | {row.chosen} | {row.gain:+.2f} | {row.loss:.3f} | "
            f"{row.expected_loss:.3f} | {row.best} | {row.best_gain:+.2f} | {row.best_loss:.3f} | "
            f"{row.share:.2f} | {row.fair_gain:+.2f} | {row.fair_loss:.3f} | {row.fair_share:.2f} | "
            f"{row.told_gain:+.2f} | {row.told_loss:.3f} | "
            f"{row.default_gain:+.2f} | {row.default_loss:.3f} | {row.trials} | "
            f"{row.seconds:.0f} |"
        )
    arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    plain = [asdict(row) | {"share": row.share, "fair_share": row.fair_share} for row in rows]
    arguments.out.with_suffix(".json").write_text(
        json.dumps({"command": command, "cameras": plain}, indent=1) + "\n", encoding="utf-8"
    )
