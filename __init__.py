"""facefidelity: restore faces without losing the person.

Names resolve lazily: importing the package loads neither a network nor an image library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assessor.runtime import Assessor
    from .core.scores import HEADS, QualityScores
    from .guards.policy import Policy
    from .guards.verdict import Decision, Evidence, IdentityState, Reason, Verdict
    from .plugin.guarded import guarded
    from .plugin.pipeline import Guard
    from .plugin.results import GuardedFace, GuardedImage

__version__ = "0.1.0"

__all__ = [
    "HEADS",
    "Assessor",
    "Decision",
    "Evidence",
    "Guard",
    "GuardedFace",
    "GuardedImage",
    "IdentityState",
    "Policy",
    "QualityScores",
    "Reason",
    "Verdict",
    "guarded",
]

_HOME = {
    "Assessor": ".assessor.runtime",
    "HEADS": ".core.scores",
    "QualityScores": ".core.scores",
    "Policy": ".guards.policy",
    "Decision": ".guards.verdict",
    "Evidence": ".guards.verdict",
    "IdentityState": ".guards.verdict",
    "Reason": ".guards.verdict",
    "Verdict": ".guards.verdict",
    "guarded": ".plugin.guarded",
    "Guard": ".plugin.pipeline",
    "GuardedFace": ".plugin.results",
    "GuardedImage": ".plugin.results",
    # What ComfyUI's loader asks for when the repository is cloned into custom_nodes.
    "NODE_CLASS_MAPPINGS": ".plugin.adapters.comfyui",
    "NODE_DISPLAY_NAME_MAPPINGS": ".plugin.adapters.comfyui",
    "comfy_entrypoint": ".plugin.adapters.comfyui",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
