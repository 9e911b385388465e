"""The store gives only checked files, tells what to do otherwise, and deletes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from facefidelity.core.errors import (
    ChecksumMismatch,
    InvalidInput,
    NotRegistered,
    WeightsMissing,
)
from facefidelity.core.weights import WeightsFile, WeightsState, WeightsStore, default_root
from facefidelity.core.weights import verification as verification_module

PAGE = Path(__file__).parents[2] / "docs" / "weights.md"
BODY = b"weights of a small network"
NET = WeightsFile(
    name="net.onnx",
    url="https://example.org/net.onnx",
    size_bytes=len(BODY),
    sha256=hashlib.sha256(BODY).hexdigest(),
    licence="MIT",
    commercial_use="yes",
    used_by=("test",),
)
FOLDER_IS_OBEYED = os.name == "posix" and os.geteuid() != 0


@pytest.fixture
def store(tmp_path: Path) -> WeightsStore:
    return WeightsStore(tmp_path, files=[NET])


def place(store: WeightsStore, body: bytes = BODY) -> Path:
    path = store.path("net.onnx")
    path.write_bytes(body)
    return path


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every file that is hashed from now on."""
    seen: list[Path] = []
    true_sha256 = verification_module.sha256_of

    def counting(path: Path) -> str:
        seen.append(path)
        return true_sha256(path)

    monkeypatch.setattr(verification_module, "sha256_of", counting)
    return seen


def test_the_missing_line_is_exactly_the_documented_one(store: WeightsStore) -> None:
    (template,) = (
        line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("weights file '")
    )
    expected = (
        template.replace("NAME", "net.onnx")
        .replace("URL", NET.url)
        .replace("PATH", str(store.path("net.onnx")))
    )
    with pytest.raises(WeightsMissing) as caught:
        store.require("net.onnx")
    assert str(caught.value) == expected
    assert "facefidelity models pull net.onnx " in expected
    assert store.state("net.onnx") is WeightsState.MISSING


def test_a_hand_placed_file_is_accepted_offline(store: WeightsStore) -> None:
    path = place(store)
    assert store.require("net.onnx") == path
    assert store.verify("net.onnx") == path
    assert store.pull("net.onnx") == path
    assert store.state("net.onnx") is WeightsState.PRESENT


@pytest.mark.parametrize(
    ("body", "came"),
    [(b"", "got 0 bytes"), (BODY[:-1], "got 25 bytes"), (BODY[::-1], "got SHA-256")],
    ids=["empty", "truncated", "same size"],
)
def test_a_wrong_file_is_refused_and_left_alone(
    store: WeightsStore, body: bytes, came: str
) -> None:
    path = place(store, body)
    for use in (store.require, store.verify, store.pull):
        with pytest.raises(ChecksumMismatch, match=came) as caught:
            use("net.onnx")
        assert "move it away, then run: facefidelity models pull net.onnx" in str(caught.value)
    assert store.state("net.onnx") is WeightsState.CORRUPT
    assert path.read_bytes() == body
    assert not list(store.root.glob("*.rejected"))


def test_a_folder_in_the_place_of_the_file_is_refused(store: WeightsStore) -> None:
    store.path("net.onnx").mkdir()
    with pytest.raises(ChecksumMismatch, match="not a file"):
        store.require("net.onnx")
    assert store.state("net.onnx") is WeightsState.CORRUPT


def test_a_dangling_link_is_not_replaced(store: WeightsStore, tmp_path: Path) -> None:
    path = store.path("net.onnx")
    path.symlink_to(tmp_path / "unmounted" / "net.onnx")
    with pytest.raises(InvalidInput, match="cannot read"):
        store.pull("net.onnx")
    assert path.is_symlink()
    assert store.state("net.onnx") is WeightsState.CORRUPT


@pytest.mark.skipif(not FOLDER_IS_OBEYED, reason="permissions do not bind this user (root)")
def test_an_unreadable_file_is_named(store: WeightsStore) -> None:
    place(store).chmod(0)
    with pytest.raises(InvalidInput, match="cannot read"):
        store.require("net.onnx")
    assert store.state("net.onnx") is WeightsState.CORRUPT


