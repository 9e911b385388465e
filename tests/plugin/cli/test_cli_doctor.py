"""``facefidelity doctor`` names each lack with its fix and always ends well."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from facefidelity.core.weights import WeightsStore, registered_weights
from facefidelity.plugin import diagnosis
from facefidelity.plugin.cli.doctor import doctor
from facefidelity.plugin.diagnosis import BASE_DISTRIBUTIONS, EXTRAS, Finding, FindingStatus

PROJECT = Path(__file__).parents[3] / "pyproject.toml"
NOT_RUNTIME = {"demo", "test", "dev", "all"}


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """Pretended versions of distributions; others are as they are."""
    pretended: dict[str, str | None] = {}
    true_version = diagnosis._version
    monkeypatch.setattr(
        diagnosis,
        "_version",
        lambda name: pretended[name] if name in pretended else true_version(name),
    )
    return pretended


def finding(check: str, tmp_path: Path) -> Finding:
    """The one finding of that name; packages of other names are not tried, which takes time."""
    store = WeightsStore(tmp_path / "weights")
    with pytest.MonkeyPatch.context() as patched:
        probes = {name: probe for name, probe in diagnosis._PROBES.items() if name == check}
        patched.setattr(diagnosis, "_PROBES", probes)
        (found,) = (one for one in diagnosis.diagnose(store) if one.check == check)
    return found


def names(requirements: list[str]) -> tuple[str, ...]:
    return tuple(re.split(r"[<>=\[]", requirement)[0] for requirement in requirements)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib came with Python 3.11")
def test_the_lists_are_those_of_the_project_file() -> None:
    import tomllib

    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    assert names(project["dependencies"]) == BASE_DISTRIBUTIONS
    extras = project["optional-dependencies"]
    assert {name: names(extras[name]) for name in extras if name not in NOT_RUNTIME} == EXTRAS


def test_the_command_reports_in_both_formats_and_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path))
    app = typer.Typer()
    app.command()(doctor)
    as_json = CliRunner().invoke(app, ["--format", "json"])
    as_text = CliRunner().invoke(app, [])
    assert (as_json.exit_code, as_text.exit_code) == (0, 0)
    lines = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert all(line["fix"] for line in lines if line["status"] != "ok")
    checks = {line["check"] for line in lines}
    expected = {"python", "facefidelity", "onnxruntime providers", "ncnn import", "dlib import"}
    assert expected | set(BASE_DISTRIBUTIONS) <= checks
    assert {f"weights {file.name}" for file in registered_weights()} <= checks
    assert all(check in as_text.stdout for check in checks)
    assert not (tmp_path / "weights").exists()


def test_an_absent_dependency_comes_with_its_pip_line(
    tmp_path: Path, versions: dict[str, str | None]
) -> None:
    versions["ncnn"] = None
    found = finding("ncnn", tmp_path)
    assert (found.status, found.fix) == (FindingStatus.LACK, "pip install ncnn")


def test_an_absent_extra_comes_with_its_pip_line(
    tmp_path: Path, versions: dict[str, str | None]
) -> None:
    versions["gfpgan"] = None
    found = finding("extra gfpgan", tmp_path)
    assert found.status is FindingStatus.OPTIONAL
    assert "gfpgan" in found.detail
    assert found.fix == "pip install 'facefidelity[gfpgan]'"


@pytest.mark.parametrize(
    ("full", "headless", "status"),
    [
        ("5.0.0.93", "5.0.0.93", FindingStatus.OK),
        (None, "5.0.0.93", FindingStatus.OK),
        ("4.10.0.84", "5.0.0.93", FindingStatus.LACK),
    ],
)
def test_two_versions_of_opencv_are_a_clash(
    tmp_path: Path,
    versions: dict[str, str | None],
    full: str | None,
    headless: str,
    status: FindingStatus,
) -> None:
    versions.update({"opencv-python": full, "opencv-python-headless": headless})
    found = finding("opencv builds", tmp_path)
    assert found.status is status
    if status is FindingStatus.LACK:
        assert "opencv-python==5.0.0.93 opencv-python-headless==5.0.0.93" in found.fix


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("raise ImportError('libGL.so.1: cannot open')", "ImportError: libGL.so.1: cannot open"),
        ("import os; os.abort()", "the process ended with"),
    ],
)
def test_a_package_that_breaks_or_crashes_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, detail: str
) -> None:
    monkeypatch.setitem(diagnosis._PROBES, "opencv import", (code, "opencv-python-headless"))
    found = finding("opencv import", tmp_path)
    assert found.status is FindingStatus.LACK
    assert detail in found.detail
    assert "opencv-python-headless" in found.fix


def test_a_corrupt_weights_file_is_a_lack_and_stays(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    path = tmp_path / "weights" / "GFPGANv1.4.pth"
    path.write_bytes(b"truncated")
    found = finding("weights GFPGANv1.4.pth", tmp_path)
    assert found.status is FindingStatus.LACK
    assert "got 9 bytes" in found.detail
    assert "facefidelity models pull GFPGANv1.4.pth" in found.fix
    assert path.read_bytes() == b"truncated"


def test_a_cache_folder_that_cannot_be_written_is_a_lack(tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("a file is in the way")
    found = finding("cache folder", tmp_path)
    assert found.status is FindingStatus.LACK
    assert "FACEFIDELITY_HOME" in found.fix


def test_the_commands_load_nothing_heavy_for_their_help() -> None:
    code = (
        "import sys, facefidelity.plugin.cli.models, facefidelity.plugin.cli.doctor; "
        "heavy = ('torch', 'cv2', 'onnxruntime', 'numpy', 'ncnn', 'urllib.request'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.strip() == "[]"
