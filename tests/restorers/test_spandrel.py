from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facefidelity.core.errors import (
    InvalidInput,
    RestorerFailed,
    UnsupportedWeights,
    WeightsMissing,
)
from facefidelity.restorers import create_restorer, parse_settings, restorer_info
from facefidelity.restorers.compat import prepare
from facefidelity.restorers.fingerprint import restorer_weights

torch = pytest.importorskip("torch", reason="needs torch (extra: spandrel)")
prepare()
spandrel = pytest.importorskip("spandrel", reason="needs spandrel (extra: spandrel)")

from facefidelity.restorers import torch_spandrel  # noqa: E402


def _settings(**values: Any) -> Any:
    return parse_settings(restorer_info("spandrel"), values)


class _Echo(torch.nn.Module):
    """Hands its picture through and remembers how it was called."""

    def __init__(self, scale: int = 1) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.calls: list[dict[str, Any]] = []
        self.scale = scale

    def forward(self, x: Any, **options: Any) -> Any:
        self.calls.append({"low": float(x.min()), "shape": tuple(x.shape), **options})
        return torch.nn.functional.interpolate(x, scale_factor=self.scale), None


def _descriptor(architecture: str, network: Any, purpose: str = "FaceSR", **facts: Any) -> Any:
    """A spandrel descriptor around a network, as its architecture would make it."""
    arch = type(
        "Arch",
        (spandrel.Architecture,),
        {"load": lambda self, state: None},
    )(id=architecture, detect=lambda state: True)
    return spandrel.ImageModelDescriptor(
        network,
        network.state_dict(),
        architecture=arch,
        purpose=purpose,
        tags=[],
        supports_half=False,
        supports_bfloat16=False,
        **{"scale": 1, "input_channels": 3, "output_channels": 3, **facts},
        call_fn=lambda model, image: model(image)[0],
    )


@pytest.fixture
def restorer_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(name: str = "spandrel", **described: Any) -> Any:
        monkeypatch.setattr(torch_spandrel, "_descriptor", lambda path: _descriptor(**described))
        file = tmp_path / "model.pth"
        file.touch()
        return create_restorer(name, trust=True, weights=file)

    return make


@pytest.mark.parametrize(
    ("architecture", "options"),
    [
        ("GFPGAN", {"return_rgb": False, "randomize_noise": False}),
        ("CodeFormer", {"weight": 0.7}),
        ("RestoreFormer", {}),
    ],
)
def test_faces_networks_are_called_in_their_own_range(
    architecture: str, options: dict[str, Any], restorer_of: Any, face: np.ndarray
) -> None:
    network = _Echo()
    restorer = restorer_of(architecture=architecture, network=network)
    weight = {"fidelity_weight": "0.7"} if architecture == "CodeFormer" else {}
    restored = restorer.restore(face, _settings(**weight))
    low = float(face.min()) / 127.5 - 1
    (call,) = network.calls
    assert call == {"low": pytest.approx(low, abs=1e-5), "shape": (1, 3, 512, 512), **options}
    assert np.array_equal(restored, face)