def test_a_file_is_hashed_once_then_remembered_across_stores(
    store: WeightsStore, hashed: list[Path]
) -> None:
    place(store)
    time.sleep(0.06)
    store.require("net.onnx")
    store.require("net.onnx")
    WeightsStore(store.root, files=[NET]).require("net.onnx")
    assert len(hashed) == 1
    store.verify("net.onnx")
    assert len(hashed) == 2


def test_a_change_of_the_same_size_is_seen(store: WeightsStore) -> None:
    path = place(store)
    time.sleep(0.06)
    store.require("net.onnx")
    times = path.stat()
    path.write_bytes(BODY[::-1])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(ChecksumMismatch):
        store.require("net.onnx")


def test_a_change_right_after_the_check_is_seen(store: WeightsStore) -> None:
    for _ in range(20):
        path = place(store)
        store.require("net.onnx")
        path.write_bytes(BODY[::-1])
        with pytest.raises(ChecksumMismatch):
            store.require("net.onnx")


def test_a_file_that_just_changed_is_not_remembered_yet(
    store: WeightsStore, hashed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification_module, "_CLOCK_GRAIN_NS", 10**12)
    place(store)
    store.require("net.onnx")
    store.require("net.onnx")
    assert len(hashed) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"net.onnx": 3}', '{"net.onnx": {}}', "\x00"])
def test_a_broken_record_is_ignored(store: WeightsStore, text: str) -> None:
    place(store)
    (store.root / "verified.json").write_text(text)
    assert store.state("net.onnx") is WeightsState.PRESENT


def test_a_remembered_hash_is_still_compared_with_the_registered_one(
    store: WeightsStore, hashed: list[Path]
) -> None:
    place(store)
    time.sleep(0.06)
    store.require("net.onnx")
    record = json.loads((store.root / "verified.json").read_text())
    record["net.onnx"]["sha256"] = "0" * 64
    (store.root / "verified.json").write_text(json.dumps(record))
    with pytest.raises(ChecksumMismatch, match="got SHA-256 0000"):
        store.require("net.onnx")
    assert store.verify("net.onnx")
    assert store.require("net.onnx")


def test_an_unwritable_record_costs_only_time(store: WeightsStore) -> None:
    place(store)
    (store.root / "verified.json").mkdir()
    time.sleep(0.06)
    assert store.require("net.onnx")
    assert not list(store.root.glob(".verified-*"))


def test_a_file_that_is_here_is_pulled_without_writing_anything(store: WeightsStore) -> None:
    place(store)
    (store.root / ".net.onnx.lock").mkdir()  # as in a folder that cannot be written
    assert store.pull("net.onnx") == store.path("net.onnx")


def test_an_unknown_name_is_answered_with_close_matches(store: WeightsStore) -> None:
    for use in (store.path, store.require, store.verify, store.state, store.pull):
        with pytest.raises(NotRegistered, match=r"did you mean net\.onnx"):
            use("net.onx")


def test_looking_creates_nothing(tmp_path: Path) -> None:
    store = WeightsStore(tmp_path / "absent", files=[NET])
    assert store.state("net.onnx") is WeightsState.MISSING
    assert store.path("net.onnx") == tmp_path / "absent" / "net.onnx"
    assert not store.root.exists()


def test_the_folder_follows_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path))
    assert default_root() == tmp_path / "weights" == WeightsStore().root
    monkeypatch.setenv("FACEFIDELITY_HOME", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert default_root().name == "weights"
    assert "facefidelity" in default_root().parts
    monkeypatch.delenv("FACEFIDELITY_HOME")
    assert default_root().is_absolute()


def test_importing_the_store_is_light() -> None:
    code = (
        "import sys, facefidelity.core.weights; "
        "print([m for m in ('torch', 'cv2', 'onnxruntime', 'numpy', 'rich') if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.strip() == "[]"
