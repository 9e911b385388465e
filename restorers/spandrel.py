"""Face restorers from checkpoints that spandrel recognises: any file, and CodeFormer by name.

spandrel and torch are imported by the factories only.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field

from ..core.errors import InvalidInput, MissingExtra, WeightsMissing
from ..core.protocols import Restorer, RestorerInfo, RGBImage
from ..core.weights import require_trusted
from .frames import FRAME_PX, check_face
from .onnx import FidelityWeightSettings
from .settings import RestorerSettings, require_settings
from .weights_file import locate_weights

if TYPE_CHECKING:
    from .torch_spandrel import SpandrelNetwork

__all__ = [
    "INFO",
    "INFO_CODEFORMER",
    "SpandrelFileSettings",
    "SpandrelRestorer",
    "create_codeformer",
]


class SpandrelFileSettings(RestorerSettings):
    """Which file, and CodeFormer's knob where it is one."""

    path: str = Field(default="", description="The file; may be given to the factory instead.")
    fidelity_weight: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Only for CodeFormer (0.5 when unset): 0 invents freely for looks, 1 keeps "
        "closest to the input.",
    )


INFO: Final = RestorerInfo(
    name="spandrel",
    kind="generative",
    input_size=FRAME_PX,
    settings=SpandrelFileSettings,
    licence="that of your file",
    commercial_use="unclear",
    summary="any checkpoint that spandrel recognises: --set path=FILE.pth or FILE.safetensors",
    extra="spandrel",
)
INFO_CODEFORMER: Final = RestorerInfo(
    name="codeformer",
    kind="generative",
    input_size=FRAME_PX,
    settings=FidelityWeightSettings,
    licence="S-Lab License 1.0, non-commercial",
    commercial_use="no",
    summary="CodeFormer's own checkpoint, through spandrel_extra_arches",
    weights=("codeformer.pth",),
    extra="spandrel",
)


class SpandrelRestorer:
    """Restores with the network of one checkpoint, which its settings may name."""

    def __init__(
        self,
        weights: Path | None = None,
        device: str = "cpu",
        info: RestorerInfo = INFO,
        architecture: str | None = None,
        trust: bool = False,
    ) -> None:
        """Load the file, or wait for settings that name one.

        Args:
            weights: The checkpoint, or None when the settings will name it.
            device: torch device.
            info: What it is; the default is the restorer for any file.
            architecture: spandrel's name of the only architecture that will do, None for any.
            trust: Whether the caller vouches for files that are not registered.

        Raises:
            WeightsMissing: If the file is not there.
            UntrustedWeights: If it is no registered file and nobody vouches for it.
            UnsupportedWeights: If it is no restorer that spandrel recognises, or not of that
                architecture.
            MissingExtra: If torch or spandrel is not installed.
            InvalidInput: If the device does not work.
        """
        self._info = info
        self._device = device
        self._architecture = architecture
        self._trust = trust
        self._network = None if weights is None else self._load(Path(weights))

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
            (512, 512, 3) uint8 RGB in the same frame; another size where a super-resolver's
            factor does not divide 512.

        Raises:
            InvalidInput: If the face or the settings are of the wrong kind, or a fidelity weight
                is set for a network that takes none.
            WeightsMissing: If no file was named, or it is not there.
            UntrustedWeights: If it is no registered file and nobody vouches for it.
            UnsupportedWeights: If the file is no restorer that spandrel recognises.
            RestorerFailed: If the network fails or gives NaN.
        """
        require_settings(self._info, settings)
        pixels = check_face(face)
        network, weight = self._network, None
        if isinstance(settings, SpandrelFileSettings):
            network, weight = self._chosen(settings.path), settings.fidelity_weight
        elif isinstance(settings, FidelityWeightSettings):
            weight = settings.fidelity_weight
        if network is None:
            raise WeightsMissing(
                "the restorer spandrel needs a file: say --set path=FILE.pth, or take a published "
                "one with --restorer codeformer after: facefidelity models pull codeformer.pth"
            )
        if weight is not None and not network.takes_fidelity_weight:
            raise InvalidInput(
                f"the network in {network.path} ({network.architecture}) takes no fidelity "
                f"weight, got {weight}; leave the setting away"
            )
        return network.restore(pixels, weight, self._info.name)

    def _chosen(self, path: str) -> SpandrelNetwork | None:
        """The network of a path in the settings; it stays loaded for the next face."""
        if path and (self._network is None or self._network.path != Path(path)):
            self._network = self._load(Path(path))
        return self._network

    def _load(self, path: Path) -> SpandrelNetwork:
        if not path.is_file():
            raise WeightsMissing(f"expected a checkpoint at {path}, found none; give another path")
        require_trusted(path, self._trust)
        try:
            from .torch_spandrel import SpandrelNetwork

            return SpandrelNetwork(path, self._device, self._architecture)
        except ImportError as error:
            raise MissingExtra(f"the {self._info.name} restorer", "spandrel") from error


def create_codeformer(
    weights: Path | None = None, device: str = "cpu", trust: bool = False
) -> Restorer:
    """Load CodeFormer's checkpoint.

    Args:
        weights: A checkpoint of the caller's own, or None for the weights store's.
        device: torch device.
        trust: Whether the caller vouches for a file that is not registered.

    Raises:
        WeightsMissing: If the weights are not here.
        UntrustedWeights: If the file is not registered and nobody vouches for it.
        MissingExtra: If torch or spandrel is not installed.
        UnsupportedWeights: If the file is not a CodeFormer checkpoint.
        InvalidInput: If the device does not work.
    """
    path = locate_weights(INFO_CODEFORMER.weights[0], weights, trust)
    return SpandrelRestorer(path, device, INFO_CODEFORMER, "CodeFormer", trust=True)
