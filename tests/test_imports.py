"""Importing costs nothing that was not asked for: no network, no noise, no thread, little time.

Times are processor time: a busy machine must not decide whether the package is light.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import facefidelity

HEAVY = [
    "PIL",
    "cv2",
    "dlib",
    "_dlib_pybind11",
    "gradio",
    "ncnn",
    "numpy",
    "onnxruntime",
    "pydantic",
    "ray",
    "scipy",
    "skimage",
    "torch",
]
IMPORT_SECONDS = 0.2
HELP_SECONDS = 0.5

TIMED_IMPORT = """
import json, sys, threading, time
since = time.process_time()
import facefidelity
seconds = time.process_time() - since
print(json.dumps([seconds, sorted(sys.modules), threading.active_count()]))
"""

HELP = """
import atexit, sys
atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))
from facefidelity.plugin.cli.main import main
main()
"""

# Imports every module of the package in one process. Third-party warnings are not ours to mend:
# only those that our own lines cause are errors.
IMPORT_EVERYTHING = """
import importlib, json, pkgutil, sys, threading, warnings
import facefidelity
have_torch = importlib.util.find_spec("torch") is not None
have_gradio = importlib.util.find_spec("gradio") is not None
needs_torch = ("facefidelity.assessor.training.", "facefidelity.restorers.torch_")
imported, skipped = ["facefidelity"], []
names = [m.name for m in pkgutil.walk_packages(facefidelity.__path__, "facefidelity.")]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for name in names:
        absent = name.startswith(needs_torch) and not have_torch
        if absent or (name.startswith("facefidelity.ui.") and not have_gradio):
            skipped.append(name)
            continue
        importlib.import_module(name)
        imported.append(name)
ours = [f"{w.filename}:{w.lineno} {w.message}" for w in caught if "facefidelity" in w.filename]
threads = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
print(json.dumps([imported, skipped, ours, threads]))
"""


def run(code: str, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
        check=True,
    )


def test_the_root_loads_nothing_heavy(tmp_path: Path) -> None:
    _, loaded, threads = json.loads(run(TIMED_IMPORT, tmp_path).stdout)
    assert "facefidelity" in loaded
    assert not [name for name in HEAVY if name in loaded]
    assert threads == 1


def test_the_root_imports_in_a_moment(tmp_path: Path) -> None:
    seconds = min(json.loads(run(TIMED_IMPORT, tmp_path).stdout)[0] for _ in range(5))
    assert seconds < IMPORT_SECONDS


def test_help_answers_in_a_moment(tmp_path: Path) -> None:
    """The whole process counts, the interpreter's own start included; waiting for others not."""
    seconds = []
    for _ in range(3):
        since = os.times()
        done = run(HELP, tmp_path, "--help")
        now = os.times()
        seconds.append(
            now.children_user - since.children_user + now.children_system - since.children_system
        )
    assert all(word in done.stdout for word in ("restore", "assess", "compare", "models", "doctor"))
    assert not [name for name in HEAVY if name in done.stderr.split()]
    assert min(seconds) < HELP_SECONDS


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A process that has imported every module of the package."""
    return run(IMPORT_EVERYTHING, tmp_path_factory.mktemp("imports"))


def test_no_import_speaks(imported: subprocess.CompletedProcess[str]) -> None:
    assert imported.stdout.count("\n") == 1, imported.stdout[:500]
    assert imported.stderr == ""


def test_no_import_warns_or_starts_a_thread(imported: subprocess.CompletedProcess[str]) -> None:
    names, _, ours, threads = json.loads(imported.stdout.splitlines()[-1])
    assert len(names) > 30
    assert ours == []
    assert threads == []


def test_every_module_imports(imported: subprocess.CompletedProcess[str]) -> None:
    skipped = json.loads(imported.stdout.splitlines()[-1])[1]
    if skipped:
        pytest.skip(f"torch or gradio is not installed: {', '.join(skipped)}")


def test_every_public_name_resolves() -> None:
    for name in facefidelity.__all__:
        assert getattr(facefidelity, name) is not None
        assert name in dir(facefidelity)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Gaurd'"):
        _ = facefidelity.Gaurd
