"""A clip's decisions as lines: one of the clip, one a face and frame, one a track.

The lines of faces are short, since there are many: scores are lists in the order of `HEADS`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.images import printable_path
from ...core.scores import HEADS, QualityScores
from ..results import GuardedFace
from .analysis import Analysis, KnownTrack
from .facts import ClipFacts
from .placing import PlacedSighting

__all__ = ["TrackTally", "clip_record", "face_record", "to_line", "track_record", "with_delivered"]


def to_line(record: Mapping[str, Any]) -> str:
    """One line of JSON."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def clip_record(
    facts: ClipFacts, analysis: Analysis, output: str, plan: Mapping[str, Any]
) -> dict[str, Any]:
    """The first line: what was done, and by what.

    Args:
        facts: Of the clip.
        analysis: What the first pass found.
        output: Path of the result.
        plan: What decided, as plain data.
    """
    return {
        "kind": "clip",
        "path": printable_path(facts.path),
        "output": output,
        "width": facts.width,
        "height": facts.height,
        "frames": analysis.frames,
        "frame_rate": round(analysis.frame_rate, 3),
        "tracks": len(analysis.tracks),
        "scores": list(HEADS),
        **plan,
    }


def face_record(
    frame: int, seconds: float, place: PlacedSighting, guarded: GuardedFace
) -> dict[str, Any]:
    """One face of one frame, as its own judgement has it.

    Args:
        frame: Number of the frame.
        seconds: Its time.
        place: Where the face is, and whose.
        guarded: The face after the guard.
    """
    verdict, restoration = guarded.verdict, guarded.restoration
    evidence = verdict.evidence
    match = evidence.references if evidence else None
    return {
        "kind": "face",
        "frame": frame,
        "time": round(seconds, 4),
        "track": place.track,
        "run": place.run,
        "detected": place.detected,
        "box": [round(value, 1) for value in place.face.box],
        "decision": verdict.decision.value,
        "proposed": verdict.proposed and verdict.proposed.value,
        "blend": round(verdict.blend, 4),
        "mixture": verdict.mixture,
        "identity_risk": evidence and round(evidence.identity_risk, 4),
        "drop_risk": evidence and evidence.drop_risk and round(evidence.drop_risk, 4),
        "identity_state": evidence and evidence.identity_state.value,
        "reference": match and [round(match.lq_probability, 4), round(match.hq_probability, 4)],
        "before": evidence and _scores(evidence.lq_scores),
        "after": evidence and _scores(evidence.hq_scores),
        "guarded": verdict.guarded and _scores(verdict.guarded.hq_scores),
        "reasons": [reason.value for reason in verdict.reasons],
        "detail": verdict.detail,
        "seconds": restoration and round(restoration.seconds, 3),
    }


def with_delivered(record: Mapping[str, Any], share: float) -> dict[str, Any]:
    """A face's line with the share that was delivered after smoothing."""
    return {**record, "delivered": round(share, 4)}


def _scores(scores: QualityScores) -> list[float]:
    return [round(value, 1) for value in scores.as_dict().values()]


@dataclass(slots=True)
class TrackTally:
    """Counts over the lines of one track, as they pass."""

    decisions: Counter[str] = field(default_factory=Counter)
    allowed: float = 0.0
    delivered: float = 0.0
    allowed_change: float = 0.0
    delivered_change: float = 0.0
    steps: int = 0
    _last: tuple[int, float, float] | None = None

    def add(self, line: Mapping[str, Any]) -> None:
        """Count one face's line."""
        self.decisions[line["decision"]] += 1
        allowed, delivered = line["blend"], line["delivered"]
        self.allowed += allowed
        self.delivered += delivered
        if self._last is not None and self._last[0] == line["run"]:
            self.allowed_change += abs(allowed - self._last[1])
            self.delivered_change += abs(delivered - self._last[2])
            self.steps += 1
        self._last = (line["run"], allowed, delivered)


def track_record(track: KnownTrack, tally: TrackTally) -> dict[str, Any]:
    """The line of a track: who was seen how long, what was decided, and how steadily.

    Args:
        track: The person.
        tally: Over the track's faces.
    """
    faces, steps = max(1, tally.decisions.total()), max(1, tally.steps)
    return {
        "kind": "track",
        "track": track.number,
        "first_frame": track.first_frame,
        "last_frame": track.last_frame,
        "faces": tally.decisions.total(),
        "detected": track.sightings,
        "best_frame": track.best_frame,
        "reference_faces": track.pictures,
        "decisions": dict(sorted(tally.decisions.items())),
        "mean_blend": round(tally.allowed / faces, 4),
        "mean_delivered": round(tally.delivered / faces, 4),
        "flicker_judged": round(tally.allowed_change / steps, 5),
        "flicker_delivered": round(tally.delivered_change / steps, 5),
    }
