"""GFPGAN 1.3 and 1.4, the network called directly with its noise pinned.

The gfpgan package's own ``GFPGANer`` is not used: it adds random noise, prints, and returns the
input when it fails. Its ``weight`` does nothing in the network, so there is no such setting here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..core.errors import MissingExtra
from ..core.protocols import Restorer, RestorerInfo
from .frames import FRAME_PX
from .settings import NoSettings
from .weights_file import locate_weights

if TYPE_CHECKING:
    import torch

__all__ = ["INFO_1_3", "INFO_1_4", "create_1_3", "create_1_4", "gfpgan_network"]

_LICENCE: Final = "Apache-2.0 except StyleGAN2 (NVIDIA, non-commercial) and DFDNet (CC BY-NC-SA)"


def _info(version: str, summary: str) -> RestorerInfo:
    return RestorerInfo(
        name=f"gfpgan-{version}",
        kind="generative",
        input_size=FRAME_PX,
        settings=NoSettings,
        licence=_LICENCE,
        commercial_use="unclear",
        summary=summary,
        weights=(f"GFPGANv{version}.pth",),
        extra="gfpgan",
    )


INFO_1_3: Final = _info("1.3", "GFPGAN 1.3: natural look, changes identity a little")
INFO_1_4: Final = _info("1.4", "GFPGAN 1.4: more detail than 1.3, somewhat truer to the person")


def gfpgan_network() -> torch.nn.Module:
    """Build GFPGANv1Clean as releases 1.3 and 1.4 have it, with random parameters.

    Raises:
        MissingExtra: If torch or the gfpgan packages are not installed.
    """
    try:
        from .compat import prepare

        prepare()
        from gfpgan.archs.gfpganv1_clean_arch import GFPGANv1Clean
    except ImportError as error:
        raise MissingExtra("the gfpgan restorer", "gfpgan") from error
    network: torch.nn.Module = GFPGANv1Clean(
        out_size=FRAME_PX,
        num_style_feat=512,
        channel_multiplier=2,
        decoder_load_path=None,
        fix_decoder=False,
        num_mlp=8,
        input_is_latent=True,
        different_w=True,
        narrow=1,
        sft_half=True,
    )
    return network


def _create(info: RestorerInfo, weights: Path | None, device: str, trust: bool) -> Restorer:
    path = locate_weights(info.weights[0], weights, trust)
    network = gfpgan_network()
    from .torch_network import TorchRestorer, load_parameters, torch_device

    target = torch_device(device)
    load_parameters(network, path, "GFPGANv1Clean (1.3 or 1.4)")
    # Without randomize_noise=False the delivered face would not be the judged one.
    options = {"return_rgb": False, "randomize_noise": False}
    return TorchRestorer(info, network, target, options)


def create_1_3(weights: Path | None = None, device: str = "cpu", trust: bool = False) -> Restorer:
    """Load GFPGAN 1.3.

    Args:
        weights: A checkpoint of the caller's own, or None for the weights store's.
        device: torch device.
        trust: Whether the caller vouches for a file that is not registered.

    Raises:
        WeightsMissing: If the weights are not here.
        UntrustedWeights: If the file is not registered and nobody vouches for it.
        MissingExtra: If torch or gfpgan is not installed.
        UnsupportedWeights: If the file is not a GFPGAN 1.3 or 1.4 checkpoint.
        InvalidInput: If the device does not work.
    """
    return _create(INFO_1_3, weights, device, trust)


def create_1_4(weights: Path | None = None, device: str = "cpu", trust: bool = False) -> Restorer:
    """Load GFPGAN 1.4; arguments and errors are those of :func:`create_1_3`."""
    return _create(INFO_1_4, weights, device, trust)
