"""A picture-to-picture network in ncnn's two files, run on the CPU.

Threads wait passively: ncnn's OpenMP otherwise spins while it waits, and a busy machine then
takes many times as long (docs/restorers.md). Where torch was imported first, ncnn is bound to
torch's OpenMP, whose policy is settled, so one thread is the default there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput, RestorerFailed, UnsupportedWeights, WeightsMissing
from .thread_limit import thread_limit

__all__ = ["NcnnNetwork"]

_MOST_THREADS: Final = 8
_WAIT_POLICY: Final = "OMP_WAIT_POLICY"


class NcnnNetwork:
    """A network with one input blob and one output blob. Bit-equal whatever the thread count."""

    def __init__(
        self, param: Path, input_blob: str, output_blob: str, threads: int | None = None
    ) -> None:
        """Load a network.

        Args:
            param: The ``.param`` file; its ``.bin`` lies beside it.
            input_blob: Name of its input.
            output_blob: Name of its output.
            threads: CPU threads, or None for every usable one (at most 8), or one where they
                would spin.

        Raises:
            InvalidInput: If ``threads`` is below 1.
            WeightsMissing: If one of the two files is not there.
            UnsupportedWeights: If ncnn cannot load them or the blobs have other names.
        """
        if threads is not None and threads < 1:
            raise InvalidInput(f"expected at least 1 thread, got {threads}")
        binary = param.with_suffix(".bin")
        for file in (param, binary):
            if not file.is_file():
                raise WeightsMissing(
                    f"expected a network file at {file}, found none; ncnn needs the .param and "
                    "the .bin file side by side"
                )
        self._ncnn = _import_ncnn()
        self._blobs = (input_blob, output_blob)
        self._network = self._ncnn.Net()
        self._network.opt.num_threads = threads or _default_threads()
        self._network.opt.use_vulkan_compute = False
        if not self._load(param, binary):
            raise UnsupportedWeights(
                f"expected an ncnn network with input {input_blob!r} and output {output_blob!r} "
                f"in {param}, got something else; get the published files"
            )

    def _load(self, param: Path, binary: Path) -> bool:
        if self._network.load_param(str(param)) != 0:
            return False
        names = (self._network.input_names(), self._network.output_names())
        if names != ([self._blobs[0]], [self._blobs[1]]):
            return False
        return bool(self._network.load_model(str(binary)) == 0)

    def run(self, planes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Run it once.

        Args:
            planes: (3, S, S) float32.

        Returns:
            (3, T, T) float32.

        Raises:
            RestorerFailed: If ncnn stops, for example for lack of memory.
        """
        with self._network.create_extractor() as extractor:
            # The clone owns its memory, so the network never reads a freed array.
            fed = extractor.input(self._blobs[0], self._ncnn.Mat(planes).clone())
            status, output = extractor.extract(self._blobs[1])
            if fed != 0 or status != 0:
                raise RestorerFailed(
                    f"ncnn stopped with status {fed or status}; is there enough memory?"
                )
            return np.array(output, dtype=np.float32)


def _import_ncnn() -> Any:
    """Import ncnn so that its own OpenMP waits passively; the environment is left as it was.

    The wheel carries its own OpenMP, which reads the policy once, when it is loaded.
    """
    if _WAIT_POLICY in os.environ:
        import ncnn

        return ncnn
    os.environ[_WAIT_POLICY] = "passive"
    try:
        import ncnn
    finally:
        os.environ.pop(_WAIT_POLICY, None)
    return ncnn


def _default_threads() -> int:
    if "torch" in sys.modules and _WAIT_POLICY not in os.environ:
        return 1
    return min(thread_limit() or _usable_cpus(), _MOST_THREADS)


def _usable_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
