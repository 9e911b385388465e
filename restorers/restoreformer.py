"""RestoreFormer, the network of the gfpgan package called directly."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..core.errors import MissingExtra
from ..core.protocols import Restorer, RestorerInfo
from .frames import FRAME_PX
from .settings import NoSettings
from .weights_file import locate_weights

if TYPE_CHECKING:
    import torch

__all__ = ["INFO", "create", "restoreformer_network"]

INFO: Final = RestorerInfo(
    name="restoreformer",
    kind="generative",
    input_size=FRAME_PX,
    settings=NoSettings,
    licence="not stated for these weights (trained on FFHQ, itself non-commercial)",
    commercial_use="unclear",
    summary="RestoreFormer: a transformer over a dictionary of high-quality faces",
    weights=("RestoreFormer.pth",),
    extra="gfpgan",
)


def restoreformer_network() -> torch.nn.Module:
    """Build RestoreFormer with random parameters.

    Raises:
        MissingExtra: If torch or the gfpgan packages are not installed.
    """
    try:
        from .compat import prepare

        prepare()
        from gfpgan.archs.restoreformer_arch import RestoreFormer
    except ImportError as error:
        raise MissingExtra("the restoreformer restorer", "gfpgan") from error
    with redirect_stdout(io.StringIO()):  # its constructor prints
        network: torch.nn.Module = RestoreFormer()
    return network


def create(weights: Path | None = None, device: str = "cpu", trust: bool = False) -> Restorer:
    """Load RestoreFormer.

    Args:
        weights: A checkpoint of the caller's own, or None for the weights store's.
        device: torch device.
        trust: Whether the caller vouches for a file that is not registered.

    Raises:
        WeightsMissing: If the weights are not here.
        UntrustedWeights: If the file is not registered and nobody vouches for it.
        MissingExtra: If torch or gfpgan is not installed.
        UnsupportedWeights: If the file is not a RestoreFormer checkpoint.
        InvalidInput: If the device does not work.
    """
    path = locate_weights(INFO.weights[0], weights, trust)
    network = restoreformer_network()
    from .torch_network import TorchRestorer, load_parameters, torch_device

    target = torch_device(device)
    load_parameters(network, path, "RestoreFormer")
    return TorchRestorer(INFO, network, target, {})
