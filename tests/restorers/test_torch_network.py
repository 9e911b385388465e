from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, RestorerFailed, UnsupportedWeights
from facefidelity.restorers import restorer_info
from facefidelity.restorers.settings import NoSettings

torch = pytest.importorskip("torch", reason="needs torch (extra: gfpgan)")

from facefidelity.restorers.torch_network import (  # noqa: E402
    TorchRestorer,
    load_parameters,
    read_parameters,
    torch_device,
)

INFO = restorer_info("gfpgan-1.4")
CPU = torch.device("cpu")


class _Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return (Path.touch, (self.target,))


@pytest.mark.parametrize("form", ["zip", "plain pickle", "legacy"])
def test_a_malicious_pickle_is_refused_and_never_run(tmp_path: Path, form: str) -> None:
    target, file = tmp_path / "created-by-the-trap", tmp_path / "model.pth"
    content = {"params_ema": {"a": torch.zeros(2), "trap": _Trap(target)}}
    if form == "plain pickle":
        file.write_bytes(pickle.dumps({"params_ema": {"trap": _Trap(target)}}))
    else:
        torch.save(content, file, _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(UnsupportedWeights, match="nothing in it was executed"):
        read_parameters(file)
    assert not target.exists()


def test_the_trap_of_the_test_above_does_bite(tmp_path: Path) -> None:
    target = tmp_path / "created-by-the-trap"
    pickle.loads(pickle.dumps(_Trap(target)))
    assert target.exists()


def _zip_of_text(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")


def _truncated(file: Path) -> None:
    torch.save({"params": {"a": torch.zeros(5000)}}, file)
    file.write_bytes(file.read_bytes()[:3000])


@pytest.mark.parametrize(
    "write",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"<html>404</html>"),
        lambda file: file.write_bytes(bytes(range(256)) * 20),
        _zip_of_text,
        _truncated,
        lambda file: torch.save([1, 2], file),
        lambda file: torch.save({}, file),
        lambda file: torch.save({"params": {"a": 1.5}}, file),
        lambda file: torch.save(torch.zeros(3), file),
        lambda file: file.mkdir(),
    ],
    ids=[
        "empty",
        "html",
        "bytes",
        "zip",
        "truncated",
        "list",
        "nothing",
        "number",
        "tensor",
        "folder",
    ],
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, write: Any) -> None:
    file = tmp_path / "model.pth"
    write(file)
    with pytest.raises(UnsupportedWeights, match="expected a torch checkpoint"):
        read_parameters(file)


@pytest.mark.parametrize("key", ["params_ema", "params", "state_dict", None])
def test_the_tensors_are_found_under_every_usual_key(tmp_path: Path, key: str | None) -> None:
    network, other = torch.nn.Conv2d(3, 3, 1), torch.nn.Conv2d(3, 3, 1)
    file = tmp_path / "model.pth"
    state = network.state_dict()
    torch.save({key: state} if key else state, file)
    load_parameters(other, file, "Conv")
    assert torch.equal(other.weight, network.weight)


def test_the_averaged_parameters_are_preferred(tmp_path: Path) -> None:
    file = tmp_path / "model.pth"
    torch.save({"params": {"a": torch.zeros(1)}, "params_ema": {"a": torch.ones(1)}}, file)
    assert read_parameters(file)["a"].item() == 1


def test_other_parameters_are_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "model.pth"
    torch.save({"params": {"weight": torch.zeros(3, 3, 1, 1), "scale": torch.ones(1)}}, file)
    told = r"1 parameters missing \(first: bias\), 1 unknown \(first: scale\)"
    with pytest.raises(UnsupportedWeights, match=told):
        load_parameters(torch.nn.Conv2d(3, 3, 1), file, "Conv")
    torch.save({"params": {"weight": torch.zeros(3, 3, 3, 3), "bias": torch.zeros(3)}}, file)
    with pytest.raises(UnsupportedWeights, match="or other shapes"):
        load_parameters(torch.nn.Conv2d(3, 3, 1), file, "Conv")


class _Net(torch.nn.Module):
    def __init__(self, does: str) -> None:
        super().__init__()
        self.does = does
        self.seen: Any = None

    def forward(self, x: Any, **options: Any) -> Any:
        self.seen = (x, options)
        if self.does == "raise":
            raise RuntimeError("no memory")
        return (x * float("nan"),) if self.does == "nan" else (x, None)


def test_the_network_sees_rgb_from_minus_one_to_one(colour_card: np.ndarray) -> None:
    network = _Net("pass")
    restored = TorchRestorer(INFO, network, CPU, {"noise": False}).restore(
        colour_card, NoSettings()
    )
    seen, options = network.seen
    assert seen.shape == (1, 3, 512, 512)
    assert seen[0, 0, 1, 1].item() == pytest.approx(200 / 255 * 2 - 1, abs=1e-6)
    assert seen[0, 2, 1, 1].item() == pytest.approx(20 / 255 * 2 - 1, abs=1e-6)
    assert options == {"noise": False}
    assert np.array_equal(restored, colour_card)


@pytest.mark.parametrize(("does", "told"), [("raise", "no memory"), ("nan", "NaN")])
def test_a_failing_network_is_a_failure_and_never_the_input(
    face: np.ndarray, does: str, told: str
) -> None:
    with pytest.raises(RestorerFailed, match=told):
        TorchRestorer(INFO, _Net(does), CPU, {}).restore(face, NoSettings())


@pytest.mark.parametrize("name", ["abacus", "cuda:99"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="use device='cpu'"):
        torch_device(name)
