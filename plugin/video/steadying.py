"""Shares that move slowly and are never larger than what a frame's own evidence allows.

The rule, for a half window of w frames: the allowance of a frame is the least share that any judged
frame of its run within w frames of it may deliver; what is delivered is the mean of the allowances
within w frames. Every one of those is at most the frame's own share, so their mean is too: the
guarantee of the guard holds in every frame, and smoothing can only take away. The price: around a
refused frame a face fades out and in again. From frame to frame a share moves by at most
1 / (2 w + 1) within a run.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

__all__ = ["ShareHistory", "steady_shares"]

Key = TypeVar("Key", bound=Hashable)
Shares = dict[int, float]


class ShareHistory(Generic[Key]):
    """The judged shares of each run that the smoothing still needs.

    Args:
        half_window: In frames; 0 changes nothing.
    """

    def __init__(self, half_window: int) -> None:
        self.half_window = half_window
        self._shares: dict[Key, Shares] = {}

    def add(self, key: Key, frame: int, share: float) -> None:
        """Note what the judgement of one frame allows, 0..1."""
        self._shares.setdefault(key, {})[frame] = share

    def forget(self, before: int) -> None:
        """Drop every frame before this one."""
        for key, shares in list(self._shares.items()):
            for frame in [frame for frame in shares if frame < before]:
                del shares[frame]
            if not shares:
                del self._shares[key]

    def delivered(self, key: Key, frame: int) -> float:
        """The share that is delivered in a frame; it and 2 w frames to both sides are known."""
        shares, w = self._shares[key], self.half_window
        near = [one for one in range(frame - w, frame + w + 1) if one in shares]
        least = [self._allowance(shares, one) for one in near]
        # min: the mean of equal numbers may differ from them in the last digit.
        return min(shares[frame], sum(least) / len(least))

    def _allowance(self, shares: Shares, frame: int) -> float:
        w = self.half_window
        return min(shares[one] for one in range(frame - w, frame + w + 1) if one in shares)

    def snapshot(self) -> list[tuple[Key, int, float]]:
        """Everything that is known."""
        return [
            (key, frame, share) for key, one in self._shares.items() for frame, share in one.items()
        ]


def steady_shares(
    judged: Iterable[tuple[int, Mapping[Key, float]]], history: ShareHistory[Key]
) -> Iterator[tuple[int, dict[Key, float]]]:
    """Smooth the shares of a clip, 2 w frames behind the judgement.

    Args:
        judged: Of each frame its number and the share of each run, frame by frame.
        history: What was judged before the first of them.

    Yields:
        Of each frame its number and the share of each run that is delivered.
    """
    behind = 2 * history.half_window
    waiting: list[tuple[int, tuple[Key, ...]]] = []
    for frame, shares in judged:
        for key, share in shares.items():
            history.add(key, frame, share)
        waiting.append((frame, tuple(shares)))
        while waiting and waiting[0][0] + behind <= frame:
            yield _deliver(waiting, history)
    while waiting:
        yield _deliver(waiting, history)


def _deliver(
    waiting: list[tuple[int, tuple[Key, ...]]], history: ShareHistory[Key]
) -> tuple[int, dict[Key, float]]:
    frame, keys = waiting.pop(0)
    history.forget(frame - 2 * history.half_window)
    return frame, {key: history.delivered(key, frame) for key in keys}
