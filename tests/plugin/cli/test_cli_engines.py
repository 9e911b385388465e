"""``restore`` with lists and URLs as inputs, and options that belong to the other engine."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from facefidelity.plugin.cli.main import run

WORDS = ["--restorer", "classical", "--set", "strength=0", "--no-isolate", "--format", "json"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--ray-workers", "2"], "--ray-workers with --engine ray, got --engine local"),
        (["--ray-address", "auto"], "--ray-address with --engine ray"),
        (["--gpu-fraction", "0.5"], "--gpu-fraction with --engine ray"),
        (["--engine", "ray", "--jobs", "2"], "--jobs with --engine local, got --engine ray"),
        (["--engine", "ray", "--no-isolate"], "--isolate with --engine local"),
        (["--engine", "ray", "--ray-address", "ray://head:10001"], "expected --ray-address as"),
        (["--engine", "ray", "--gpu-fraction", "1.5"], "expected --gpu-fraction from 0 to 1"),
        (["--engine", "slurm"], "'slurm' is not one of"),
    ],
)
def test_wrong_words_are_named(words, told, astronaut, put_picture, tmp_path, capsys) -> None:
    picture = put_picture("a.png", np.ascontiguousarray(astronaut[:64, :64]))
    out = tmp_path / "out"
    assert run(["restore", str(picture), "-o", str(out), "--restorer", "classical", *words]) == 2
    told_by = capsys.readouterr()
    assert told in told_by.err
    assert told_by.err.count("\n") == 1
    assert told_by.out == ""
    assert not list(out.glob("*.png"))


def test_a_store_and_a_list_are_inputs_like_others(
    astronaut, put_picture, tmp_path: Path, capsys
) -> None:
    fsspec = pytest.importorskip("fsspec", reason="needs fsspec: pip install 'facefidelity[ray]'")
    store, root = fsspec.filesystem("memory"), f"/cli-{tmp_path.name}"
    face = put_picture("in/face.png", np.ascontiguousarray(astronaut[:230, 90:340]))
    store.pipe(f"{root}/gate/one.png", face.read_bytes())
    (tmp_path / "list.txt").write_text("in/face.png\nin/gone.png\n")
    out = tmp_path / "out"
    words = ["restore", str(tmp_path / "list.txt"), f"memory:/{root}", "-o", str(out), *WORDS]
    assert run(words) == 1
    told = capsys.readouterr()
    assert [line for line in told.err.splitlines() if "gone.png" in line] == [told.err.strip()]
    records = [json.loads(line) for line in told.out.splitlines()]
    assert [one["path"] for one in records] == [str(face), f"memory:/{root}/gate/one.png"]
    assert (out / "in" / "face.png").read_bytes() == (out / "gate" / "one.png").read_bytes()
    assert run([*words, "--resume"]) == 1
    assert capsys.readouterr().out == ""  # both are done; only the missing one is tried again
    store.pipe(f"{root}/gate/one.png", face.read_bytes() + b"\0")
    assert run([*words, "--resume"]) == 1
    (again,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert again["path"] == f"memory:/{root}/gate/one.png"
    store.rm(root, recursive=True)
