from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from facefidelity.core.errors import InvalidInput, NotRegistered
from facefidelity.restorers import (
    DEFAULT_RESTORER,
    create_restorer,
    register_restorer,
    registry,
    restorer_aliases,
    restorer_info,
    restorer_names,
)
from facefidelity.restorers.identity import INFO, IdentityRestorer


@pytest.fixture(autouse=True)
def _keep_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_entries", registry._entries)
    yield


def test_the_default_needs_no_extra_and_no_download() -> None:
    info = restorer_info(DEFAULT_RESTORER)
    assert info.extra is None
    assert info.weights == ()
    assert restorer_names()[0] == DEFAULT_RESTORER


def test_an_alias_leads_to_its_restorer() -> None:
    assert restorer_info("gfpgan") is restorer_info("gfpgan-1.4")
    assert not set(restorer_aliases()) & set(restorer_names())
    assert set(restorer_aliases().values()) <= set(restorer_names())


@pytest.mark.parametrize(
    ("asked", "meant"), [("realesrgn", "realesrgan"), ("gfpgan-14", "gfpgan-1.4")]
)
def test_an_unknown_name_names_the_close_ones(asked: str, meant: str) -> None:
    for look_up in (restorer_info, create_restorer):
        with pytest.raises(NotRegistered, match=f"{asked!r}.*{meant}"):
            look_up(asked)


def test_a_restorer_of_ones_own_is_found_and_gets_its_options() -> None:
    info = replace(INFO, name="mine")
    seen: list[Any] = []

    def factory(flavour: str = "plain") -> IdentityRestorer:
        seen.append(flavour)
        return IdentityRestorer()

    register_restorer(info, factory)
    assert restorer_names()[-1] == "mine"
    assert restorer_info("mine") is info
    create_restorer("mine", flavour="sweet")
    assert seen == ["sweet"]
    with pytest.raises(InvalidInput, match=r"takes the options flavour, got colour"):
        create_restorer("mine", colour="red")


@pytest.mark.parametrize(
    ("name", "factory"),
    [
        ("classical", IdentityRestorer),
        ("gfpgan", IdentityRestorer),
        ("", IdentityRestorer),
        (" mine", IdentityRestorer),
        ("mine", "not callable"),
    ],
)
def test_a_failed_registration_changes_nothing(name: str, factory: Any) -> None:
    before = registry._entries
    with pytest.raises(InvalidInput):
        register_restorer(replace(INFO, name=name), factory)
    assert registry._entries is before


def test_a_table_held_by_a_reader_is_never_changed() -> None:
    before = dict(registry._entries)
    held = registry._entries
    register_restorer(replace(INFO, name="mine"), IdentityRestorer)
    assert dict(held) == before
    with pytest.raises(TypeError):
        held["x"] = None


def test_looking_up_loads_nothing_heavy() -> None:
    script = (
        "import sys; from facefidelity.restorers import restorer_names, restorer_info\n"
        "for name in restorer_names(): restorer_info(name)\n"
        "import facefidelity.restorers.compat\n"
        "print(sorted({'torch','torchvision','cv2','onnxruntime','ncnn'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
