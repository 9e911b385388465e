"""Puts the application together: paths, what stands before them, and what OpenAPI says."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Security
from fastapi.responses import JSONResponse, Response
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.middleware import Middleware

from ... import __version__
from ...guards.policy import load_policy, policy_names
from .answers import HealthAnswer, ModelsAnswer
from .border import Admission, Doorkeeper, Watch
from .documents import DESCRIPTION, HEALTHY, PROBLEMS, READY
from .forms import service_of
from .metrics import CONTENT_TYPE_LATEST
from .offers import Offer, operator_settings
from .problems import add_problem_handlers
from .routes import jobs
from .service import Service

__all__ = ["create_app"]

_facts: Final = APIRouter()
_ASKED: Final = [
    Security(HTTPBearer(auto_error=False)),
    Security(APIKeyHeader(name="X-API-Key", auto_error=False)),
]
"""Only says in OpenAPI that keys are asked for; `border.Doorkeeper` asks."""


def create_app(service: Service) -> FastAPI:
    """Make the application of one service.

    Args:
        service: Loaded; closed by who made it.
    """
    desk, metrics, settings = service.desk, service.metrics, service.settings
    app = FastAPI(
        title="facefidelity",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # its page would be fetched from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Watch, metrics=metrics),
            Middleware(Doorkeeper, keys=service.keys, local=settings.is_local),
            Middleware(Admission, settings=settings, desk=desk, metrics=metrics),
        ],
    )
    app.state.service = service
    add_problem_handlers(app)
    said = [] if service.keys is None else _ASKED
    app.include_router(jobs, dependencies=said)
    app.include_router(_facts, dependencies=said)
    return app


@_facts.get("/v1/models", response_model=ModelsAnswer, responses=PROBLEMS, tags=["service"])
async def models(request: Request) -> Response:
    """What restores and what judges here."""
    service = service_of(request)
    offer, judge = service.offer, service.engine.judge
    content = {
        "version": __version__,
        "restorers": _restorers(offer),
        "policies": _policies(offer),
        "assessor": judge.assessor.name,
        "embedder": judge.embedder.name,
        "detector": service.engine.detector_name,
        "camera": offer.camera and offer.camera.profile.name,
    }
    return JSONResponse(content)


@_facts.get("/healthz", response_model=HealthAnswer, responses=HEALTHY, tags=["service"])
async def healthz(request: Request) -> Response:
    """Whether the service lives; also while it drains."""
    status = "draining" if service_of(request).desk.draining else "ok"
    return JSONResponse({"status": status, "version": __version__})


@_facts.get("/readyz", response_model=HealthAnswer, responses=READY, tags=["service"])
async def readyz(request: Request) -> Response:
    """Whether the service takes work."""
    draining = service_of(request).desk.draining
    content = {"status": "draining" if draining else "ok", "version": __version__}
    return JSONResponse(content, 503 if draining else 200)


@_facts.get("/metrics", response_class=Response, responses=PROBLEMS, tags=["service"])
async def metrics(request: Request) -> Response:
    """Counters for Prometheus."""
    return Response(service_of(request).metrics.page(), media_type=CONTENT_TYPE_LATEST)


def _restorers(offer: Offer) -> list[dict[str, Any]]:
    shown = []
    for name, info in offer.restorers.items():
        schema = info.settings.model_json_schema()
        hidden = operator_settings(info)
        fields = schema.get("properties", {})
        schema["properties"] = {key: value for key, value in fields.items() if key not in hidden}
        shown.append(
            {
                "name": name,
                "default": name == offer.default_restorer,
                "summary": info.summary,
                "kind": info.kind,
                "licence": info.licence,
                "commercial_use": info.commercial_use,
                "settings": schema,
            }
        )
    return shown


def _policies(offer: Offer) -> list[dict[str, Any]]:
    names = () if offer.camera else policy_names()
    shipped = {name: load_policy(name) for name in names}
    known = {offer.policy.name: offer.policy, **shipped}
    return [
        {"name": name, "default": name == offer.policy.name, "summary": policy.summary}
        for name, policy in known.items()
    ]
