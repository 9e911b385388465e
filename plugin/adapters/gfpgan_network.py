"""GFPGANer's networks, its exact way from bytes to bytes, and its face helper.

torch, basicsr, gfpgan and facexlib are imported by the functions that need them.
"""

from __future__ import annotations

import inspect
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import numpy as np
from pydantic import BaseModel, Field

from ...core.errors import (
    InvalidInput,
    MissingExtra,
    NotRegistered,
    RestorerFailed,
    RestorerOutputInvalid,
    WeightsMissing,
)
from ...core.protocols import RestorerInfo, RGBImage
from ...core.weights import WeightsStore
from ...restorers.settings import RestorerSettings, require_settings
from .forms import bgr_to_rgb, rgb_to_bgr

if TYPE_CHECKING:
    import torch

__all__ = ["ARCHITECTURES", "NetworkRestorer", "load_network", "retinaface_helper"]

ARCHITECTURES: Final = ("clean", "bilinear", "original", "RestoreFormer")
_DETECTOR: Final = "detection_Resnet50_Final.pth"
_PARSER: Final = "parsing_parsenet.pth"


class CallSettings(RestorerSettings):
    """What a call of ``enhance`` says to the network."""

    weight: float = Field(
        default=0.5, description="Handed to the network; GFPGAN's own networks ignore it."
    )


class NetworkRestorer:
    """A network as GFPGANer calls it, with its noise pinned.

    Args:
        network: Takes (1, 3, 512, 512) RGB in [-1, 1], returns a tuple that starts with the same.
        device: Where it lies.
        name: For the records.
    """

    def __init__(self, network: torch.nn.Module, device: Any, name: str = "gfpgan") -> None:
        self.network = network
        self.device = device
        self._name = name
        # GFPGANBilinear's forward takes no weight; upstream's own call of it fails.
        taken = inspect.signature(network.forward).parameters
        self._open = any(one.kind is one.VAR_KEYWORD for one in taken.values())
        self._taken = set(taken)

    @property
    def info(self) -> RestorerInfo:
        """What it is, as far as can be known of a network that was handed over."""
        return RestorerInfo(
            name=self._name,
            kind="generative",
            input_size=512,
            settings=CallSettings,
            licence="that of the weights",
            commercial_use="unclear",
            summary="a network called as GFPGANer calls it",
        )

    def restore(self, face: RGBImage, settings: BaseModel) -> RGBImage:
        """Restore one (512, 512, 3) uint8 RGB face; the bytes are those of GFPGANer's own way.

        Raises:
            RestorerFailed: If the network stops or gives NaN.
        """
        require_settings(self.info, settings)
        import torch
        from basicsr.utils import img2tensor, tensor2img
        from torchvision.transforms.functional import normalize

        planes = img2tensor(rgb_to_bgr(face) / 255.0, bgr2rgb=True, float32=True)
        normalize(planes, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), inplace=True)
        options = {
            "return_rgb": False,
            "randomize_noise": False,  # or the delivered face would not be the judged one
            "weight": settings.model_dump()["weight"],
        }
        taken = {
            name: value for name, value in options.items() if self._open or name in self._taken
        }
        try:
            with torch.no_grad():
                output = self.network(planes.unsqueeze(0).to(self.device), **taken)[0]
        except RuntimeError as error:
            raise RestorerFailed(f"{self._name}: torch stopped: {error}") from error
        if not bool(torch.isfinite(output).all()):
            raise RestorerOutputInvalid(f"{self._name}: the network gave NaN or infinity")
        restored = tensor2img(output.squeeze(0), rgb2bgr=True, min_max=(-1, 1))
        return bgr_to_rgb(np.asarray(restored, np.uint8))


def load_network(model_path: str, arch: str, channel_multiplier: int, device: Any) -> Any:
    """Build one of GFPGANer's networks and fill it; the file is never executed.

    Args:
        model_path: A checkpoint, or the address of a registered one that `models pull` brought.
        arch: One of `ARCHITECTURES`.
        channel_multiplier: As in GFPGANer.
        device: torch device.

    Raises:
        InvalidInput: If the architecture is unknown or the device does not work.
        WeightsMissing: If the file is not there.
        UnsupportedWeights: If it is no checkpoint of that architecture.
        MissingExtra: If gfpgan is not installed.
    """
    if arch not in ARCHITECTURES:
        raise InvalidInput(f"expected arch as one of {', '.join(ARCHITECTURES)}, got {arch!r}")
    path = _located(model_path)
    network = _build(arch, channel_multiplier)
    from ...restorers.torch_network import load_parameters

    load_parameters(network, path, arch)
    return network.eval().to(device)


def _located(model_path: str) -> Path:
    """The file; an address is looked up in the weights store, where its hash is checked."""
    if not str(model_path).startswith(("http://", "https://")):
        path = Path(model_path)
        if not path.is_file():
            raise WeightsMissing(f"expected a checkpoint at {path}, found none; give its path")
        return path
    name = Path(urlsplit(str(model_path)).path).name
    try:
        return WeightsStore().require(name)
    except NotRegistered as error:
        raise WeightsMissing(
            f"expected a checkpoint or the address of a registered one, got {model_path}, whose "
            "hash is not known; download it yourself and give its path"
        ) from error


def _build(arch: str, channel_multiplier: int) -> torch.nn.Module:
    try:
        from ...restorers.compat import prepare

        prepare()
        if arch == "RestoreFormer":
            from ...restorers.restoreformer import restoreformer_network

            return restoreformer_network()
        if arch == "clean":
            from gfpgan.archs.gfpganv1_clean_arch import GFPGANv1Clean as Network
        elif arch == "bilinear":
            from gfpgan.archs.gfpgan_bilinear_arch import GFPGANBilinear as Network
        else:
            from gfpgan.archs.gfpganv1_arch import GFPGANv1 as Network
    except ImportError as error:
        raise MissingExtra("the GFPGANer adapter", "gfpgan") from error
    network: torch.nn.Module = Network(
        out_size=512,
        num_style_feat=512,
        channel_multiplier=channel_multiplier,
        decoder_load_path=None,
        fix_decoder=arch == "original",
        num_mlp=8,
        input_is_latent=True,
        different_w=True,
        narrow=1,
        sft_half=True,
    )
    return network


def retinaface_helper(upscale: float, device: Any, *, required: bool) -> Any:
    """Build facexlib's helper with the verified RetinaFace and ParseNet of the weights store.

    Args:
        upscale: Factor of the picture.
        device: torch device.
        required: Raise where a file is missing, instead of answering None.

    Returns:
        A FaceRestoreHelper, or None.

    Raises:
        WeightsMissing: If a file is missing and it is required.
        ChecksumMismatch: If a file is there and is not the registered one.
    """
    store = WeightsStore()
    try:
        store.require(_DETECTOR)
        store.require(_PARSER)
    except WeightsMissing as error:
        if required:
            raise
        logging.getLogger("facefidelity.gfpgan").info("faces are found by dlib: %s", error)
        return None
    from facexlib.utils.face_restoration_helper import FaceRestoreHelper

    return FaceRestoreHelper(
        upscale,
        face_size=512,
        crop_ratio=(1, 1),
        det_model="retinaface_resnet50",
        save_ext="png",
        use_parse=True,
        device=device,
        model_rootpath=str(store.root),
    )
