"""What onnxruntime raises at a file that is no network, or a run that fails."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["onnx_errors"]


@lru_cache(maxsize=1)
def onnx_errors() -> tuple[type[Exception], ...]:
    """Every error of onnxruntime's own; imports onnxruntime.

    Returns:
        The types, and `UnicodeDecodeError`, which it lets through where a file's message about
        itself is no UTF-8 (found by fuzzing).
    """
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = (value for value in vars(state).values() if isinstance(value, type))
    return (*(one for one in own if issubclass(one, Exception)), UnicodeDecodeError)
