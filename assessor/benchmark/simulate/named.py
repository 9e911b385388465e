"""Named virtual cameras as data: benchmarks name them, training never sees them.

A camera is a YAML file below `cameras/`. A number stays as it is; a pair is a range that every
picture draws from. `held_out` marks a camera with a fault that the random cameras never have.
How to write one: docs/benchmark.md.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final

import cv2
import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ....core.errors import InvalidInput, NotRegistered
from ....core.yaml_files import read_yaml
from .analogue import AnalogueLine
from .camera import VirtualCamera, require_known

__all__ = ["NamedCamera", "camera_names", "load_camera", "named_camera"]

_FOLDER: Final = Path(__file__).parent / "cameras"
_Pair = tuple[float, float]


def _ordered(value: float | _Pair) -> float | _Pair:
    if isinstance(value, tuple) and value[0] > value[1]:
        raise ValueError(f"expected a range from low to high, got {list(value)}")
    return value


def _within(value: _Pair, low: float, high: float) -> _Pair:
    if not low <= value[0] <= value[1] <= high:
        raise ValueError(f"expected a range between {low:g} and {high:g}, got {list(value)}")
    return value


def _positive(value: float | _Pair) -> float | _Pair:
    if (value[0] if isinstance(value, tuple) else value) <= 0:
        raise ValueError(f"expected more than 0, got {value}")
    return value


Range = Annotated[float | _Pair, AfterValidator(_ordered)]
_FaceWidth = Annotated[_Pair, AfterValidator(lambda pair: _within(pair, 1, 10_000))]
_Quality = Annotated[_Pair, AfterValidator(lambda pair: _within(pair, 1, 100))]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _Line(_Strict):
    luma_sigma_px: Range = 0.0
    chroma_sigma_px: Range = 0.0
    ringing: Range = 0.0
    crawl: Range = 0.0
    ghost: Range = 0.0
    ghost_px: int = 0
    comb_px: int = 0


class NamedCamera(_Strict):
    """One camera: what it is, and the range of every parameter of `VirtualCamera`.

    Ranges are uniform, that of ``face_px`` uniform in its logarithm. ``noise`` and ``processing``
    map a kind to its strength; each is left out where the draw is 0 or below.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    summary: str = Field(pattern=r"^[^|\r\n]+$")
    held_out: bool = False
    face_px: _FaceWidth
    grey: bool = False
    saturation: Range = 1.0
    red_gain: Range = 1.0
    blue_gain: Range = 1.0
    falloff: Range = 0.0
    contrast: Range = 1.0
    exposure: Range = 0.0
    gamma: Annotated[Range, AfterValidator(_positive)] = 1.0
    motion_px: Range = 0.0
    defocus_px: Range = 0.0
    noise: dict[str, Range] = Field(default_factory=dict)
    demosaic: str = ""
    processing: dict[str, Range] = Field(default_factory=dict)
    line: _Line = _Line()
    overlay_share: float = Field(default=0.0, ge=0, le=1)
    codec: str
    quality: _Quality
    passes: int = Field(default=1, ge=1, le=4)
    occluder_share: float = Field(default=0.0, ge=0, le=1)

    def model_post_init(self, _: Any) -> None:
        """Refuse names that the simulator does not know."""
        require_known(self.noise, self.processing, self.demosaic, self.codec)

    @property
    def codecs(self) -> tuple[str, ...]:
        """The codecs that it may use."""
        return (self.codec,)

    def draw(self, rng: np.random.Generator) -> VirtualCamera:
        """Draw the parameters of one picture."""

        def one(value: float | _Pair) -> float:
            return float(rng.uniform(*value)) if isinstance(value, tuple) else float(value)

        low, high = np.log(self.face_px)
        line = AnalogueLine(
            luma_sigma_px=one(self.line.luma_sigma_px),
            chroma_sigma_px=one(self.line.chroma_sigma_px),
            ringing=one(self.line.ringing),
            crawl=one(self.line.crawl),
            ghost=one(self.line.ghost),
            ghost_px=self.line.ghost_px,
            comb_px=self.line.comb_px,
        )
        noise = tuple((kind, one(value)) for kind, value in self.noise.items())
        steps = tuple((kind, one(value)) for kind, value in self.processing.items())
        return VirtualCamera(
            face_px=float(np.exp(rng.uniform(low, high))),
            resampler=cv2.INTER_AREA,
            grey=self.grey,
            saturation=one(self.saturation),
            white_balance=(one(self.red_gain), one(self.blue_gain)),
            falloff=one(self.falloff),
            contrast=one(self.contrast),
            exposure=one(self.exposure),
            gamma=one(self.gamma),
            motion_px=max(0.0, one(self.motion_px)),
            motion_degrees=float(rng.uniform(0, 180)),
            defocus_px=max(0.0, one(self.defocus_px)),
            noise=tuple(pair for pair in noise if pair[1] > 0),
            demosaic=self.demosaic,
            processing=tuple(pair for pair in steps if pair[1] > 0),
            analogue=line,
            overlay=bool(rng.random() < self.overlay_share),
            codec=self.codec,
            quality=tuple(round(one(self.quality)) for _ in range(self.passes)),
            upsampler=cv2.INTER_LINEAR,
        )


def camera_names() -> list[str]:
    """Names of the shipped cameras, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


@lru_cache(maxsize=32)
def load_camera(path: Path) -> NamedCamera:
    """Read one camera from a YAML file.

    Raises:
        InvalidInput: If it is not there or says something that the simulator does not know.
    """
    try:
        return NamedCamera.model_validate(read_yaml(path, "a camera's YAML file"))
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{'.'.join(map(str, first['loc']))}: " if first["loc"] else ""
        said = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(
            f"cannot use the camera in {path}: {where}{said}; docs/benchmark.md says what a camera "
            "file holds"
        ) from error


def named_camera(name: str) -> NamedCamera:
    """A shipped camera by its name, or an own one by the path of its YAML file.

    Raises:
        NotRegistered: If there is no camera of that name.
        InvalidInput: If the file is not a camera.
    """
    if name.endswith((".yaml", ".yml")):
        return load_camera(Path(name))
    names = camera_names()
    if name not in names:
        raise NotRegistered("camera", name, (*names, "random", "a YAML file"))
    return load_camera(_FOLDER / f"{name}.yaml")
