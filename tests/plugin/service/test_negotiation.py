"""Which form of an answer the header Accept asks for."""

from __future__ import annotations

import pytest

pytest.importorskip("fastapi", reason="needs the serve extra")

from starlette.exceptions import HTTPException

from facefidelity.plugin.service.negotiation import preferred_type


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("image/png", "image/png"),
        ("IMAGE/PNG", "image/png"),
        ("image/*", "image/png"),
        ("text/html, image/png;q=0.2", "image/png"),
        ("application/json;q=0.5, image/png", "image/png"),
        ("image/png;q=0.5, */*", "application/json"),
        ("*/*, application/json;q=0", "image/png"),
        ("image/png;q=nonsense, application/json", "application/json"),
    ],
)
def test_the_best_liked_form_is_chosen(accept, chosen) -> None:
    assert preferred_type(accept) == chosen


@pytest.mark.parametrize("accept", ["text/html", "image/jpeg", "application/json;q=0", ";;,"])
def test_who_takes_neither_is_told(accept) -> None:
    with pytest.raises(HTTPException) as caught:
        preferred_type(accept)
    assert caught.value.status_code == 406
