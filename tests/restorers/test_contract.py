"""What every registered restorer promises, run over each of them.

To add a restorer, add one row to ``ROWS``: the settings to test it with, and how to get weights
that its true loader reads (None when it needs none).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, MissingExtra, WeightsMissing
from facefidelity.core.protocols import Restorer, RestorerInfo
from facefidelity.restorers import (
    create_restorer,
    parse_settings,
    restorer_info,
    restorer_names,
)
from facefidelity.restorers.settings import NoSettings


class Row(NamedTuple):
    settings: dict[str, str]
    weights: Callable[[pytest.FixtureRequest], Path] | None
    keeps_colours: bool = True


def _random_checkpoint(module: str, builder: str, key: str | None) -> Callable[..., Path]:
    """A network with random parameters, saved as its publishers save it."""

    def make(request: pytest.FixtureRequest) -> Path:
        torch = pytest.importorskip("torch", reason="needs torch (extra: gfpgan)")
        from importlib import import_module

        try:
            torch.manual_seed(0)
            network = getattr(import_module(f"facefidelity.restorers.{module}"), builder)()
        except MissingExtra as error:
            pytest.skip(str(error))
        state = network.state_dict()
        for name, value in state.items():
            # StyleGAN's noise weights start at 0, which would hide noise that is not pinned.
            if name.endswith(".weight") and value.shape == (1,):
                value.fill_(0.5)
        path = request.getfixturevalue("tmp_path_factory").mktemp(module) / f"{module}.pth"
        torch.save({key: state} if key else state, path)
        return path

    return make


def _save_random(request: pytest.FixtureRequest, network: Any, name: str, key: str | None) -> Path:
    import torch

    path = request.getfixturevalue("tmp_path_factory").mktemp(name) / f"{name}.pth"
    torch.save({key: network.state_dict()} if key else network.state_dict(), path)
    return path


def _random_codeformer(request: pytest.FixtureRequest) -> Path:
    torch = pytest.importorskip("torch", reason="needs torch (extra: spandrel)")
    from facefidelity.restorers.compat import prepare

    prepare()
    arch = pytest.importorskip(
        "spandrel_extra_arches.architectures.CodeFormer", reason="extra: spandrel"
    )
    torch.manual_seed(0)
    return _save_random(request, arch.CodeFormer(), "codeformer", "params_ema")


def _blank_dncnn(request: pytest.FixtureRequest) -> Path:
    """A denoiser that changes nothing: DnCNN predicts the noise, here none."""
    torch = pytest.importorskip("torch", reason="needs torch (extra: spandrel)")
    from facefidelity.restorers.compat import prepare

    prepare()
    arch = pytest.importorskip("spandrel.architectures.DnCNN", reason="extra: spandrel")
    torch.manual_seed(0)
    network = arch.DnCNN(in_nc=3, out_nc=3, nc=4, nb=8, act_mode="R", mode="DnCNN")
    torch.nn.init.zeros_(network.model[-1].weight)
    torch.nn.init.zeros_(network.model[-1].bias)
    return _save_random(request, network, "dncnn", None)


def _onnx(**shape: Any) -> Callable[..., Path]:
    return lambda request: request.getfixturevalue("write_onnx")(**shape)


_GFPGAN = _random_checkpoint("gfpgan", "gfpgan_network", "params_ema")
_RESTOREFORMER = _random_checkpoint("restoreformer", "restoreformer_network", "params")

ROWS: dict[str, Row] = {
    "realesrgan": Row({"input_size": "64"}, None),
    "classical": Row({}, None),
    "gfpgan-1.4": Row({}, _GFPGAN, keeps_colours=False),
    "gfpgan-1.3": Row({}, _GFPGAN, keeps_colours=False),
    "restoreformer": Row({}, _RESTOREFORMER, keeps_colours=False),
    "spandrel": Row({}, _blank_dncnn),
    "codeformer": Row({"fidelity_weight": "1"}, _random_codeformer, keeps_colours=False),
    "onnx": Row({"value_range": "0..1"}, _onnx(size="side")),
    "gfpgan-1.4-onnx": Row({}, _onnx(size=512)),
    "codeformer-onnx": Row({"fidelity_weight": "1"}, _onnx(size=512, weight="float64")),
    "gpen-512-onnx": Row({}, _onnx(size=512)),
    "gpen-256-onnx": Row({}, _onnx(size=256)),
    "identity": Row({}, None),
}
SHARED_WEIGHTS = {"gfpgan-1.3": "gfpgan-1.4"}


class Case(NamedTuple):
    name: str
    restorer: Restorer
    settings: Any
    keeps_colours: bool


@pytest.fixture(scope="module")
def weights_files() -> dict[str, Path]:
    return {}


SLOW = {"gfpgan-1.3", "restoreformer", "codeformer"}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
        for name in restorer_names()
    ],
)
def case(request: pytest.FixtureRequest, weights_files: dict[str, Path]) -> Case:
    name = request.param
    row = ROWS[name]
    options: dict[str, Any] = {}
    if row.weights is not None:
        shared = SHARED_WEIGHTS.get(name, name)
        if shared not in weights_files:
            weights_files[shared] = row.weights(request)
        options["weights"] = weights_files[shared]
        options["trust"] = True
    restorer = create_restorer(name, **options)
    settings = parse_settings(restorer.info, row.settings)
    return Case(name, restorer, settings, row.keeps_colours)


def test_every_restorer_has_a_row() -> None:
    assert set(ROWS) == set(restorer_names())


def test_gives_a_face_twice_the_same_and_leaves_its_input(
    case: Case, face: np.ndarray, record_property: Callable[[str, object], None]
) -> None:
    given = face.copy()
    started = time.perf_counter()
    first = case.restorer.restore(given, case.settings)
    record_property("seconds_a_face", round(time.perf_counter() - started, 3))
    second = case.restorer.restore(given, case.settings)

    assert isinstance(case.restorer, Restorer)
    assert first.dtype == np.uint8
    assert first.shape == (512, 512, 3)
    assert np.array_equal(first, second)
    assert np.array_equal(given, face)
    assert not np.shares_memory(first, given)
    assert first.flags.c_contiguous and first.flags.writeable
    assert int(np.ptp(first)) > 0


def test_colours_and_sides_stay_where_they_are(case: Case, colour_card: np.ndarray) -> None:
    if not case.keeps_colours:
        pytest.skip("random parameters keep no colours; the conversion is tested on its own")
    restored = case.restorer.restore(colour_card, case.settings).astype(float)
    left = restored[:, :200].mean(axis=(0, 1))
    right = restored[:, 312:].mean(axis=(0, 1))
    assert left == pytest.approx([200, 20, 20], abs=12)
    assert right == pytest.approx([20, 20, 200], abs=12)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((64, 64), np.uint8),
        np.zeros((64, 64, 4), np.uint8),
        np.zeros((64, 64, 3), np.float32),
        np.zeros((64, 96, 3), np.uint8),
        np.zeros((8, 8, 3), np.uint8),
        [[0, 0, 0]],
    ],
    ids=["grey", "alpha", "float", "oblong", "tiny", "list"],
)
def test_refuses_what_is_no_aligned_face(case: Case, wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="expected"):
        case.restorer.restore(wrong, case.settings)


def test_refuses_settings_of_another_restorer(case: Case, face: np.ndarray) -> None:
    class Foreign(NoSettings):
        pass

    if isinstance(Foreign(), case.restorer.info.settings):
        other: Any = parse_settings(restorer_info("classical"), {})
    else:
        other = Foreign()
    with pytest.raises(InvalidInput, match=case.name):
        case.restorer.restore(face, other)


@pytest.mark.parametrize("name", restorer_names())
def test_says_what_it_is(name: str) -> None:
    info = restorer_info(name)
    assert isinstance(info, RestorerInfo)
    assert info.name == name
    assert info.kind in {"generative", "classical", "test"}
    assert info.commercial_use in {"yes", "no", "unclear"}
    assert info.input_size in {0, 512}
    assert info.licence and info.summary


@pytest.mark.parametrize("name", restorer_names())
def test_settings_have_defaults_descriptions_and_survive_a_round_trip(name: str) -> None:
    schema = restorer_info(name).settings
    chosen = schema()
    assert schema.model_validate_json(chosen.model_dump_json()) == chosen
    for field_name, field in schema.model_fields.items():
        assert field.description, f"{name}.{field_name}"
    assert schema.model_config.get("frozen") is True


@pytest.mark.parametrize("name", [name for name in ROWS if restorer_info(name).weights])
def test_missing_weights_say_the_line_that_brings_them(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path))
    line = f"facefidelity models pull {restorer_info(name).weights[0]}"
    with pytest.raises(WeightsMissing, match=line):
        create_restorer(name)
    with pytest.raises(WeightsMissing, match=line):
        create_restorer(name, weights=tmp_path / "nothing.bin")


@pytest.mark.parametrize("name", ["classical", "identity"])
def test_a_restorer_without_weights_refuses_a_weights_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no weights"):
        create_restorer(name, weights=tmp_path / "any.pth")
