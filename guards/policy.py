"""Policies as data: how much risk a restoration may carry, and what it must gain."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..core.errors import InvalidInput, NotRegistered
from ..core.yaml_files import read_yaml, shown_value
from .findings import REFERENCE_DROP

__all__ = ["SEARCH_ALWAYS", "Policy", "load_policy", "policy_names"]

_FOLDER = Path(__file__).parent / "policies"


class Policy(BaseModel):
    """Thresholds of one policy; every one is a probability, a share or a score difference."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(description="Name, written into every record.")
    summary: str = Field(description="One line for people.")
    max_identity_risk: float = Field(
        ge=0, le=1, description="Highest identity_risk of a face that is delivered."
    )
    max_drop_risk: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Highest drop_risk of a face that is delivered; 1 lets any pass.",
    )
    drop_price: float = Field(
        default=0.0,
        ge=0,
        description="Points of overall that a drop_risk of 1 has to be worth: a face is delivered "
        "only where it gains drop_price * drop_risk, and mixtures compete by what is left.",
    )
    min_overall_gain: float = Field(
        ge=0, le=100, description="Least gain of overall that is worth a change."
    )
    max_fidelity_loss: float = Field(
        ge=0,
        le=100,
        description="How far fidelity given the source may lie below the fidelity of LQ.",
    )
    min_consistency: float = Field(
        ge=0, le=1, description="Least agreement with what the camera measured."
    )
    max_landmark_shift: float = Field(
        ge=0, description="Largest mean landmark shift, in inter-ocular distances."
    )
    min_source_identifiable: float = Field(
        ge=0,
        le=1,
        description="Least probability that LQ alone identifies its person; 0 lets any pass.",
    )
    max_invented_fidelity: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Where LQ identifies nobody a mixture may still clean it up, if its own "
        "fidelity, asked without the source, rises no further; none: nothing is delivered there.",
    )
    max_reference_drop: float = Field(
        default=REFERENCE_DROP,
        ge=0,
        le=1,
        description="How far the probability of being the person of the reference pictures may "
        "fall from LQ to HQ; 1 only says it.",
    )
    changes_pixels: bool = Field(description="False: judge and report, change nothing.")


SEARCH_ALWAYS: Final = Policy(
    name="search always",
    summary="Accepts nothing, so that every mixture is measured.",
    max_identity_risk=0.0,
    min_overall_gain=100.0,
    max_fidelity_loss=0.0,
    min_consistency=0.0,
    max_landmark_shift=1e9,
    min_source_identifiable=0.0,
    max_reference_drop=1.0,
    changes_pixels=True,
)
"""Under it `FaceJudge` measures the mixtures of every pair, even of one that contradicts itself."""


def policy_names() -> tuple[str, ...]:
    """Names of the shipped policies, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def load_policy(name_or_path: str) -> Policy:
    """Load a shipped policy by name, or an own one by the path of a YAML file.

    Raises:
        NotRegistered: If it is neither; close names are named.
        InvalidInput: If the file is not a policy.
    """
    path = Path(name_or_path)
    if name_or_path in policy_names():
        path = _FOLDER / f"{name_or_path}.yaml"
    elif path.suffix.lower() not in {".yaml", ".yml"}:
        raise NotRegistered("policy", name_or_path, policy_names())
    return _read(path)


def _read(path: Path) -> Policy:
    content = read_yaml(path, "a policy file")
    if not isinstance(content, dict):
        got = shown_value(content)
        raise InvalidInput(f"expected a policy (name: value lines) in {path}, got {got}")
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(
            f"policy {path}: {field}: {first['msg']}; got {shown_value(first['input'])}"
        ) from error
