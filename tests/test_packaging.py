"""pyproject.toml says what is on the disk, and the disk holds nothing that it should not."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

import facefidelity

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it there

ROOT = Path(__file__).parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]

NOT_PACKAGE = {"tests", "benchmarks", "docs", "examples", "build", "dist", "demo", "runs"}
WEIGHT_SUFFIXES = (
    *(".bin", ".ckpt", ".dat", ".h5", ".npy", ".npz", ".onnx"),
    *(".param", ".pt", ".pth", ".safetensors"),
)
WEIGHT_LIMIT_MB = 12


def package_folders() -> Iterator[Path]:
    """Every folder that Python would import below the root, the root first."""
    pending = [ROOT]
    while pending:
        folder = pending.pop()
        yield folder
        pending.extend(
            child
            for child in folder.iterdir()
            if child.is_dir()
            and not child.name.startswith((".", "_"))
            and not (folder == ROOT and child.name in NOT_PACKAGE)
            and (child / "__init__.py").is_file()
        )


def dotted(folder: Path) -> str:
    return ".".join(("facefidelity", *folder.relative_to(ROOT).parts))


def owned_files(folder: Path) -> Iterator[Path]:
    """Files of one package: its folder, and folders below it that are not packages."""
    for child in sorted(folder.iterdir()):
        if child.is_file():
            yield child
        elif child.name != "__pycache__" and not (child / "__init__.py").is_file():
            yield from owned_files(child)


def tree_files() -> Iterator[Path]:
    """Every file that could be committed."""
    ignored = {"build", "dist", "demo", "runs", "__pycache__"}
    pending = [ROOT]
    while pending:
        for child in pending.pop().iterdir():
            hidden = child.name.startswith(".") and child.name != ".github"
            if child.name in ignored or child.is_symlink() or (hidden and child.is_dir()):
                continue
            if child.is_dir():
                pending.append(child)
            else:
                yield child


def test_every_package_on_the_disk_is_listed() -> None:
    assert sorted(SETUPTOOLS["packages"]) == sorted(dotted(f) for f in package_folders())


def test_the_list_of_packages_is_sorted() -> None:
    assert SETUPTOOLS["packages"] == sorted(SETUPTOOLS["packages"])


def test_package_data_belongs_to_listed_packages() -> None:
    assert set(SETUPTOOLS["package-data"]) <= set(SETUPTOOLS["packages"])
    assert SETUPTOOLS["include-package-data"] is False


@pytest.mark.parametrize(
    ("package", "pattern"),
    [(p, pattern) for p, patterns in SETUPTOOLS["package-data"].items() for pattern in patterns],
)
def test_every_package_data_pattern_matches_a_file(package: str, pattern: str) -> None:
    folder = ROOT.joinpath(*package.split(".")[1:])
    assert list(folder.glob(pattern)), f"nothing matches {pattern} in {folder.name}"


def test_no_asset_is_left_out_of_the_wheel() -> None:
    left_out = []
    for folder in package_folders():
        if folder == ROOT:
            continue
        patterns = SETUPTOOLS["package-data"].get(dotted(folder), [])
        for file in owned_files(folder):
            name = file.relative_to(folder).as_posix()
            if file.suffix != ".py" and not any(fnmatch(name, p) for p in patterns):
                left_out.append(file.relative_to(ROOT).as_posix())
    assert not left_out, "name them in [tool.setuptools.package-data], or move them"


def test_the_package_is_typed_for_its_users() -> None:
    assert "py.typed" in SETUPTOOLS["package-data"]["facefidelity"]
    assert (ROOT / "py.typed").is_file()


def test_the_root_holds_one_module_and_no_folder_of_its_name() -> None:
    assert [p.name for p in ROOT.glob("*.py")] == ["__init__.py"]
    assert not (ROOT / "facefidelity").exists()


def test_tests_are_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_no_large_weights_in_the_tree() -> None:
    large = {
        p.relative_to(ROOT).as_posix(): p.stat().st_size
        for p in tree_files()
        if p.suffix.lower() in WEIGHT_SUFFIXES and p.stat().st_size > WEIGHT_LIMIT_MB * 1_000_000
    }
    assert not large, f"weights over {WEIGHT_LIMIT_MB} MB come by `facefidelity models pull`"


def test_one_version_everywhere() -> None:
    assert facefidelity.__version__ == PROJECT["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"[{PROJECT['version']}]" in changelog


def test_the_command_exists() -> None:
    module, function = PROJECT["scripts"]["facefidelity"].split(":")
    source = ROOT.joinpath(*module.split(".")[1:]).with_suffix(".py")
    assert re.search(rf"^def {function}\(", source.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_base_has_no_heavy_dependency() -> None:
    names = {re.split(r"[^\w-]", line)[0].lower() for line in PROJECT["dependencies"]}
    heavy = {"torch", "torchvision", "gradio", "ray", "opencv-python", "gfpgan", "basicsr"}
    assert not names & heavy


def test_all_holds_every_extra_for_users() -> None:
    extras = PROJECT["optional-dependencies"]
    # Each named in docs/dependencies.md with the reason why it is not in "all".
    alone = {"parquet", "peers", "ray", "spandrel"}
    assert (
        set(extras)
        == {"all", "bench", "demo", "dev", "gfpgan", "provenance", "serve", "test", "train", "tune"}
        | {"ui", "video"}
        | alone
    )
    inside = re.fullmatch(r"facefidelity\[(.*)\]", extras["all"][0])
    assert inside is not None
    assert set(inside[1].split(",")) == set(extras) - {"all", "demo", "dev", "test"} - alone


def test_both_opencv_builds_are_one_version() -> None:
    """They share the folder cv2/: two versions side by side break both."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    found = re.findall(r"^opencv-python(?:-headless)?==(\S+)$", text, re.MULTILINE)
    assert len(found) == 2
    assert len(set(found)) == 1
