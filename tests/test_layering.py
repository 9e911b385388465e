"""Who may import whom: the layers, and where each dependency may appear, from the AST."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

import pytest

from .conftest import LAYERS, Module, modules

# Import names of the base dependencies in pyproject.toml.
NETWORKS_AND_ARRAYS = {"_dlib_pybind11", "PIL", "cv2", "ncnn", "numpy", "onnxruntime"}
COMMANDS_AND_SETTINGS = {"platformdirs", "pydantic", "rich", "typer", "yaml"}
BASE = frozenset(NETWORKS_AND_ARRAYS | COMMANDS_AND_SETTINGS)

# Import names of the extras: where each may be imported at all, and where at module level.
TORCH_LAZILY = (
    *("restorers/gfpgan.py", "restorers/restoreformer.py", "restorers/compat.py"),
    "plugin/adapters/*.py",  # fnmatch's * crosses folders: comfyui/ too
)
MATPLOTLIB = (
    "assessor/benchmark/evaluation/plots.py",
    "assessor/training/curve.py",
    "plugin/panels.py",
)
LEARNED_PEERS = "assessor/benchmark/evaluation/learned_peers.py"
TORCH_ALWAYS = ("restorers/torch_*.py", "assessor/training/*.py")
SCIPY_LAZILY = (
    "assessor/benchmark/ratings/mos.py",
    "assessor/calibration_fit.py",
    "guards/calibration.py",
)
SCIPY_ALWAYS = ("assessor/training/*.py", "assessor/benchmark/evaluation/*.py")
SERVICE = ("plugin/service/*.py",)
EXTRAS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "torch": ((*TORCH_LAZILY, *TORCH_ALWAYS, LEARNED_PEERS), TORCH_ALWAYS),
    "torchvision": (TORCH_LAZILY, ()),
    "basicsr": ((*TORCH_LAZILY, LEARNED_PEERS), ()),
    "brisque": ((LEARNED_PEERS,), ()),
    "pyiqa": ((LEARNED_PEERS,), ()),
    "av": (("assessor/benchmark/simulate/codecs.py", "plugin/video/library.py"), ()),
    "matplotlib": (MATPLOTLIB, ()),
    "gfpgan": (TORCH_LAZILY, ()),
    "facexlib": (TORCH_LAZILY, ()),
    "scipy": (SCIPY_LAZILY + SCIPY_ALWAYS, SCIPY_ALWAYS),
    "onnx": (("assessor/training/*.py",), ("assessor/training/*.py",)),
    "onnx_ir": (("assessor/training/export.py",), ("assessor/training/export.py",)),
    "onnxscript": (("assessor/training/export.py",), ("assessor/training/export.py",)),
    "spandrel": (("restorers/torch_spandrel.py",), ()),
    "spandrel_extra_arches": (("restorers/torch_spandrel.py",), ()),
    "safetensors": (("restorers/torch_spandrel.py",), ()),
    "comfy_api": (("plugin/adapters/comfyui/schema_v3.py",), ()),
    "google": (("assessor/training/export.py",), ("assessor/training/export.py",)),  # protobuf
    "optuna": (("plugin/tuning/proposals.py",), ()),
    "ray": (("plugin/batch/*.py",), ()),
    "fsspec": (("plugin/batch/stores.py",), ()),  # ray[data] stands on it
    "pyarrow": (("plugin/batch/*.py",), ()),
    "fastapi": (SERVICE, SERVICE),
    "starlette": ((*SERVICE, "ui/server.py"), SERVICE),  # fastapi and gradio stand on it
    "uvicorn": (SERVICE, SERVICE),
    "prometheus_client": (SERVICE, SERVICE),
    "c2pa": (("plugin/provenance/signing.py",), ()),
    "cryptography": (("plugin/provenance/signing.py",), ()),  # c2pa-python stands on it
    "gradio": (("ui/*.py",), ("ui/*.py",)),
    "plotly": (("ui/*.py",), ("ui/*.py",)),
}

# The command line puts every part together, those above it too, but only when a command runs.
ASSEMBLY = {"plugin/cli/ui.py": "ui"}


@dataclass(frozen=True)
class Import:
    """One imported module: absolute, or resolved below the package's root."""

    module: Module
    line: int
    target: tuple[str, ...]
    relative: bool
    runs_at_import: bool

    def __str__(self) -> str:
        return f"{self.module.path}:{self.line} imports {'.'.join(self.target) or 'the root'}"


