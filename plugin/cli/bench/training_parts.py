"""What ``bench train`` starts from (plan, weights, folder), and the bar that it shows."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ....assessor.training.plan import TrainingPlan, load_plan, plan_from
from ....core.errors import InvalidInput, MissingExtra

if TYPE_CHECKING:
    from ....assessor.training.trainer import Progress

__all__ = [
    "open_start",
    "require_curve",
    "require_run_folder",
    "require_training",
    "training_progress",
]

_FINE_TUNING: Final = {
    "pictures": 20_000,
    "learning_rate": 2e-4,
    "check_every": 4_000,
    "frozen_statistics": True,
}
_REFRESH_SECONDS: Final = 0.2


def require_training() -> None:
    """Refuse to start where the extra is not installed.

    Raises:
        MissingExtra: If torch, scipy, onnx or onnxscript is absent.
    """
    if any(find_spec(name) is None for name in ("torch", "scipy", "onnx", "onnxscript")):
        raise MissingExtra("bench train", "train")


def require_curve() -> None:
    """Refuse to train for hours where the curve could not be drawn at the end.

    Raises:
        MissingExtra: If matplotlib is absent.
    """
    if find_spec("matplotlib") is None:
        raise MissingExtra("the training curve", "bench")


def open_start(
    start: str, config: Path | None, **changes: object
) -> tuple[TrainingPlan, dict[str, Any] | None]:
    """The plan and the weights to start from.

    Without a config, fine-tuning has gentler numbers than training from nothing.

    Args:
        start: "" for random weights, "shipped", or an ONNX file.
        config: The plan's YAML.
        **changes: Numbers of the plan to replace; None leaves one as it is.

    Raises:
        InvalidInput: If the plan is not one.
        UnsupportedWeights: If the ONNX file cannot be trained on.
    """
    if not start:
        return (load_plan(config, **changes) if config else plan_from({}, **changes)), None
    from ....assessor.runtime import SHIPPED_WEIGHTS
    from ....assessor.training.export import read_network

    network, state = read_network(SHIPPED_WEIGHTS if start == "shipped" else Path(start))
    changes["network"] = network
    plan = load_plan(config, **changes) if config else plan_from(_FINE_TUNING, **changes)
    return plan, state


def require_run_folder(folder: Path) -> None:
    """Make the run's folder before anything is decoded or trained.

    Raises:
        InvalidInput: If it cannot be had.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"expected a folder for the run at {folder}, got: {error}") from error


@contextmanager
def training_progress(plan: TrainingPlan) -> Iterator[Progress | None]:
    """A bar with the time that is left on a terminal; None elsewhere.

    Args:
        plan: Whose pictures are counted.

    Yields:
        What `train` calls after every step. The bar moves five times a second at most.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True)) as bar:
        task = bar.add_task("training", total=plan.pictures)
        shown = 0.0

        def show(seen: int, planned: int, loss: float) -> None:
            nonlocal shown
            now = time.monotonic()
            if now - shown >= _REFRESH_SECONDS or seen >= planned:
                shown = now
                bar.update(task, completed=seen, description=f"training, loss {loss:.3f}")

        yield show
