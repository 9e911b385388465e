"""Which weights files a restorer loads, by their SHA-256; no network is loaded."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel

from ..core.errors import WeightsMissing
from ..core.protocols import RestorerInfo
from ..core.weights import weights_file
from ..core.weights.verification import sha256_of

__all__ = ["restorer_weights"]


def restorer_weights(info: RestorerInfo, settings: BaseModel) -> dict[str, str]:
    """File name to SHA-256 of what a restorer loads with these settings; empty without weights.

    Registered files are named by their registered hash, which their loader checks.

    Raises:
        WeightsMissing: If a file that is no registered one is not there.
    """
    from .onnx import OnnxFileSettings
    from .realesrgan import INFO as REALESRGAN
    from .realesrgan import packaged_weights
    from .spandrel import SpandrelFileSettings

    if isinstance(settings, (OnnxFileSettings, SpandrelFileSettings)):
        return _hashes((Path(settings.path),)) if settings.path else {}
    if info.name == REALESRGAN.name:
        param = packaged_weights()
        return _hashes((param, param.with_suffix(".bin")))
    return {name: weights_file(name).sha256 for name in info.weights}


def _hashes(paths: tuple[Path, ...]) -> dict[str, str]:
    try:
        return {path.name: _sha256(path, path.stat().st_mtime_ns) for path in paths}
    except OSError as error:
        raise WeightsMissing(
            f"expected a weights file at {error.filename}, got an error "
            f"({error.strerror or error}); give its path, or install its package again"
        ) from error


@lru_cache(maxsize=16)
def _sha256(path: Path, changed_ns: int) -> str:
    """Hash of one state of a file; asked again for the same state it is not read again."""
    del changed_ns
    return sha256_of(path)