def walk_imports(module: Module) -> Iterator[Import]:
    yield from _imports_below(module, module.tree, runs=True)


def _imports_below(module: Module, node: ast.AST, runs: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                target = tuple(alias.name.split("."))
                yield Import(module, child.lineno, target, False, runs)
        elif isinstance(child, ast.ImportFrom):
            yield from _from_imports(module, child, runs)
        elif isinstance(child, ast.Call) and (target := _dynamic_target(child)):
            yield Import(module, child.lineno, target, False, runs)
        below = runs and not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            below = False
        yield from _imports_below(module, child, below)


def _from_imports(module: Module, node: ast.ImportFrom, runs: bool) -> Iterator[Import]:
    named = tuple(node.module.split(".")) if node.module else ()
    if node.level == 0:
        yield Import(module, node.lineno, named, False, runs)
        return
    folders = tuple(module.path.split("/")[:-1])
    base = folders[: len(folders) - node.level + 1] + named
    for alias in node.names:
        yield Import(module, node.lineno, base or (alias.name,), True, runs)


def _dynamic_target(node: ast.Call) -> tuple[str, ...]:
    called = ast.unparse(node.func).split(".")[-1]
    if called not in {"import_module", "__import__"} or not node.args:
        return ()
    first = node.args[0]
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return ()
    return () if first.value.startswith(".") else tuple(first.value.split("."))


def all_imports() -> list[Import]:
    return [found for module in modules() for found in walk_imports(module)]


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def test_the_package_is_found_where_it_should_be() -> None:
    layers = {module.layer for module in modules()}
    assert {"core", "assessor", "restorers", "guards", "plugin", "root"} <= layers
    assert len(all_imports()) > 100


def test_inside_the_package_imports_are_relative() -> None:
    own = {"facefidelity", *LAYERS} - {"root"}
    wrong = [str(i) for i in all_imports() if not i.relative and i.target[0] in own]
    assert not wrong, "write these as relative imports"


def test_imports_go_one_way() -> None:
    wrong = []
    for found in all_imports():
        if not found.relative:
            continue
        target = found.target[0] if found.target[0] in LAYERS else "root"
        layer = found.module.layer
        if ASSEMBLY.get(found.module.path) == target and not found.runs_at_import:
            continue
        if target != layer and target not in LAYERS[layer]:
            wrong.append(f"{found} ({layer} must not know {target})")
    assert not wrong


def test_only_declared_packages_are_imported() -> None:
    known = BASE | set(EXTRAS) | set(sys.stdlib_module_names)
    wrong = [str(i) for i in all_imports() if not i.relative and i.target[0] not in known]
    assert not wrong, "declare it in pyproject.toml and name it here, or do without"


@pytest.mark.parametrize("package", sorted(EXTRAS))
def test_optional_packages_stay_in_their_place(package: str) -> None:
    anywhere, at_module_level = EXTRAS[package]
    uses = [i for i in all_imports() if not i.relative and i.target[0] == package]
    wrong = [str(i) for i in uses if not matches(i.module.path, anywhere)]
    eager = [
        str(i) for i in uses if i.runs_at_import and not matches(i.module.path, at_module_level)
    ]
    assert not wrong, f"{package} may be imported in {anywhere} only"
    assert not eager, f"{package} may be imported at module level in {at_module_level} only"
