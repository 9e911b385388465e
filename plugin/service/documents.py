"""What OpenAPI says of the answers: statuses, forms, and an example of each that a server gave."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeAlias

from .answers import HealthAnswer, Problem
from .negotiation import JSON_TYPE, PNG_TYPE
from .problems import PROBLEM_TYPE

__all__ = [
    "ASSESS_ANSWERS",
    "DESCRIPTION",
    "HEALTHY",
    "JUDGE_ANSWERS",
    "PROBLEMS",
    "READY",
    "RESTORE_ANSWERS",
]

Answers: TypeAlias = "dict[int | str, dict[str, Any]]"

DESCRIPTION: Final = """\
Restores faces without losing the person. Pictures are sent as files of a multipart/form-data
request; nothing is ever fetched. Errors are application/problem+json. Keys, where the operator
set any, go into `Authorization: Bearer KEY` or `X-API-Key`."""

_EXAMPLES: Final[dict[str, Any]] = json.loads(
    Path(__file__).with_name("examples.json").read_text(encoding="utf-8")
)
_JOB_PROBLEMS: Final = (400, 401, 406, 408, 413, 415, 421, 422, 429, 500, 503, 504)
_HEADERS: Final = {
    "Facefidelity-Job": {"description": "Name of the job in the log.", "schema": {"type": "string"}}
}
_PNG_HEADERS: Final = {
    "Facefidelity-Faces": {
        "description": "With image/png: how many faces there are.",
        "schema": {"type": "string"},
    },
    "Facefidelity-Verdicts": {
        "description": "With image/png: JSON, the verdict in short on the 16 largest faces.",
        "schema": {"type": "string"},
    },
}


def _problems(statuses: tuple[int, ...]) -> Answers:
    form = {"schema": Problem.model_json_schema(), "example": _EXAMPLES["problem"]}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {PROBLEM_TYPE: form}}
        for status in statuses
    }


def _answers(name: str, with_picture: bool) -> Answers:
    content: dict[str, Any] = {JSON_TYPE: {"example": _EXAMPLES[name]}}
    headers: dict[str, Any] = dict(_HEADERS)
    if with_picture:
        content[PNG_TYPE] = {"schema": {"type": "string", "format": "binary"}}
        headers.update(_PNG_HEADERS)
    done = {"description": "Done; no face found is a result.", "content": content}
    return {200: {**done, "headers": headers}, **_problems(_JOB_PROBLEMS)}


PROBLEMS: Final = _problems((401, 421))
"""Of the paths that do no work."""
RESTORE_ANSWERS: Final = _answers("restore", with_picture=True)
JUDGE_ANSWERS: Final = _answers("judge", with_picture=True)
ASSESS_ANSWERS: Final = _answers("assess", with_picture=False)
HEALTHY: Final = _problems((421,))
READY: Final = {
    503: {"model": HealthAnswer, "description": "Draining: takes no new work."},
    **HEALTHY,
}
"""The service's own state."""
