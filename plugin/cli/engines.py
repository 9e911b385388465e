"""Options of ``restore`` that say who does the work: this machine, or Ray."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ...core.errors import InvalidInput

if TYPE_CHECKING:
    from ..batch.local import Engine
    from ..batch.recipe import GuardRecipe

__all__ = [
    "EngineChoice",
    "EngineName",
    "EngineOption",
    "GpuFractionOption",
    "RayAddressOption",
    "RayWorkersOption",
    "SourcesArgument",
]


class EngineName(str, Enum):
    """Who does the work of a batch."""

    local = "local"
    ray = "ray"


SourcesArgument: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Pictures, clips, folders, lists of them (.txt, .csv, .parquet), or URLs of an object "
        "store.",
        show_default=False,
    ),
]
EngineOption: TypeAlias = Annotated[
    EngineName,
    typer.Option("--engine", help="Who works: this machine, or Ray; the same results."),
]
RayAddressOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--ray-address",
        metavar="HOST:PORT",
        help="A cluster's head, auto for the Ray that runs here, or local to start one.",
        show_default="RAY_ADDRESS, else local",
    ),
]
RayWorkersOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--ray-workers", min=1, metavar="N", help="Guards at once.", show_default="what fits"
    ),
]
GpuFractionOption: TypeAlias = Annotated[
    float,
    typer.Option("--gpu-fraction", min=0.0, metavar="F", help="Share of a GPU that each takes."),
]


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """What the command line says of the engine."""

    engine: EngineName
    jobs: int = 1
    isolate: bool | None = None
    ray_address: str | None = None
    ray_workers: int | None = None
    gpu_fraction: float = 0.0

    def open(self, recipe: GuardRecipe, pictures: int, warn: Callable[[str], None]) -> Engine:
        """The engine.

        Args:
            recipe: The guard.
            pictures: How many there are to do.
            warn: Told where weights are not a profile's.

        Raises:
            InvalidInput: If an option of the other engine was given; any error of the engine.
        """
        from ..batch.local import open_engine

        self._require_own_options()
        if self.engine is EngineName.local:
            return open_engine(recipe, pictures, jobs=self.jobs, isolate=self.isolate, warn=warn)
        from ..batch.ray_cluster import RayOptions
        from ..batch.ray_engine import RayEngine

        options = RayOptions(self.ray_address, self.ray_workers, self.gpu_fraction)
        return RayEngine(recipe, options, warn=warn)

    def _require_own_options(self) -> None:
        of_ray = {
            "--ray-address": self.ray_address,
            "--ray-workers": self.ray_workers,
            "--gpu-fraction": self.gpu_fraction,
        }
        of_local = {"--jobs": self.jobs > 1, "--isolate": self.isolate is not None}
        other = of_ray if self.engine is EngineName.local else of_local
        given = [name for name, value in other.items() if value]
        if given:
            raise InvalidInput(
                f"expected {given[0]} with --engine "
                f"{'ray' if self.engine is EngineName.local else 'local'}, got --engine "
                f"{self.engine.value}; change one of them"
            )
