"""Weights files: which exist, where they lie, and how they get here.

A weights file is used only when its size and SHA-256 are the registered ones. Nothing is
downloaded unless :meth:`WeightsStore.pull` is called, and a user's file is never deleted.
"""

from .registry import CommercialUse, WeightsFile, registered_weights, weights_file
from .store import WeightsState, WeightsStore, default_root
from .transfer import DownloadLimits
from .trust import require_trusted

__all__ = [
    "CommercialUse",
    "DownloadLimits",
    "WeightsFile",
    "WeightsState",
    "WeightsStore",
    "default_root",
    "registered_weights",
    "require_trusted",
    "weights_file",
]
