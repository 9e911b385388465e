"""A recipe whose worker does what a picture's name says; imported by worker processes too."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facefidelity.core.errors import InvalidInput, RestorerTimedOut, WeightsMissing
from facefidelity.guards.policy import load_policy
from facefidelity.plugin.batch.plan import PlannedPicture
from facefidelity.plugin.batch.worked import BatchFacts, WorkedPicture
from facefidelity.plugin.timebox import call_restorer


def record(plan: PlannedPicture, index: int, decision: str = "ACCEPT") -> dict[str, Any]:
    return {
        "path": str(plan.source),
        "output": str(plan.target),
        "face": index,
        "decision": decision,
        "delivered": decision,
        "policy": "balanced",
        "reasons": [],
        "settings": {"seed": 7},
        "seconds": time.perf_counter() % 1,
        "candidates": [{"seconds": time.perf_counter() % 1}],
        "scores_before": {"overall": 40.0},
        "scores_after": {"overall": 50.0},
        "identity_risk": 0.1,
        "override": None,
        "blend": 1.0,
        "detail": None,
    }


@dataclass(frozen=True)
class ObedientWorker:
    """The result is the input backwards; one face a picture."""

    flavour: str = "plain"
    pause_seconds: float = 0.0

    @property
    def guard(self) -> Any:
        return self

    @property
    def policy(self) -> Any:
        return load_policy("balanced")

    def facts(self) -> BatchFacts:
        return BatchFacts({"flavour": self.flavour}, {"net": "1"}, {"facefidelity": "1"})

    def patience_seconds(self) -> float:
        return 1.0

    def work(self, plan: PlannedPicture, progress: Any = None) -> WorkedPicture:
        if plan.problem is not None:
            return WorkedPicture(error=plan.problem)
        time.sleep(self.pause_seconds)
        name = plan.source.name
        if "hang" in name:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
            time.sleep(3600)
        if "crash" in name:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "once" in name and not (mark := plan.source.with_suffix(".mark")).exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if "unable" in name:
            raise WeightsMissing("expected weights, got none; pull them")
        decision = "ACCEPT"
        if "slow" in name:
            try:
                call_restorer("slow", lambda: time.sleep(3600), 0.1)
            except RestorerTimedOut:
                decision = "FAILED"
        if "bad" in name:
            return WorkedPicture(error=str(InvalidInput(f"expected a picture, got {name}")))
        data = plan.source.read_bytes()
        result = self.flavour.encode() + data[::-1]
        return WorkedPicture(
            input_sha256=hashlib.sha256(data).hexdigest(),
            output_sha256=hashlib.sha256(result).hexdigest(),
            data=result,
            records=(record(plan, 0, decision),),
            policy=self.policy,
            seconds=time.perf_counter() % 1,
        )


@dataclass(frozen=True)
class ObedientRecipe:
    """Builds the same worker in any process."""

    flavour: str = "plain"
    pause_seconds: float = 0.0
    time_limit_seconds: float = 1.0

    def build(self, threads: int = 0, warn: Any = None) -> ObedientWorker:
        if self.flavour == "unbuildable":
            raise InvalidInput("expected a guard, got nonsense")
        if self.flavour == "stillborn":
            os._exit(3)
        if warn is not None:
            warn("a warning")
        return ObedientWorker(self.flavour, self.pause_seconds)


def plans_of(folder: Path, out: Path) -> list[PlannedPicture]:
    return [
        PlannedPicture(path, out / path.relative_to(folder))
        for path in sorted(folder.rglob("*.png"))
    ]


if __name__ == "__main__":  # one batch, to be killed: FOLDER OUT
    import sys

    from facefidelity.plugin.batch.local import InProcess, run_batch

    inputs, results = Path(sys.argv[1]), Path(sys.argv[2])
    engine = InProcess(ObedientWorker(pause_seconds=0.01))
    batch = run_batch(plans_of(inputs, results), engine, results / "decisions.jsonl", resume=True)
    for _ in batch:
        pass
