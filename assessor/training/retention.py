"""Keeps what fine-tuning gets no ratings for: the network's own predictions stand in for them.

All heads share one trunk. Training some of them would carry the others off, and nobody would see it
where nothing is rated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...core.scores import HEADS
from .data import FaceSet
from .measurement import predict
from .network import Assessor
from .plan import NetworkPlan

__all__ = ["keep_unrated"]


def keep_unrated(data: FaceSet, plan: NetworkPlan, weights: Mapping[str, Any]) -> FaceSet:
    """Label every head that no picture of a set is rated for with what a network predicts.

    Args:
        data: The set to fine-tune on.
        plan: What the network is made of.
        weights: Its state dictionary, as it is before fine-tuning.

    Returns:
        The same pictures. Heads with at least one rating keep their labels, gaps included; with
        fidelity goes fidelity given the source. The same set where every head is rated.
    """
    unrated = np.isnan(data.labels).all(axis=0)
    if not unrated.any():
        return data
    network = Assessor(plan)
    network.load_state_dict(dict(weights))
    predicted = predict(network, data)
    labels, supported = data.labels.copy(), data.fidelity_given_source()
    labels[:, unrated] = predicted[:, : len(HEADS)][:, unrated]
    if np.isnan(data.labels[:, HEADS.index("fidelity")]).all():
        supported = predicted[:, len(HEADS)]
    return FaceSet(data.parts, labels, data.source, data.people, supported)
