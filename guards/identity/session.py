"""Opening an embedder's ONNX file on the CPU, repeatably and without busy waiting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...core.errors import InvalidInput, UnsupportedWeights, WeightsMissing
from ...core.onnx_errors import onnx_errors

__all__ = ["open_session"]


def open_session(path: Path, threads: int = 0) -> Any:
    """Open an ONNX file with onnxruntime.

    Args:
        path: The file.
        threads: Threads inside one inference; 0 leaves the choice to onnxruntime.

    Returns:
        An ``onnxruntime.InferenceSession`` on the CPU.

    Raises:
        InvalidInput: If threads is negative.
        WeightsMissing: If there is no such file.
        UnsupportedWeights: If onnxruntime cannot load it.
    """
    if threads < 0:
        raise InvalidInput(f"expected threads of 0 (automatic) or more, got {threads}")
    if not path.is_file():
        raise WeightsMissing(f"expected an embedder's ONNX file at {path}, found none")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Spinning threads would starve the restorer that runs between two embeddings.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Not "session.set_denormal_as_zero": the first session of a process that sets it changes
    # the arithmetic of its caller's thread for good.
    try:
        return onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
    except onnx_errors() as error:
        raise UnsupportedWeights(
            f"expected an ONNX network at {path}, onnxruntime cannot load it: {error}"
        ) from error
