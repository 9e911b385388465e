"""Judges each pair once, and looks with an independent recogniser at what would be delivered.

Every mixture is measured on every pair, once; what each policy decides follows from these numbers
by the guard's own rules (`decide_under`), without running a network again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from ...core.errors import InvalidInput, RestorerFailed
from ...core.protocols import Embedder, Restoration, RGBImage
from ...guards.counterfactual import decide_under
from ...guards.judgement import FaceJudge, MeasuredSource
from ...guards.policy import SEARCH_ALWAYS, Policy
from ...guards.remixing import remix
from ...guards.verdict import Decision, Evidence, IdentityState, TriedMixture
from ...restorers.output import check_restored
from .gallery import Gallery, Sight
from .pairs import GuardPair

__all__ = ["Delivered", "ExaminedPair", "GuardExaminer"]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one rule delivers of one pair.

    Attributes:
        decision: ACCEPT, BLEND, REJECT or FAILED.
        mixture: Name of the mixture, None without one.
        gain: Overall of what is delivered minus overall of the capture.
        rank1: Whether the recogniser ranks the person first in it.
        z: Cohort z of the person in it.
    """

    decision: Decision
    mixture: str | None
    gain: float
    rank1: bool
    z: float


@dataclass(frozen=True, slots=True, eq=False)
class ExaminedPair:
    """Everything known of one pair.

    Attributes:
        pair: The pair.
        lq: What the recogniser sees in the capture.
        hq: What it sees in the restoration.
        evidence: What the guard measured.
        half: What half of each, pixel by pixel, delivers.
        by_policy: What each policy delivers.
        seconds: What judging took, the blend search always included.
    """

    pair: GuardPair
    lq: Sight
    hq: Sight
    evidence: Evidence
    half: Delivered
    by_policy: dict[str, Delivered]
    seconds: float

    @property
    def never_there(self) -> bool:
        """Whether the guard says that the capture identifies nobody."""
        return self.evidence.identity_state is IdentityState.NEVER_THERE


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    key: tuple[str, str]
    pixels: RGBImage
    measured: MeasuredSource
    sight: Sight
    seconds: float


class GuardExaminer:
    """Examines one pair after the other.

    Args:
        judge: The guard.
        recogniser: Who tells the truth; not the guard's embedder.
        gallery: The people among whom it looks, embedded by it.
        policies: Whose decisions are examined; each changes pixels.

    Raises:
        InvalidInput: If a policy only observes.
    """

    def __init__(
        self, judge: FaceJudge, recogniser: Embedder, gallery: Gallery, policies: Sequence[Policy]
    ) -> None:
        idle = [policy.name for policy in policies if not policy.changes_pixels]
        if idle or not policies:
            raise InvalidInput(
                f"expected policies that change pixels, got {', '.join(idle) or 'none'}; an "
                "observing policy delivers nothing that could be examined"
            )
        self.judge = judge
        self.recogniser = recogniser
        self.gallery = gallery
        self.policies = tuple(policies)
        self._source: _Source | None = None

    def examine(self, pair: GuardPair) -> ExaminedPair:
        """Judge one pair and look at what every policy would deliver.

        Raises:
            InvalidInput: If its person is not in the gallery, or a picture cannot be read.
        """
        if pair.person not in self.gallery:
            raise InvalidInput(
                f"expected a pristine face of {pair.person} in the gallery, found none; name the "
                "folder with --gallery, or the pictures in a column reference"
            )
        source = self._open(pair)
        hq = pair.read_restored()
        started = time.perf_counter()
        restoration = Restoration(source.pixels, hq, pair.restoration)
        verdict = self.judge.judge(restoration, SEARCH_ALWAYS, source.measured).verdict
        seconds = source.seconds + time.perf_counter() - started
        if verdict.evidence is None or verdict.tried is None:
            raise InvalidInput("expected every mixture to be measured, got a verdict without them")
        seen = self._see(hq, pair)
        return ExaminedPair(
            pair=pair,
            lq=source.sight,
            hq=seen,
            evidence=verdict.evidence,
            half=self._half(source, hq, pair),
            by_policy=self._deliver(source, hq, seen, pair, verdict.evidence, verdict.tried),
            seconds=seconds,
        )

    def _open(self, pair: GuardPair) -> _Source:
        """The capture, measured once for all restorations of it that follow each other."""
        key = (pair.subset, pair.source)
        if self._source is None or self._source.key != key:
            pixels = pair.read_source()
            started = time.perf_counter()
            measured = self.judge.measure_source(pixels)
            seconds = time.perf_counter() - started
            self._source = _Source(key, pixels, measured, self._see(pixels, pair), seconds)
        return self._source

    def _see(self, face: RGBImage, pair: GuardPair) -> Sight:
        return self.gallery.see(self.recogniser.embed(face).vector, pair.person)

    def _half(self, source: _Source, hq: RGBImage, pair: GuardPair) -> Delivered:
        face = cv2.addWeighted(source.pixels, 0.5, hq, 0.5, 0.0)
        (scores,) = self.judge.assessor.score_batch([face])
        seen = self._see(face, pair)
        gain = scores.overall - source.measured.scores.overall
        return Delivered(Decision.BLEND, "pixel 0.50", gain, seen.rank1, seen.z)

    def _deliver(
        self,
        source: _Source,
        hq: RGBImage,
        seen: Sight,
        pair: GuardPair,
        evidence: Evidence,
        tried: tuple[TriedMixture, ...],
    ) -> dict[str, Delivered]:
        if _fails(source.pixels, hq, pair.restoration):
            kept = Delivered(Decision.FAILED, None, 0.0, source.sight.rank1, source.sight.z)
            return dict.fromkeys((policy.name for policy in self.policies), kept)
        sights = {Decision.ACCEPT.value: seen, Decision.REJECT.value: source.sight}
        gains = {one.name: one.evidence.overall_gain for one in tried}
        gains |= {Decision.ACCEPT.value: evidence.overall_gain, Decision.REJECT.value: 0.0}
        found = {}
        for policy in self.policies:
            decided = decide_under(evidence, tried, policy)
            decision = decided.decision or Decision.REJECT
            key = decided.mixture or decision.value
            if key not in sights:
                sights[key] = self._see(_mixture(source, hq, decided.mixture), pair)
            sight = sights[key]
            found[policy.name] = Delivered(
                decision, decided.mixture, gains[key], sight.rank1, sight.z
            )
        return found


def _mixture(source: _Source, hq: RGBImage, name: str | None) -> RGBImage:
    """The mixture of this name, as the guard makes it."""
    made = remix(source.measured, source.pixels, hq)
    if name not in made:
        raise InvalidInput(f"expected a mixture of {', '.join(made)}, got {name}")
    return made[name]


def _fails(lq: RGBImage, hq: RGBImage, name: str) -> bool:
    try:
        check_restored(lq, hq, name)
    except RestorerFailed:
        return True
    return False