@pytest.mark.parametrize(("purpose", "scale"), [("Restoration", 1), ("SR", 4), ("SR", 2)])
def test_others_are_called_by_spandrel_so_that_512_px_come_out(
    purpose: str, scale: int, restorer_of: Any, face: np.ndarray
) -> None:
    network = _Echo(scale)
    restorer = restorer_of(architecture="Other", network=network, purpose=purpose, scale=scale)
    restored = restorer.restore(face, _settings())
    (call,) = network.calls
    assert call["shape"] == (1, 3, 512 // scale, 512 // scale)
    assert call["low"] >= 0
    assert restored.shape == (512, 512, 3)
    assert abs(restored.mean() - face.mean()) < 1


def test_the_fidelity_weight_is_codeformers(restorer_of: Any, face: np.ndarray) -> None:
    network = _Echo()
    restorer = restorer_of("codeformer", architecture="CodeFormer", network=network)
    restorer.restore(face, parse_settings(restorer.info, {}))
    assert network.calls[0]["weight"] == 0.5
    other = restorer_of(architecture="GFPGAN", network=_Echo())
    with pytest.raises(InvalidInput, match="takes no fidelity weight"):
        other.restore(face, _settings(fidelity_weight="0.5"))


@pytest.mark.parametrize(
    ("described", "told"),
    [
        ({"architecture": "NewFace", "purpose": "FaceSR"}, "value range"),
        ({"architecture": "Grey", "purpose": "SR", "input_channels": 1}, "1 channels in"),
    ],
)
def test_what_cannot_be_called_rightly_is_refused(
    described: dict[str, Any], told: str, restorer_of: Any
) -> None:
    with pytest.raises(UnsupportedWeights, match=told):
        restorer_of(network=_Echo(), **described)


def test_codeformer_takes_only_codeformer(restorer_of: Any) -> None:
    with pytest.raises(UnsupportedWeights, match="expected a checkpoint of CodeFormer"):
        restorer_of("codeformer", architecture="GFPGAN", network=_Echo())


def test_a_failing_network_is_a_failure(restorer_of: Any, face: np.ndarray) -> None:
    network = _Echo()
    restorer = restorer_of(architecture="CodeFormer", network=network)

    def stop(*args: Any, **options: Any) -> Any:
        raise RuntimeError("out of memory")

    network.forward = stop
    with pytest.raises(RestorerFailed, match="out of memory"):
        restorer.restore(face, _settings())
    network.forward = lambda x, **options: (x * float("nan"),)
    with pytest.raises(RestorerFailed, match="NaN"):
        restorer.restore(face, _settings())


def test_a_safetensors_file_is_read(tmp_path: Path, face: np.ndarray) -> None:
    safetensors = pytest.importorskip("safetensors.torch", reason="extra: spandrel")
    compact = pytest.importorskip("spandrel.architectures.Compact").Compact
    network = compact(num_feat=4, num_conv=1, upscale=4)
    torch.nn.init.zeros_(network.body[-1].weight)
    torch.nn.init.zeros_(network.body[-1].bias)
    path = tmp_path / "model.safetensors"
    safetensors.save_file(network.state_dict(), path)
    before = set(spandrel.MAIN_REGISTRY)
    restored = create_restorer("spandrel", trust=True).restore(face, _settings(path=str(path)))
    assert restored.shape == (512, 512, 3)
    assert abs(restored.mean() - face.mean()) < 1
    assert set(spandrel.MAIN_REGISTRY) == before
    assert set(restorer_weights(restorer_info("spandrel"), _settings(path=str(path)))) == {
        "model.safetensors"
    }


@pytest.mark.parametrize("name", ["model.pth", "model.safetensors", "model.pt"])
@pytest.mark.parametrize("content", [b"", b"<html>404</html>", bytes(range(256)) * 40])
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnsupportedWeights, match="expected a"):
        create_restorer("spandrel", trust=True, weights=path)


def test_an_unknown_architecture_and_torchscript_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    torch.save({"a": torch.zeros(2)}, path)
    with pytest.raises(UnsupportedWeights, match="unknown architecture"):
        create_restorer("spandrel", trust=True, weights=path)
    script = tmp_path / "script.pt"
    torch.jit.save(torch.jit.trace(torch.nn.Identity(), torch.zeros(1)), str(script))
    with pytest.raises(UnsupportedWeights, match="cannot be read safely"):
        create_restorer("spandrel", trust=True, weights=script)


def test_no_file_says_both_ways_to_one(face: np.ndarray, tmp_path: Path) -> None:
    told = r"--set path=FILE\.pth.*facefidelity models pull codeformer\.pth"
    with pytest.raises(WeightsMissing, match=told):
        create_restorer("spandrel", trust=True).restore(face, _settings())
    with pytest.raises(WeightsMissing, match="found none"):
        create_restorer("spandrel", trust=True).restore(
            face, _settings(path=str(tmp_path / "no.pth"))
        )
