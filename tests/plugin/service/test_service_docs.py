"""What docs/service.md says of the service is compared with the service."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

pytest.importorskip("fastapi", reason="needs the serve extra")

from facefidelity.plugin.cli.main import app
from facefidelity.plugin.service.border import JOB_PATHS, OPEN_PATHS
from facefidelity.plugin.service.problems import _CODES

PAGE = (Path(__file__).parents[3] / "docs" / "service.md").read_text("utf-8")


def test_every_option_is_on_the_page_with_its_default() -> None:
    command = typer.main.get_command(app).commands["serve"]
    flags = {word: one for one in command.params for word in one.opts if word.startswith("--")}
    assert [flag for flag in flags if flag != "--help" and flag not in PAGE] == []
    for name in ("--workers", "--queue", "--timeout", "--drain", "--port"):
        row = next(line for line in PAGE.splitlines() if re.match(rf"\| `[^|]*{name}\b", line))
        assert f"{flags[name].default:g}" in row


def test_every_path_and_code_is_on_the_page(make_service, client_of) -> None:
    paths = client_of(make_service()).get("/openapi.json").json()["paths"]
    assert [path for path in {*paths, *JOB_PATHS, *OPEN_PATHS} if path not in PAGE] == []
    words = set(re.findall(r"\w+", PAGE))
    assert [code for code in _CODES.values() if code not in words | {"internal_error"}] == []


def test_every_field_is_on_the_page(make_service, client_of) -> None:
    schemas = client_of(make_service()).get("/openapi.json").json()["components"]["schemas"]
    fields = {
        field
        for name, schema in schemas.items()
        if name.startswith("Body_")
        for field in schema["properties"]
    }
    assert {"picture", "before", "restorer"} <= fields
    assert [field for field in fields if f"`{field}`" not in PAGE] == []
