"""Whatever is sent, the answer is a clear refusal or a result: never a 5xx, a traceback, a path."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

pytest.importorskip("fastapi", reason="needs the serve extra")

EXAMPLES = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def picture(kind: str, size: tuple[int, int], seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (*size, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


whole = st.builds(
    picture,
    st.sampled_from(["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"]),
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
    st.integers(0, 9),
)
broken = st.builds(
    lambda data, at, junk: data[: at % len(data)] + junk + data[at % len(data) + len(junk) :],
    whole,
    st.integers(0, 4000),
    st.binary(max_size=8),
)
content = st.one_of(whole, broken, st.binary(max_size=200))
file_name = st.text(st.characters(codec="utf-8"), max_size=12)
fields = st.dictionaries(
    st.sampled_from(
        ["restorer", "settings", "policy", "aligned", "upscale", "min_face", "image", "x"]
    ),
    st.one_of(
        st.text(st.characters(codec="utf-8"), max_size=20),
        st.sampled_from(["1", "true", "-1", "1e999", "null", '{"strength": NaN}', "strict", "[]"]),
    ),
)
names = st.sampled_from(["picture", "before", "after", "reference", "else"])
paths = st.sampled_from(["restore", "judge", "assess"])


@pytest.fixture
def client(make_service, client_of) -> Any:
    return client_of(make_service())


def check(answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]
    assert "Traceback" not in answer.text
    assert "/plugin/" not in answer.text


@given(paths, st.lists(st.tuples(names, file_name, content), max_size=4), fields)
@EXAMPLES
def test_forms(client: Any, path: str, files: list, data: dict) -> None:
    parts = [(field, (name, body)) for field, name, body in files]
    check(client.post(f"/v1/{path}", files=parts or None, data=data))


@given(paths, st.binary(max_size=300), st.sampled_from(["b", "", '"', "\u00fc".encode().hex()]))
@EXAMPLES
def test_bodies_that_are_no_forms(client: Any, path: str, body: bytes, boundary: str) -> None:
    kind = f"multipart/form-data; boundary={boundary}"
    check(client.post(f"/v1/{path}", content=body, headers={"Content-Type": kind}))
    start = f'--{boundary}\r\nContent-Disposition: form-data; name="picture"\r\n\r\n'.encode()
    check(client.post(f"/v1/{path}", content=start + body, headers={"Content-Type": kind}))


@given(
    st.sampled_from(["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"]),
    st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#"), max_size=20
    ),
    st.dictionaries(
        st.sampled_from(["Accept", "Authorization", "X-API-Key", "Content-Length", "Range"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    ),
)
@EXAMPLES
def test_paths_and_headers(client: Any, method: str, path: str, headers: dict) -> None:
    headers.pop("Content-Length", None)
    answer = client.request(method, f"/v1/{path}", headers=headers)
    assert answer.status_code in {200, 404, 405, 415}
