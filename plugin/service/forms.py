"""What a form may hold besides pictures, and how it becomes an order."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, File, Form, Request, UploadFile

from .offers import Order
from .service import Service

__all__ = [
    "AssessOrder",
    "ImageField",
    "JudgeOrder",
    "PictureField",
    "ReferencesField",
    "RestoreOrder",
    "service_of",
]

_MOST_REFERENCES: Final = 8

PictureField = Annotated[UploadFile, File(description="PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF.")]
ReferencesField = Annotated[
    list[UploadFile],
    File(max_length=_MOST_REFERENCES, description="Pictures of the person, one face each."),
]
ImageField = Annotated[
    bool, Form(description="Whether the JSON answer holds the delivered picture, as base64.")
]
AlignedField = Annotated[
    bool, Form(description="The picture already is one face in the FFHQ frame.")
]
CenterField = Annotated[bool, Form(description="Only the face nearest to the centre.")]
NarrowField = Annotated[int, Form(ge=0, le=100_000, description="Leave narrower faces alone, px.")]
NameField = Annotated[str | None, Form(max_length=256, description="A name of /v1/models.")]
SettingsField = Annotated[
    str | None,
    Form(description="The restorer's settings as a JSON object.", examples=['{"sharpen": 0.5}']),
]
UpscaleField = Annotated[int, Form(ge=1, le=8, description="The picture grows N times.")]


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service: Any = request.app.state.service
    if not isinstance(service, Service):
        raise TypeError(f"expected a Service in the application's state, got {type(service)}")
    return service


async def _restore_order(
    request: Request,
    *,
    restorer: NameField = None,
    settings: SettingsField = None,
    policy: NameField = None,
    aligned: AlignedField = False,
    only_center_face: CenterField = False,
    min_face: NarrowField = 0,
    upscale: UpscaleField = 1,
) -> Order:
    offer = service_of(request).offer
    name, chosen = offer.choose_restorer(restorer, settings)
    return Order(
        name,
        offer.choose_policy(policy),
        chosen,
        aligned,
        only_center_face,
        min_face,
        upscale,
    )


async def _judge_order(
    request: Request, *, policy: NameField = None, aligned: AlignedField = False
) -> Order:
    offer = service_of(request).offer
    return Order(offer.default_restorer, offer.choose_policy(policy), aligned=aligned)


async def _assess_order(
    request: Request,
    *,
    aligned: AlignedField = False,
    only_center_face: CenterField = False,
    min_face: NarrowField = 0,
) -> Order:
    offer = service_of(request).offer
    return Order(
        offer.default_restorer,
        offer.policy,
        aligned=aligned,
        only_center_face=only_center_face,
        min_face_px=min_face,
    )


RestoreOrder = Annotated[Order, Depends(_restore_order)]
JudgeOrder = Annotated[Order, Depends(_judge_order)]
AssessOrder = Annotated[Order, Depends(_assess_order)]
