"""Face restoration from ONNX files: any file, and FaceFusion's exports by name.

Only exports that want faces in the FFHQ frame are registered here; ``gpen_bfr_256`` wants another
frame: ``gpen_256.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, Field

from ..core.errors import InvalidInput, UnsupportedWeights, WeightsMissing
from ..core.protocols import Restorer, RestorerInfo, RGBImage
from ..core.weights import require_trusted
from .frames import FRAME_PX, check_face
from .settings import NoSettings, RestorerSettings, require_settings
from .weights_file import locate_weights

if TYPE_CHECKING:
    from .onnx_network import OnnxNetwork

__all__ = [
    "INFO",
    "INFO_CODEFORMER",
    "INFO_GFPGAN_1_4",
    "INFO_GPEN_512",
    "FidelityWeightSettings",
    "OnnxFileSettings",
    "OnnxRestorer",
    "create_codeformer",
    "create_gfpgan_1_4",
    "create_gpen_512",
]

_RANGES: Final[dict[str, tuple[float, float]]] = {
    "-1..1": (-1.0, 1.0),
    "0..1": (0.0, 1.0),
    "0..255": (0.0, 255.0),
}
_USUAL_WEIGHT: Final = 0.5


class FidelityWeightSettings(RestorerSettings):
    """CodeFormer's one knob."""

    fidelity_weight: float = Field(
        default=_USUAL_WEIGHT,
        ge=0,
        le=1,
        description="0 invents freely for looks, 1 keeps closest to the input.",
    )


class OnnxFileSettings(RestorerSettings):
    """Which file, and what it expects."""

    path: str = Field(default="", description="The ONNX file; may be given to the factory instead.")
    value_range: Literal["-1..1", "0..1", "0..255"] = Field(
        default="-1..1", description="What black and white are to the network, in and out."
    )
    fidelity_weight: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Only for a network with a weight input (0.5 when unset): 0 invents freely, "
        "1 keeps closest to the input.",
    )


INFO: Final = RestorerInfo(
    name="onnx",
    kind="generative",
    input_size=FRAME_PX,
    settings=OnnxFileSettings,
    licence="that of your file",
    commercial_use="unclear",
    summary="any face restoration network in an ONNX file: --set path=FILE.onnx",
)


def _export(
    name: str, settings: type[BaseModel], licence: str, use: str, file: str
) -> RestorerInfo:
    return RestorerInfo(
        name=name,
        kind="generative",
        input_size=FRAME_PX,
        settings=settings,
        licence=licence,
        commercial_use=use,
        summary=f"FaceFusion's export {file}, run by onnxruntime without torch",
        weights=(file,),
    )


INFO_GFPGAN_1_4: Final = _export(
    "gfpgan-1.4-onnx",
    NoSettings,
    "Apache-2.0 except StyleGAN2 (NVIDIA, non-commercial) and DFDNet (CC BY-NC-SA)",
    "unclear",
    "gfpgan_1.4.onnx",
)
INFO_CODEFORMER: Final = _export(
    "codeformer-onnx",
    FidelityWeightSettings,
    "S-Lab License 1.0, non-commercial",
    "no",
    "codeformer.onnx",
)
INFO_GPEN_512: Final = _export(
    "gpen-512-onnx",
    NoSettings,
    "academic and non-commercial use only",
    "no",
    "gpen_bfr_512.onnx",
)


