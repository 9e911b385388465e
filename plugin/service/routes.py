"""The paths that do work: /v1/restore, /v1/judge, /v1/assess. What they take, how they answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from .answers import AssessAnswer, JudgeAnswer, RestoreAnswer
from .border import CLIENT, DEADLINE
from .documents import ASSESS_ANSWERS, JUDGE_ANSWERS, RESTORE_ANSWERS
from .exchange import Done, Upload
from .forms import (
    AssessOrder,
    ImageField,
    JudgeOrder,
    PictureField,
    ReferencesField,
    RestoreOrder,
    service_of,
)
from .negotiation import JSON_TYPE, PNG_TYPE, preferred_type
from .offers import Order
from .records import verdict_summary
from .uploads import read_upload

__all__ = ["jobs"]

_MOST_IN_HEADER: Final = 16

jobs = APIRouter(prefix="/v1", tags=["faces"])


@jobs.post("/restore", response_model=RestoreAnswer, responses=RESTORE_ANSWERS)
async def restore(
    request: Request,
    order: RestoreOrder,
    picture: PictureField,
    reference: ReferencesField = [],  # noqa: B006 - never written to
    image: ImageField = True,
) -> Response:
    """Restore every face, judge it, and deliver only what is still the person.

    `Accept: application/json`, the default, gives every number and the picture as base64;
    `image/png` the picture itself, with the verdicts in short in `Facefidelity-Verdicts`.
    """
    wanted = preferred_type(request.headers.get("accept"))
    engine, limit = service_of(request).engine, service_of(request).settings.max_pixels
    sent = await read_upload(picture, "picture", limit)
    known = [await read_upload(one, "reference", limit) for one in reference]
    shown = image or wanted == PNG_TYPE
    work = partial(engine.restore, sent, known, order, request.scope[DEADLINE], shown)
    job, done = await _do(request, "restore", [sent, *known], order, work)
    if wanted == PNG_TYPE:
        return _png(job, done)
    shown_image = await asyncio.to_thread(done.image)  # tens of megabytes of base64
    content = {"picture": _facts(done.size, sent), "faces": done.faces, "image": shown_image}
    return _json(job, content)


@jobs.post("/judge", response_model=JudgeAnswer, responses=JUDGE_ANSWERS)
async def judge(
    request: Request,
    order: JudgeOrder,
    before: PictureField,
    after: PictureField,
    image: ImageField = False,
) -> Response:
    """Judge a restoration made elsewhere, face by face.

    The delivered picture is AFTER with every refused face put back from BEFORE;
    `Accept: image/png` gives it alone.
    """
    wanted = preferred_type(request.headers.get("accept"))
    engine, limit = service_of(request).engine, service_of(request).settings.max_pixels
    first = await read_upload(before, "before", limit)
    second = await read_upload(after, "after", limit)
    shown = image or wanted == PNG_TYPE
    work = partial(engine.judge_pair, first, second, order, request.scope[DEADLINE], shown)
    job, done = await _do(request, "judge", [first, second], order, work)
    if wanted == PNG_TYPE:
        return _png(job, done)
    sizes = {"before": _facts(done.before_size, first), "after": _facts(done.size, second)}
    shown_image = await asyncio.to_thread(done.image)
    return _json(job, {**sizes, "faces": done.faces, "image": shown_image})


@jobs.post("/assess", response_model=AssessAnswer, responses=ASSESS_ANSWERS)
async def assess(request: Request, order: AssessOrder, picture: PictureField) -> Response:
    """Predict six quality scores for every face, 0 to 100, higher is better."""
    preferred_type(request.headers.get("accept"), (JSON_TYPE,))
    service = service_of(request)
    sent = await read_upload(picture, "picture", service.settings.max_pixels)
    work = partial(service.engine.assess, sent, order, request.scope[DEADLINE])
    job, done = await _do(request, "assess", [sent], order, work)
    return _json(job, {"picture": _facts(done.size, sent), "faces": done.faces})


async def _do(
    request: Request,
    kind: str,
    uploads: Sequence[Upload],
    order: Order,
    work: Callable[[], Done],
) -> tuple[str, Done]:
    chosen: dict[str, Any] = {"aligned": order.aligned}
    if kind != "assess":
        chosen["policy"] = order.policy.name
    if kind == "restore":
        chosen.update(restorer=order.restorer, settings=order.settings, upscale=order.upscale)
    client, deadline = request.scope.get(CLIENT), request.scope[DEADLINE]
    return await service_of(request).do_job(kind, client, uploads, chosen, work, deadline)


def _facts(size: tuple[int, int], upload: Upload) -> dict[str, Any]:
    return {"width_px": size[0], "height_px": size[1], "sha256": upload.sha256}


def _json(job: str, content: Mapping[str, Any]) -> Response:
    headers = {"Facefidelity-Job": job, "Vary": "Accept"}
    return JSONResponse({"job": job, **content}, headers=headers)


def _png(job: str, done: Done) -> Response:
    """The bare picture; the verdicts in short, of the largest faces, in headers."""
    verdicts = [verdict_summary(face) for face in done.faces[:_MOST_IN_HEADER]]
    headers = {
        "Facefidelity-Job": job,
        "Facefidelity-Faces": str(len(done.faces)),
        "Facefidelity-Verdicts": json.dumps(verdicts, separators=(",", ":")),
        "Vary": "Accept",
    }
    return Response(done.png or b"", media_type=PNG_TYPE, headers=headers)
