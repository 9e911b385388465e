"""Peers that come with other packages: NIQE, BRISQUE and, on request, metrics of pyiqa.

A peer that cannot be loaded is reported as unavailable with the reason; it never stops a run.
Nothing here mends other people's packages: whoever calls passes `prepare`, which makes basicsr
importable where today's torchvision broke it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ....core.errors import InvalidInput
from ....core.protocols import RGBImage
from .peers import SIMPLE_PEERS, Peer

__all__ = ["PEER_NAMES", "OpenPeers", "open_peers"]

PEER_NAMES: Final = (*(peer.name for peer in SIMPLE_PEERS), "niqe", "brisque")
"""Peers that every run tries."""

_NOT_LOADABLE: Final = (AttributeError, ImportError, OSError, RuntimeError, TypeError, ValueError)
_BLOCK_PX: Final = 96
"""NIQE's block; two a side are the least from which a covariance can be had."""


@dataclass(frozen=True, slots=True)
class OpenPeers:
    """Peers that are ready, and why others are not.

    Attributes:
        ready: In the order of the reports.
        unavailable: Name to reason.
    """

    ready: tuple[Peer, ...]
    unavailable: dict[str, str]


def open_peers(pyiqa: Sequence[str] = (), prepare: Callable[[], None] | None = None) -> OpenPeers:
    """Open every peer that works here.

    Args:
        pyiqa: Names of pyiqa metrics to add; its licence is non-commercial.
        prepare: Called before basicsr is imported.
    """
    openers: dict[str, Callable[[], Peer]] = {
        "niqe": lambda: _open_niqe(prepare),
        "brisque": _open_brisque,
    }
    openers |= {f"pyiqa:{name}": _pyiqa_opener(name) for name in pyiqa}
    ready, unavailable = list(SIMPLE_PEERS), {}
    for name, opener in openers.items():
        try:
            peer = opener()
            value = peer.measure(_trial_picture())
            if not np.isfinite(value):
                raise ValueError(f"gave {value} for a picture of noise")
            ready.append(peer)
        except _NOT_LOADABLE as error:  # noqa: PERF203 - the others go on
            unavailable[name] = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return OpenPeers(tuple(ready), unavailable)


def _trial_picture() -> RGBImage:
    return np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)


def _open_niqe(prepare: Callable[[], None] | None) -> Peer:
    if prepare is not None:
        prepare()
    from basicsr.metrics.niqe import calculate_niqe

    def measure(face: RGBImage) -> float:
        if min(face.shape[:2]) < 2 * _BLOCK_PX:
            raise InvalidInput(f"expected at least {2 * _BLOCK_PX} px for NIQE, got {face.shape}")
        with np.errstate(all="ignore"):
            return float(calculate_niqe(face[..., ::-1], 0))

    return Peer("niqe", "overall", -1, measure, "Mittal et al. 2013, as in basicsr")


def _open_brisque() -> Peer:
    from brisque import BRISQUE

    model: Any = BRISQUE(url=False)
    scale = model.scale_features
    # Its features are arrays of one number each, which NumPy 2 no longer takes for numbers.
    model.scale_features = lambda features: scale([float(np.ravel(f)[0]) for f in features])

    def measure(face: RGBImage) -> float:
        with np.errstate(all="ignore"):
            return float(model.score(face))

    return Peer("brisque", "overall", -1, measure, "Mittal et al. 2012, package brisque")


def _pyiqa_opener(name: str) -> Callable[[], Peer]:
    def opener() -> Peer:
        import pyiqa
        import torch

        metric: Any = pyiqa.create_metric(name, device="cpu")

        def measure(face: RGBImage) -> float:
            planes = torch.from_numpy(face.transpose(2, 0, 1).copy())[None].float() / 255
            with torch.no_grad():
                return float(metric(planes).item())

        sign = -1 if metric.lower_better else 1
        return Peer(f"pyiqa:{name}", "overall", sign, measure, "pyiqa, PolyForm-Noncommercial")

    return opener
