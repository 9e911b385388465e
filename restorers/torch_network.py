"""Runs a face-to-face torch network, and reads its weights file without ever executing it.

Imported only by the factories of restorers that need torch.
"""

from __future__ import annotations

import pickle
import struct
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel

from ..core.errors import InvalidInput, RestorerFailed, UnsupportedWeights
from ..core.protocols import RestorerInfo, RGBImage
from .frames import FRAME_PX, check_face, from_planes, resize_square, to_planes
from .settings import require_settings

__all__ = ["TorchRestorer", "load_parameters", "read_parameters", "torch_device"]

_UNREADABLE = (
    pickle.UnpicklingError,
    struct.error,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def torch_device(name: str) -> torch.device:
    """Turn "cpu", "cuda" or "cuda:1" into a device that is there.

    Raises:
        InvalidInput: If torch does not know it or cannot use it.
    """
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    # torch says "not compiled with CUDA" by AssertionError.
    except (AssertionError, NotImplementedError, RuntimeError) as error:
        raise InvalidInput(
            f"expected a torch device that works here, got {name!r}; use device='cpu'"
        ) from error
    return device


def read_parameters(path: Path) -> dict[str, torch.Tensor]:
    """Read a checkpoint's tensors; nothing in the file is executed.

    Args:
        path: A ``.pth`` file with the tensors under 'params_ema', 'params' or 'state_dict', or
            at its top.

    Returns:
        Parameter name to tensor, on the CPU.

    Raises:
        UnsupportedWeights: If it is no such file, or holds anything but plain data.
    """
    expected = f"expected a torch checkpoint of plain tensors in {path}"
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except _UNREADABLE as error:
        reason = str(error).strip().split("\n")[0][:160] or type(error).__name__
        raise UnsupportedWeights(
            f"{expected}, got a file that cannot be read safely ({reason}); nothing in it was "
            "executed; get the published file"
        ) from error
    for key in ("params_ema", "params", "state_dict"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
            break
    if not isinstance(content, dict) or not content:
        raise UnsupportedWeights(f"{expected}, got {type(content).__name__} without tensors")
    if not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise UnsupportedWeights(f"{expected}, got entries that are not tensors")
    return content


def load_parameters(network: torch.nn.Module, path: Path, architecture: str) -> None:
    """Fill a network from a checkpoint; every parameter must be there, and no other.

    Raises:
        UnsupportedWeights: If names or shapes differ.
    """
    parameters = read_parameters(path)
    try:
        network.load_state_dict(parameters, strict=True)
    except RuntimeError as error:
        wanted = network.state_dict()
        missing = sorted(wanted.keys() - parameters.keys())
        extra = sorted(parameters.keys() - wanted.keys())
        raise UnsupportedWeights(
            f"expected weights of {architecture} in {path}, got others: {len(missing)} parameters "
            f"missing{_first(missing)}, {len(extra)} unknown{_first(extra)}, or other shapes"
        ) from error


def _first(names: list[str]) -> str:
    return f" (first: {names[0]})" if names else ""


class TorchRestorer:
    """A network that takes and gives (1, 3, 512, 512) RGB in [-1, 1]."""

    def __init__(
        self,
        info: RestorerInfo,
        network: torch.nn.Module,
        device: torch.device,
        forward_options: dict[str, Any],
    ) -> None:
        """Wrap a loaded network.

        Args:
            info: What it is.
            network: Returns the picture, or a tuple that starts with it.
            device: Where it runs.
            forward_options: Keyword arguments of its every call.
        """
        self._info = info
        self._network = network.eval().requires_grad_(False).to(device)
        self._device = device
        self._forward_options = dict(forward_options)

    @property
    def info(self) -> RestorerInfo:
        """What it is and which settings it takes."""
        return self._info

    def restore(self, face: RGBImage, settings: BaseModel) -> RGBImage:
        """Restore one aligned face.

        Args:
            face: (S, S, 3) uint8 RGB in the FFHQ frame.
            settings: An instance of ``info.settings``.

        Returns:
            (512, 512, 3) uint8 RGB in the same frame.

        Raises:
            InvalidInput: If the face or the settings are of the wrong kind.
            RestorerFailed: If the network fails or gives NaN.
        """
        require_settings(self._info, settings)
        planes = to_planes(resize_square(check_face(face), FRAME_PX), -1.0, 1.0)
        try:
            with torch.inference_mode():
                output = self._network(
                    torch.from_numpy(planes).to(self._device), **self._forward_options
                )
        except RuntimeError as error:
            raise RestorerFailed(f"{self._info.name}: torch stopped: {error}") from error
        first = output[0] if isinstance(output, tuple) else output
        return from_planes(first.float().cpu().numpy(), -1.0, 1.0, self._info.name)
