"""Runs a checkpoint through the architecture that spandrel recognises in it.

Imported only by the factories of restorers that need spandrel. Checkpoints are read by
`read_parameters` or as safetensors: nothing in a file is executed, TorchScript is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import torch

from ..core.errors import RestorerFailed, UnsupportedWeights
from ..core.protocols import RGBImage
from .compat import prepare
from .frames import FRAME_PX, from_planes, resize_square, to_planes
from .torch_network import read_parameters, torch_device

__all__ = ["SpandrelNetwork"]

# The networks of faces speak -1..1 and are called without their descriptors: those of GFPGAN and
# CodeFormer hand 0..1 on unchanged, and none takes options.
_FACE_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "GFPGAN": {"return_rgb": False, "randomize_noise": False},
    "RestoreFormer": {},
    "CodeFormer": {},
}
_WEIGHTED: Final = "CodeFormer"
_USUAL_WEIGHT: Final = 0.5


class SpandrelNetwork:
    """A checkpoint's network, on RGB faces.

    Attributes:
        path: The file.
        architecture: spandrel's name of its architecture.
    """

    def __init__(self, path: Path, device: str = "cpu", architecture: str | None = None) -> None:
        """Load a file.

        Args:
            path: ``.pth``, ``.ckpt``, ``.pt`` of plain tensors, or ``.safetensors``.
            device: torch device.
            architecture: The only one that will do, None for any.

        Raises:
            UnsupportedWeights: If it is not that, or no restorer of RGB pictures.
            InvalidInput: If the device does not work.
            ImportError: If spandrel is not installed.
        """
        self.path = path
        self._device = torch_device(device)
        self._model = _descriptor(path)
        self.architecture = str(self._model.architecture.id)
        if architecture is not None and self.architecture != architecture:
            raise UnsupportedWeights(
                f"expected a checkpoint of {architecture} in {path}, got {self.architecture}; "
                "use --restorer spandrel for it"
            )
        self._require_restorer()
        self._model.to(self._device).eval()
        self._model.model.requires_grad_(False)

    @property
    def takes_fidelity_weight(self) -> bool:
        """Whether it is CodeFormer."""
        return self.architecture == _WEIGHTED

    def restore(self, face: RGBImage, fidelity_weight: float | None, name: str) -> RGBImage:
        """Run the network on one face.

        Args:
            face: (S, S, 3) uint8 RGB, brought to the size from which 512 px come out.
            fidelity_weight: 0..1, for CodeFormer; 0.5 when None.
            name: Name of the restorer for error messages.

        Returns:
            (512, 512, 3) uint8 RGB; another size where the factor does not divide 512.

        Raises:
            RestorerFailed: If the network fails or gives NaN.
        """
        faces = self.architecture in _FACE_OPTIONS
        low, high = (-1.0, 1.0) if faces else (0.0, 1.0)
        side = FRAME_PX if faces else FRAME_PX // self._model.scale
        planes = torch.from_numpy(to_planes(resize_square(face, side), low, high))
        planes = planes.to(self._device)
        try:
            with torch.inference_mode():
                output = self._run(planes, fidelity_weight) if faces else self._model(planes)
        except RuntimeError as error:
            raise RestorerFailed(f"{name}: torch stopped: {error}") from error
        return from_planes(output.float().cpu().numpy(), low, high, name)

    def _run(self, planes: torch.Tensor, fidelity_weight: float | None) -> torch.Tensor:
        options = dict(_FACE_OPTIONS[self.architecture])
        if self.takes_fidelity_weight:
            options["weight"] = _USUAL_WEIGHT if fidelity_weight is None else fidelity_weight
        result: torch.Tensor = self._model.model(planes, **options)[0]
        return result

    def _require_restorer(self) -> None:
        model = self._model
        told = f"expected a face restorer of RGB pictures in {self.path}, got {self.architecture}"
        if (model.input_channels, model.output_channels) != (3, 3):
            raise UnsupportedWeights(
                f"{told} with {model.input_channels} channels in and {model.output_channels} out"
            )
        if model.purpose == "FaceSR" and self.architecture not in _FACE_OPTIONS:
            raise UnsupportedWeights(
                f"{told}, of which it is not known what value range it speaks; known: "
                f"{', '.join(_FACE_OPTIONS)}"
            )


def _descriptor(path: Path) -> Any:
    """Spandrel's descriptor of a file; the global registry stays as it is."""
    prepare()
    from spandrel import (
        ImageModelDescriptor,
        ModelLoader,
        UnsupportedModelError,
        canonicalize_state_dict,
    )

    parameters = canonicalize_state_dict(_parameters(path))
    expected = f"expected a checkpoint that spandrel recognises in {path}"
    try:
        model = ModelLoader("cpu", _registry()).load_from_state_dict(parameters)
    except UnsupportedModelError as error:
        raise UnsupportedWeights(f"{expected}, got an unknown architecture") from error
    except (RuntimeError, KeyError, ValueError, IndexError, AssertionError) as error:
        first = str(error).strip().split("\n")[0][:160]
        raise UnsupportedWeights(f"{expected}, got one that does not fit ({first})") from error
    if not isinstance(model, ImageModelDescriptor):
        raise UnsupportedWeights(f"{expected}, got one that fills masks ({model.architecture.id})")
    return model


def _parameters(path: Path) -> dict[str, torch.Tensor]:
    if path.suffix.lower() != ".safetensors":
        return read_parameters(path)
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return dict(load_file(path, device="cpu"))
    except (OSError, SafetensorError) as error:
        raise UnsupportedWeights(
            f"expected a safetensors file in {path}, got a file that cannot be read ({error})"
        ) from error


def _registry() -> Any:
    """Spandrel's architectures, and the non-commercial ones where they are installed."""
    from spandrel import MAIN_REGISTRY, ArchRegistry

    registry = ArchRegistry()
    registry.add(*MAIN_REGISTRY)
    try:
        from spandrel_extra_arches import EXTRA_REGISTRY
    except ImportError:
        return registry
    registry.add(*EXTRA_REGISTRY, ignore_duplicates=True)
    return registry
