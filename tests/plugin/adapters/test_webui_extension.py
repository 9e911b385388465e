"""The extension folder, loaded as the webui loads it, with stand-ins for the webui's modules."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facefidelity.plugin.adapters import webui

SCRIPT = (
    Path(__file__).resolve().parents[3] / "examples/webui-extension/scripts/facefidelity_webui.py"
)


class FaceRestoration:
    def name(self) -> str:
        return "None"

    def restore(self, np_image: np.ndarray) -> np.ndarray:
        return np_image


class ScriptPostprocessing:
    filename = None
    controls = None
    order = 1000
    name: str | None = None


class Component:
    def __init__(self, **options: Any) -> None:
        self.options = options


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The webui's modules, as far as an extension sees them."""
    options: dict[str, Any] = {}
    callbacks: list[Any] = []
    opts = SimpleNamespace(add_option=lambda key, info: options.update({key: info}))
    other = FaceRestoration()
    shared = SimpleNamespace(
        face_restorers=[other],
        opts=opts,
        OptionInfo=lambda *parts, **named: SimpleNamespace(parts=parts, **named),
    )
    parts = {
        "face_restoration": SimpleNamespace(FaceRestoration=FaceRestoration),
        "script_callbacks": SimpleNamespace(on_ui_settings=callbacks.append),
        "scripts_postprocessing": SimpleNamespace(ScriptPostprocessing=ScriptPostprocessing),
        "shared": shared,
    }
    modules = ModuleType("modules")
    vars(modules).update(parts)
    gradio = ModuleType("gradio")
    vars(gradio).update(Checkbox=Component, Dropdown=Component)
    monkeypatch.setitem(sys.modules, "modules", modules)
    monkeypatch.setitem(sys.modules, "gradio", gradio)
    return SimpleNamespace(shared=shared, options=options, callbacks=callbacks, other=other)


def test_the_restorer_is_registered_once(host: SimpleNamespace) -> None:
    for _ in range(2):  # "Reload UI" loads the script again
        runpy.run_path(str(SCRIPT))
    names = [one.name() for one in host.shared.face_restorers]
    assert names == ["None", "Face Fidelity"]
    assert host.shared.face_restorers[0] is host.other
    assert isinstance(host.shared.face_restorers[1], FaceRestoration)


def test_the_settings_page_offers_what_there_is(host: SimpleNamespace) -> None:
    runpy.run_path(str(SCRIPT))
    host.callbacks[-1]()
    assert set(host.options) == {"facefidelity_restorer", "facefidelity_policy"}
    info = host.options["facefidelity_policy"]
    assert info.parts[0] == "balanced"
    assert info.parts[3] == {"choices": ["balanced", "lenient", "observe", "strict"]}
    assert info.section == ("facefidelity", "Face Fidelity")
    assert "identity" not in host.options["facefidelity_restorer"].parts[3]["choices"]


def test_the_script_is_found_and_its_controls_are_its_arguments(host: SimpleNamespace) -> None:
    """The webui takes every subclass among the script's names."""
    found = [
        one
        for one in runpy.run_path(str(SCRIPT)).values()
        if isinstance(one, type) and issubclass(one, ScriptPostprocessing)
    ]
    assert len(found) == 1
    script = found[0]()
    assert script.name == "Face Fidelity"
    assert script.order == 3500
    controls = script.ui()
    pp = SimpleNamespace(image="untouched", info={})
    values = {name: control.options["value"] for name, control in controls.items()}
    script.process(pp, **values)  # off by default
    assert (pp.image, pp.info) == ("untouched", {})


def test_the_choices_of_the_settings_page_are_used(
    host: SimpleNamespace, guard_of: Any, whole_card: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def guard(restorer: str, policy: str) -> Any:
        asked.append((restorer, policy))
        return guard_of()

    monkeypatch.setattr(webui, "_guard", guard)
    runpy.run_path(str(SCRIPT))
    restorer = host.shared.face_restorers[1]
    restorer.restore(whole_card)
    host.shared.opts.facefidelity_restorer = "classical"
    host.shared.opts.facefidelity_policy = "strict"
    restorer.restore(whole_card)
    assert asked == [("realesrgan", "balanced"), ("classical", "strict")]


def test_metadata_and_alpha_stay_with_the_picture(
    host: SimpleNamespace, guard_of: Any, whole_card: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webui, "_guard", lambda *_: guard_of())
    image = Image.fromarray(whole_card)
    image.putalpha(77)
    pp = SimpleNamespace(image=image, info={"before": 1})
    script = webui.postprocessing_script(ScriptPostprocessing, None)()
    script.process(pp, facefidelity_enabled=True, facefidelity_policy="strict")
    assert pp.image.mode == "RGBA"
    assert set(np.unique(np.asarray(pp.image)[..., 3])) == {77}
    assert pp.info["before"] == 1
    (told,) = json.loads(pp.info["Face Fidelity verdicts"])
    assert told["decision"] == "ACCEPT"
    assert told["blend"] == 1
    assert told["box"] == [120, 110, 276, 280]


def test_errors_are_not_swallowed(
    host: SimpleNamespace, whole_card: np.ndarray, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The webui's own restorers hand the picture on where their weights are missing."""
    from facefidelity.core.errors import WeightsMissing

    monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path))
    runpy.run_path(str(SCRIPT))
    host.shared.opts.facefidelity_restorer = "codeformer-onnx"
    with pytest.raises(WeightsMissing, match="models pull"):
        host.shared.face_restorers[1].restore(whole_card)
