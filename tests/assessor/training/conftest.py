"""Miniature plans and sets, in one torch thread, so that every run takes a second and repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Everything below needs torch; in one thread its sums have one order."""
    torch = pytest.importorskip("torch", reason="needs torch (the train extra)")
    pytest.importorskip("scipy", reason="needs scipy (the train extra)")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def tiny_plan() -> Callable[..., object]:
    """A training plan of a network that takes milliseconds; keywords replace numbers."""
    from facefidelity.assessor.training.plan import plan_from

    network = {
        "views": ("whole",),
        "channels": (4, 4, 8, 8),
        "source_channels": (4, 4, 8),
        "width": 16,
        "cross_layers": 1,
        "task_layers": 1,
    }
    numbers = {
        "pictures": 64,
        "batch": 8,
        "learning_rate": 5e-3,
        "ema_decay": 0.5,
        "check_every": 32,
        "seed": 1,
        "network": network,
    }
    return lambda **changes: plan_from(numbers, **changes)


@pytest.fixture
def make_set() -> Callable[[int, int], object]:
    """Sets of pictures whose brightness and grain are their labels: (count, seed) -> FaceSet."""

    def make(count: int, seed: int):
        from facefidelity.assessor.training.data import FaceSet

        rng = np.random.default_rng(seed)
        level, grain = rng.uniform(40, 200, count), rng.uniform(0, 30, count)
        fields = rng.normal(0, 1, (count, 256, 256, 1)) * grain[:, None, None, None]
        images = np.clip(level[:, None, None, None] + fields, 0, 255).astype(np.uint8)
        labels = np.stack([100 - 3 * grain] + [level / 2.55] * 5, axis=1).astype(np.float32)
        return FaceSet([np.repeat(images, 3, axis=3)], labels, np.arange(count))

    return make
