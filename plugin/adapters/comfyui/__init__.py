"""Nodes for ComfyUI: what its loader asks a custom node package for.

ComfyUI takes ``NODE_CLASS_MAPPINGS`` where a package has it, else ``comfy_entrypoint``. The V3
schema is offered where ``comfy_api`` is there, V1 classes elsewhere; never both.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS", "comfy_entrypoint"]


def _has_v3() -> bool:
    try:
        return find_spec("comfy_api.latest") is not None
    except ModuleNotFoundError:
        return False


def __getattr__(name: str) -> Any:
    if name in ("NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS") and not _has_v3():
        from . import schema_v1

        return getattr(schema_v1, name)
    if name == "comfy_entrypoint" and _has_v3():
        from .schema_v3 import comfy_entrypoint

        return comfy_entrypoint
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
