"""Errors as clients see them: RFC 9457 problem details, one clear sentence, never a traceback.

`code` is a stable word for programs; `detail` says what was expected, what came, what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ...core.errors import (
    FaceFidelityError,
    InvalidInput,
    JobOverdue,
    NotRegistered,
    WriteFailed,
)
from ..timebox import CANNOT_RUN

__all__ = ["PROBLEM_TYPE", "add_problem_handlers", "problem", "status_of"]

PROBLEM_TYPE: Final = "application/problem+json"
_LONGEST_DETAIL: Final = 500

_CODES: Final[Mapping[int, str]] = {
    400: "malformed_request",
    401: "key_missing_or_wrong",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "upload_too_slow",
    413: "too_large",
    415: "unsupported_media_type",
    421: "wrong_host",
    422: "invalid_input",
    429: "queue_full",
    500: "internal_error",
    503: "unavailable",
    504: "timed_out",
}
_SENTENCES: Final[Mapping[int, str]] = {
    400: "expected a well-formed multipart/form-data request, got one that cannot be read",
    404: "expected a path of this service, got another; /openapi.json lists them",
    405: "expected another method for this path; the header Allow names it",
    500: "something unexpected went wrong; the service's log says what",
}


def problem(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """Make an answer that says what is wrong.

    Args:
        status: HTTP status.
        detail: One sentence; cut where it is too long.
        headers: Further headers.
        **more: Further members, such as `job`.
    """
    sentence = " ".join(detail.split())
    if len(sentence) > _LONGEST_DETAIL:
        sentence = sentence[: _LONGEST_DETAIL - 3] + "..."
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": _CODES.get(status, "refused"),
        "detail": sentence,
        **more,
    }
    shown = dict(headers or {})
    return JSONResponse(content, status, shown, media_type=PROBLEM_TYPE)


def status_of(error: FaceFidelityError) -> tuple[int, str]:
    """HTTP status and sentence of an error; only what speaks of the client's input is quoted."""
    if isinstance(error, (InvalidInput, NotRegistered)):
        return 422, str(error)
    if isinstance(error, JobOverdue):
        return 504, "expected the work to be done in time, but it was not; send a smaller picture"
    if isinstance(error, CANNOT_RUN):
        return 503, "this restorer cannot run on the service at present; choose another one"
    if isinstance(error, WriteFailed):
        return 503, "the service cannot write its job log, so it does no work; tell its operator"
    return 500, _SENTENCES[500]


def add_problem_handlers(app: FastAPI) -> None:
    """Make every error of an application such an answer."""
    app.add_exception_handler(RequestValidationError, _on_invalid_form)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(FaceFidelityError, _on_own)
    app.add_exception_handler(Exception, _on_unexpected)


def _on_own(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, FaceFidelityError):
        return problem(500, _SENTENCES[500])
    status, sentence = status_of(error)
    return problem(status, sentence)


def _on_invalid_form(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        return problem(500, _SENTENCES[500])
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:]) or "the form"
    return problem(422, f"the field {name}: {first['msg']}")


def _on_http(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        return problem(500, _SENTENCES[500])
    sentence = _SENTENCES.get(error.status_code, error.detail)
    return problem(error.status_code, sentence, error.headers)


def _on_unexpected(_request: Request, _error: Exception) -> JSONResponse:
    return problem(500, _SENTENCES[500])
