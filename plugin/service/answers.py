"""The answers as models: names of the command line's records, for OpenAPI and for clients' tests.

Answers are sent as plain data; a test holds them against these models.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AssessAnswer",
    "HealthAnswer",
    "JudgeAnswer",
    "ModelsAnswer",
    "Problem",
    "RestoreAnswer",
]

Percent = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]
Point = Annotated[list[float], Field(min_length=2, max_length=2)]
DecisionName = Literal["ACCEPT", "BLEND", "REJECT", "FAILED", "NOT_ASSESSABLE"]
StateName = Literal["kept", "lost", "never_there"]


class Scores(BaseModel):
    """Six predicted scores, higher is better."""

    noise: Percent = Field(description="Freedom from noise.")
    sharpness: Percent
    colorfulness: Percent
    contrast: Percent
    fidelity: Percent = Field(description="How much of the identity the face carries.")
    overall: Percent


class Place(BaseModel):
    """Where a face is, in px of the picture that was sent."""

    face: int = Field(ge=0, description="Number of the face, 0 is the largest.")
    box: Annotated[list[float], Field(min_length=4, max_length=4)]
    landmarks: Annotated[list[Point], Field(min_length=5, max_length=5)]
    landmark_scheme: str
    width_px: float
    detector_confidence: float


class AssessedFace(Place):
    """Scores of one face, or why it has none."""

    path: str | None = Field(description="The file name that the client gave.")
    scores: Scores | None
    problem: str | None


class Measurements(BaseModel):
    """What was measured on one pair; all null where nothing could be."""

    model_config = ConfigDict(extra="allow")

    scores_before: Scores | None
    scores_after: Scores | None
    cosine_similarity: Annotated[float, Field(ge=-1, le=1)] | None
    probability_same: Share | None
    embedder: str | None
    fidelity_given_source: Percent | None
    source_identifiable: Share | None
    identity_state: StateName | None
    identity_risk: Share | None
    consistency: Share | None
    landmark_shift: float | None
    region_drift: dict[str, float] | None
    references: dict[str, Any] | None


class Explanation(BaseModel):
    """The verdict in words."""

    summary: str
    reasons: list[str]
    drivers: list[str]
    otherwise: list[str]


class JudgedFace(Measurements, Place):
    """One face's verdict, as in `decisions.jsonl`; further fields are in docs/commands.md."""

    decision: DecisionName
    blend: Share = Field(description="Share of the restoration's change that is delivered.")
    mixture: str | None
    proposed: DecisionName | None
    guarded: Measurements | None
    reasons: list[str]
    policy: str
    detail: str | None
    explanation: Explanation
    version: str
    assessor: str
    detector: str
    thresholds: dict[str, Any]


class Candidate(BaseModel):
    """One restorer's turn."""

    model_config = ConfigDict(extra="allow")

    restorer: str
    settings: dict[str, Any]
    seconds: float
    decision: DecisionName
    chosen: bool


class RestoredFace(JudgedFace):
    """One face of a guarded restoration."""

    path: str | None = Field(description="The file name that the client gave.")
    restorer: str
    settings: dict[str, Any]
    seconds: float | None
    candidates: list[Candidate]
    delivered: DecisionName


class ComparedFace(JudgedFace):
    """One face of a restoration made elsewhere."""

    before: str | None
    after: str | None


class PictureFacts(BaseModel):
    """The picture that was sent."""

    width_px: int
    height_px: int
    sha256: str


class ImageAnswer(BaseModel):
    """The picture that is delivered."""

    media_type: Literal["image/png"]
    width_px: int
    height_px: int
    sha256: str
    base64: str


class AssessAnswer(BaseModel):
    """Scores of every face; none found is a result."""

    job: str
    picture: PictureFacts
    faces: list[AssessedFace]


class RestoreAnswer(BaseModel):
    """Verdict on every face, and the guarded picture."""

    job: str
    picture: PictureFacts
    faces: list[RestoredFace]
    image: ImageAnswer | None


class JudgeAnswer(BaseModel):
    """Verdict on every face of a restoration made elsewhere."""

    job: str
    before: PictureFacts
    after: PictureFacts
    faces: list[ComparedFace]
    image: ImageAnswer | None


class RestorerAnswer(BaseModel):
    """A restorer that may be asked for."""

    name: str
    default: bool
    summary: str
    kind: str
    licence: str
    commercial_use: str
    settings: dict[str, Any] = Field(description="JSON schema of the settings.")


class PolicyAnswer(BaseModel):
    """A policy that may be asked for."""

    name: str
    default: bool
    summary: str


class ModelsAnswer(BaseModel):
    """What restores and what judges here."""

    version: str
    restorers: list[RestorerAnswer]
    policies: list[PolicyAnswer]
    assessor: str
    embedder: str
    detector: str
    camera: str | None


class HealthAnswer(BaseModel):
    """Whether the service lives, or takes work."""

    status: Literal["ok", "draining"]
    version: str


class Problem(BaseModel):
    """What is wrong (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str = Field(description="A stable word for programs.")
    detail: str = Field(description="One sentence for people.")
