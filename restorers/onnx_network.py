"""A face-to-face network in an ONNX file: what it wants is read from the file itself.

Exports of one model differ in the names of their inputs, in float width and in whether they take
a fidelity weight; nothing of that is assumed here. Which value range the network speaks is not in
the file and must be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from ..core.errors import InvalidInput, RestorerFailed, UnsupportedWeights
from ..core.onnx_errors import onnx_errors
from ..core.protocols import RGBImage
from .frames import FRAME_PX, from_planes, resize_square, to_planes
from .thread_limit import thread_limit

__all__ = ["OnnxNetwork"]

_FLOATS: Final[dict[str, Any]] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
}
_LARGEST_PX: Final = 2048
_PROVIDERS: Final = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


@dataclass(frozen=True, slots=True)
class _Input:
    """One input of the network; ``shape`` of the weight holds only fixed sizes."""

    name: str
    dtype: Any
    shape: tuple[int, ...]


class OnnxNetwork:
    """An ONNX session that takes one RGB picture, and perhaps a fidelity weight.

    Attributes:
        path: The file.
        side_px: Side of the picture that it wants.
        takes_fidelity_weight: Whether it has a scalar second input.
    """

    def __init__(self, path: Path, device: str = "cpu", threads: int | None = None) -> None:
        """Load a file and find out what it wants.

        Args:
            path: The ONNX file.
            device: "cpu" or "cuda".
            threads: CPU threads, or None for onnxruntime's choice.

        Raises:
            InvalidInput: If the device is not there.
            UnsupportedWeights: If the file is no ONNX network from picture to picture.
        """
        self.path = path
        self._session = _open_session(path, device, threads)
        image, self._weight = _find_inputs(path, self._session.get_inputs())
        self._image = image
        self.side_px = image.shape[-1]
        outputs = self._session.get_outputs()
        _require_picture_output(path, outputs[0].shape if outputs else [])
        self._output = outputs[0].name

    @property
    def takes_fidelity_weight(self) -> bool:
        """Whether it has a scalar second input."""
        return self._weight is not None

    def restore(
        self, face: RGBImage, value_range: tuple[float, float], fidelity_weight: float, name: str
    ) -> RGBImage:
        """Run the network on one face.

        Args:
            face: (S, S, 3) uint8 RGB; resized to ``side_px`` when it has another size.
            value_range: What 0 and 255 are to the network, for input and output.
            fidelity_weight: 0..1; used only by a network that takes it.
            name: Name of the restorer for error messages.

        Returns:
            (T, T, 3) uint8 RGB; T is the network's own output size.

        Raises:
            RestorerFailed: If the run fails or gives NaN.
            UnsupportedWeights: If what comes out is no square RGB picture.
        """
        planes = to_planes(resize_square(face, self.side_px), *value_range)
        feeds: dict[str, npt.NDArray[Any]] = {self._image.name: planes.astype(self._image.dtype)}
        if self._weight is not None:
            feeds[self._weight.name] = np.full(
                self._weight.shape, fidelity_weight, dtype=self._weight.dtype
            )
        try:
            output = np.asarray(self._session.run([self._output], feeds)[0])
        except onnx_errors() as error:
            raise RestorerFailed(f"{name}: onnxruntime stopped: {_first_line(error)}") from error
        _require_picture_output(self.path, list(output.shape))
        return from_planes(output, *value_range, name)


def _open_session(path: Path, device: str, threads: int | None) -> Any:
    provider = _PROVIDERS.get(device)
    if provider is None or provider not in ort.get_available_providers():
        raise InvalidInput(
            f"expected device cpu, or cuda where onnxruntime-gpu is installed, got {device!r}"
        )
    if threads is not None and threads < 1:
        raise InvalidInput(f"expected at least 1 thread, got {threads}")
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.use_deterministic_compute = True
    options.intra_op_num_threads = threads or thread_limit() or 0
    try:
        return ort.InferenceSession(str(path), options, providers=[provider], enable_fallback=0)
    except onnx_errors() as error:
        raise UnsupportedWeights(
            f"expected an ONNX file in {path}, got one that onnxruntime cannot load "
            f"({_first_line(error)}); get the published file"
        ) from error


def _find_inputs(path: Path, inputs: list[Any]) -> tuple[_Input, _Input | None]:
    images = [_as_image(item) for item in inputs]
    weights = [_as_weight(item) for item in inputs]
    found = [image for image in images if image is not None]
    scalars = [weight for weight in weights if weight is not None]
    if len(found) != 1 or len(found) + len(scalars) != len(inputs) or len(scalars) > 1:
        shapes = ", ".join(f"{item.name}: {item.type}{item.shape}" for item in inputs) or "none"
        raise UnsupportedWeights(
            f"expected a network with one picture input (1, 3, S, S) and at most one scalar "
            f"weight in {path}, got inputs {shapes}; this restorer cannot use it"
        )
    return found[0], scalars[0] if scalars else None


def _as_image(item: Any) -> _Input | None:
    """The input as a picture with its side filled in, or None when it is none."""
    if item.type not in _FLOATS or len(item.shape) != 4:
        return None
    batch, channels, height, width = item.shape
    fixed = {size for size in (height, width) if isinstance(size, int)}
    side = fixed.pop() if fixed else FRAME_PX
    right = channels == 3 and not fixed and 32 <= side <= _LARGEST_PX
    if not right or (isinstance(batch, int) and batch != 1):
        return None
    return _Input(item.name, _FLOATS[item.type], (1, 3, side, side))


def _as_weight(item: Any) -> _Input | None:
    """The input as one number, or None when it is none."""
    if item.type not in _FLOATS or len(item.shape) > 2:
        return None
    if any(isinstance(size, int) and size != 1 for size in item.shape):
        return None
    return _Input(item.name, _FLOATS[item.type], (1,) * len(item.shape))


def _require_picture_output(path: Path, shape: list[Any]) -> None:
    right = len(shape) == 4 and all(
        not isinstance(size, int) or size == wanted
        for size, wanted in zip(shape[:2], (1, 3), strict=True)
    )
    if right and isinstance(shape[2], int) and isinstance(shape[3], int):
        right = shape[2] == shape[3]
    if not right:
        raise UnsupportedWeights(
            f"expected a network whose first output is one RGB picture (1, 3, S, S) in {path}, "
            f"got an output of shape {shape}; this restorer cannot use it"
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:160] or type(error).__name__