class OnnxRestorer:
    """Restores with the network of one ONNX file, which its settings may name."""

    def __init__(
        self,
        weights: Path | None = None,
        device: str = "cpu",
        threads: int | None = None,
        info: RestorerInfo = INFO,
        trust: bool = False,
    ) -> None:
        """Load the file, or wait for settings that name one.

        Args:
            weights: The ONNX file, or None when the settings will name it.
            device: "cpu" or "cuda".
            threads: CPU threads, or None for onnxruntime's choice.
            info: What it is; the default is the restorer for any file.
            trust: Whether the caller vouches for files that are not registered.

        Raises:
            WeightsMissing: If the file is not there.
            UntrustedWeights: If it is no registered file and nobody vouches for it.
            UnsupportedWeights: If it is no ONNX network from picture to picture, or lacks the
                fidelity weight that ``info`` promises.
            InvalidInput: If the device is not there.
        """
        self._info = info
        self._device = device
        self._threads = threads
        self._trust = trust
        self._network = None if weights is None else self._load(Path(weights))
        promised = info.settings is FidelityWeightSettings
        if self._network is not None and promised and not self._network.takes_fidelity_weight:
            raise UnsupportedWeights(
                f"expected a network with a fidelity weight in {weights}, got one without; "
                f"use --restorer onnx for it, or run: facefidelity models pull {info.weights[0]}"
            )

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
            (T, T, 3) uint8 RGB in the same frame; T is the network's own.

        Raises:
            InvalidInput: If the face or the settings are of the wrong kind, or a fidelity weight
                is set for a network that takes none.
            WeightsMissing: If no file was named, or it is not there.
            UntrustedWeights: If it is no registered file and nobody vouches for it.
            UnsupportedWeights: If the file is no network from picture to picture.
            RestorerFailed: If the network fails or gives NaN.
        """
        require_settings(self._info, settings)
        pixels = check_face(face)
        network = self._network
        value_range, weight = _RANGES["-1..1"], None
        if isinstance(settings, OnnxFileSettings):
            network = self._chosen(settings.path)
            value_range, weight = _RANGES[settings.value_range], settings.fidelity_weight
        elif isinstance(settings, FidelityWeightSettings):
            weight = settings.fidelity_weight
        if network is None:
            raise WeightsMissing(_no_file())
        if weight is not None and not network.takes_fidelity_weight:
            raise InvalidInput(
                f"the network in {network.path} takes no fidelity weight, got {weight}; "
                "leave the setting away"
            )
        used = _USUAL_WEIGHT if weight is None else weight
        return network.restore(pixels, value_range, used, self._info.name)

    def _chosen(self, path: str) -> OnnxNetwork | None:
        """The network of a path in the settings; it stays loaded for the next face."""
        if path and (self._network is None or self._network.path != Path(path)):
            self._network = self._load(Path(path))
        return self._network

    def _load(self, path: Path) -> OnnxNetwork:
        if not path.is_file():
            raise WeightsMissing(f"expected an ONNX file at {path}, found none; {_no_file()}")
        require_trusted(path, self._trust)
        from .onnx_network import OnnxNetwork

        return OnnxNetwork(path, self._device, self._threads)


def _no_file() -> str:
    export = INFO_GFPGAN_1_4
    return (
        "the restorer onnx needs a file: say --set path=FILE.onnx, or take a published one with "
        f"--restorer {export.name} after: facefidelity models pull {export.weights[0]}"
    )


def _create(
    info: RestorerInfo, weights: Path | None, device: str, threads: int | None, trust: bool
) -> Restorer:
    path = locate_weights(info.weights[0], weights, trust)
    return OnnxRestorer(path, device, threads, info, trust=True)  # located files are checked


def create_gfpgan_1_4(
    weights: Path | None = None,
    device: str = "cpu",
    threads: int | None = None,
    trust: bool = False,
) -> Restorer:
    """Load FaceFusion's export of GFPGAN 1.4; arguments and errors as :class:`OnnxRestorer`."""
    return _create(INFO_GFPGAN_1_4, weights, device, threads, trust)


def create_codeformer(
    weights: Path | None = None,
    device: str = "cpu",
    threads: int | None = None,
    trust: bool = False,
) -> Restorer:
    """Load FaceFusion's export of CodeFormer; arguments and errors as :class:`OnnxRestorer`."""
    return _create(INFO_CODEFORMER, weights, device, threads, trust)


def create_gpen_512(
    weights: Path | None = None,
    device: str = "cpu",
    threads: int | None = None,
    trust: bool = False,
) -> Restorer:
    """Load FaceFusion's export of GPEN 512; arguments and errors as :class:`OnnxRestorer`."""
    return _create(INFO_GPEN_512, weights, device, threads, trust)
