"""The Optuna study: what to try next, and a record on disk of what was tried."""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import MissingExtra, WriteFailed
from .outcomes import Trial
from .space import Choice, SearchSpace

__all__ = ["Proposals", "require_optuna"]


def require_optuna() -> Any:
    """The package, before minutes of work end for want of it.

    Raises:
        MissingExtra: If it is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise MissingExtra("tuning", "tune") from error
    return optuna


class Proposals:
    """Proposes choices that were not tried, and keeps what became of them.

    Args:
        space: What may be chosen.
        path: SQLite file, made where it is missing; None keeps it in memory.
        name: Of the study in it; the same only where its trials may be taken over.
        seed: Of the proposals.
        trials: How many there will be, at most.

    Raises:
        MissingExtra: If optuna is not installed.
        WriteFailed: If the file cannot be used.
    """

    def __init__(
        self, space: SearchSpace, path: Path | None, name: str, seed: int, trials: int
    ) -> None:
        optuna = require_optuna()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._space = space
        self._seed = seed
        self._states = optuna.trial.TrialState
        self._study = _open(optuna, path, name)
        made = len(self._study.get_trials(deepcopy=False))
        self._study.sampler = optuna.samplers.TPESampler(
            seed=seed + made, n_startup_trials=max(3, trials // 3)
        )

    def finished(self) -> list[tuple[Choice, int, str | None]]:
        """Choices that an earlier run finished, on how many faces, and why one was given up.

        What it left half-done is marked as failed, to be proposed again.
        """
        found = []
        for old in self._study.get_trials(deepcopy=False):
            if old.state == self._states.RUNNING:
                self._study.tell(old.number, state=self._states.FAIL)
            elif old.state in {self._states.COMPLETE, self._states.PRUNED}:
                faces, problem = old.user_attrs["faces"], old.user_attrs.get("problem")
                found.append((self._choice(old.params), int(faces), problem))
        return found

    def spent(self) -> float:
        """Seconds of the finished trials, of earlier runs as well."""
        finished = {self._states.COMPLETE, self._states.PRUNED}
        old = [one for one in self._study.get_trials(deepcopy=False) if one.state in finished]
        return float(sum(one.duration.total_seconds() for one in old))

    def propose(self, tried: Collection[str]) -> tuple[Any, Choice]:
        """Propose a choice that was not tried: each restorer's default first.

        Args:
            tried: Keys of the choices that were.

        Returns:
            What `record` and `abandon` want back, and the choice.
        """
        first = next((one for one in self._space.defaults() if one.key not in tried), None)
        if first is not None:
            return self._ask_for(first)
        asked, choice = self._ask()
        if choice.key not in tried:
            return asked, choice
        self.abandon(asked)
        return self._ask_for(self._nearest(choice, tried))

    def _nearest(self, choice: Choice, tried: Collection[str]) -> Choice:
        """The choice that was not tried and lies nearest, by levels; of equals a drawn one."""
        left = [one for one in self._space.choices() if one.key not in tried]
        apart = np.array([self._distance(choice, one) for one in left])
        equal = np.flatnonzero(apart == apart.min())
        drawn = np.random.default_rng(self._seed + len(tried)).integers(len(equal))
        return left[int(equal[int(drawn)])]

    def _distance(self, first: Choice, second: Choice) -> float:
        if first.restorer != second.restorer:
            return math.inf
        levels = self._space.levels[first.restorer]
        pairs = zip(first.settings, second.settings, strict=True)
        return float(sum(abs(levels[n].index(v) - levels[n].index(w)) for (n, v), (_, w) in pairs))

    def record(self, asked: Any, trial: Trial, budget: float) -> None:
        """Keep what became of a proposal; two objectives: the gain, and the share lost."""
        asked.set_user_attr("faces", trial.faces)
        asked.set_user_attr("seconds", trial.seconds)
        if not trial.complete:
            asked.set_user_attr("problem", trial.problem)
            self._study.tell(asked, state=self._states.PRUNED)
            return
        best = trial.best_within(budget)
        self._study.tell(asked, [0.0, 0.0] if best is None else [best.merit, best.loss])

    def abandon(self, asked: Any) -> None:
        """Give a proposal back, to be made again."""
        self._study.tell(asked, state=self._states.FAIL)

    def _ask_for(self, choice: Choice) -> tuple[Any, Choice]:
        levels = self._space.levels[choice.restorer]
        places = {_name(choice, n): levels[n].index(value) for n, value in choice.settings}
        self._study.enqueue_trial({"restorer": choice.restorer, **places})
        return self._ask()

    def _ask(self) -> tuple[Any, Choice]:
        asked = self._study.ask()
        restorer = asked.suggest_categorical("restorer", list(self._space.levels))
        for setting, values in self._space.levels[restorer].items():
            asked.suggest_int(f"{restorer}.{setting}", 0, len(values) - 1)
        return asked, self._choice(asked.params)

    def _choice(self, params: dict[str, Any]) -> Choice:
        restorer = params["restorer"]
        levels = self._space.levels[restorer]
        values = ((name, known[params[f"{restorer}.{name}"]]) for name, known in levels.items())
        return Choice(restorer, tuple(values))


def _name(choice: Choice, setting: str) -> str:
    return f"{choice.restorer}.{setting}"


def _open(optuna: Any, path: Path | None, name: str) -> Any:
    try:
        return optuna.create_study(
            storage=None if path is None else f"sqlite:///{path.as_posix()}",
            study_name=name,
            directions=["maximize", "minimize"],
            load_if_exists=True,
        )
    except (optuna.exceptions.OptunaError, OSError) as error:
        raise WriteFailed(
            f"expected to be able to use the tuning record {path}, got: "
            f"{str(error).splitlines()[0]}; move the file away to begin anew"
        ) from error
