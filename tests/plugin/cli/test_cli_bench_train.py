"""``bench train`` and ``bench export`` end to end on a handful of pictures."""

from __future__ import annotations

import csv
import json
import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from facefidelity.assessor.runtime import SHIPPED_WEIGHTS, Assessor
from facefidelity.core.images import write_picture
from facefidelity.core.scores import HEADS
from facefidelity.plugin.cli.main import run

PLAN = """
pictures: 48
batch: 8
check_every: 24
threads: 1
network:
  views: [whole]
  channels: [4, 4, 8, 8]
  source_channels: [4, 4, 8]
  width: 16
  cross_layers: 1
  task_layers: 1
"""


def needs_training() -> None:
    for name in ("torch", "scipy", "onnxscript", "matplotlib"):
        pytest.importorskip(name, reason=f"needs {name} (the extras train and bench)")


@pytest.fixture(scope="module")
def table(astronaut_face, tmp_path_factory):
    """Grainy and blurred views of one face, said to be of five people; some heads unrated."""
    folder = tmp_path_factory.mktemp("rated")
    rng = np.random.default_rng(0)
    face = cv2.resize(astronaut_face.pixels, (256, 256), interpolation=cv2.INTER_AREA)
    with (folder / "my.csv").open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["image", "who", "lq", "noise", "sharpness", "overall"])
        for i in range(20):
            grain, blur = rng.uniform(0, 30), rng.uniform(0.1, 4)
            soft = cv2.GaussianBlur(face, (0, 0), blur).astype(np.float32)
            noisy = np.clip(soft + rng.normal(0, grain, face.shape), 0, 255).astype(np.uint8)
            write_picture(folder / f"{i}.png", noisy)
            noise, sharp = 5 - grain / 10, 5 - blur
            source = f"{i - 1}.png" if i % 2 else ""
            whole = "" if i % 5 == 4 else f"{(noise + sharp) / 2:.2f}"
            writer.writerow(
                [f"{i}.png", f"p{i // 4}", source, f"{noise:.2f}", f"{sharp:.2f}", whole]
            )
    (folder / "plan.yaml").write_text(PLAN)
    return folder / "my.csv"


@pytest.fixture
def words(table):
    """What says how the table is to be read."""
    columns = "file=image,person=who,source=lq"
    return ["--data", str(table), "--columns", columns, "--scale", "1:5"]


@pytest.fixture(scope="module")
def trained(table, tmp_path_factory):
    """A finished run, from nothing."""
    needs_training()
    out = tmp_path_factory.mktemp("run")
    columns = "file=image,person=who,source=lq"
    words = ["--data", str(table), "--columns", columns, "--scale", "1:5", "-o", str(out)]
    config = str(table.with_name("plan.yaml"))
    assert run(["bench", "train", *words, "--config", config]) == 0
    return out


@pytest.fixture
def quick_export(trained, monkeypatch) -> None:
    """torch takes long to trace: put the weights into the graph that the first run traced."""
    import onnx
    import torch

    def export(network, *_, **__):
        model = onnx.load(trained / "assessor.onnx")
        state = network.state_dict()
        for each in model.graph.initializer:
            if each.name in state:
                array = state[each.name].contiguous().numpy()
                each.CopyFrom(onnx.numpy_helper.from_array(array, each.name))
        return SimpleNamespace(model_proto=model)

    monkeypatch.setattr(torch.onnx, "export", export)


def curve(folder) -> list[dict[str, str]]:
    with (folder / "curve.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_run_from_nothing_leaves_what_is_promised(trained) -> None:
    names = {path.name for path in trained.iterdir()}
    packed = {"train.npy", "train.json", "held_out.npy", "held_out.json"}
    assert names == packed | {"last.pt", "curve.csv", "curve.png", "assessor.onnx"}
    assert [row["pictures"] for row in curve(trained)] == ["24", "48"]
    assert curve(trained)[0]["srcc_contrast"] == "nan"
    face = np.full((256, 256, 3), 90, np.uint8)
    assert set(Assessor(trained / "assessor.onnx", threads=1).score(face).as_dict()) == set(HEADS)


def test_fine_tuning_goes_on_from_a_file(quick_export, trained, words, tmp_path, capsys) -> None:
    start = str(trained / "assessor.onnx")
    asked = ["--from", start, "--pictures", "16", "--threads", "1", "--format", "json"]
    assert run(["bench", "train", *words, *asked, "-o", str(tmp_path / "run")]) == 0
    told = capsys.readouterr()
    (line,) = told.out.splitlines()
    found = json.loads(line, parse_constant=pytest.fail)
    assert found["pictures"] == 16
    assert found["srcc"]["contrast"] is None
    assert isinstance(found["srcc"]["noise"], float)

    from facefidelity.assessor.training.export import read_network

    plan, before = read_network(trained / "assessor.onnx")
    after_plan, after = read_network(tmp_path / "run" / "assessor.onnx")
    assert after_plan == plan
    moved = {name for name in before if not np.array_equal(before[name], after[name])}
    assert any("stages" in name for name in moved)
    assert not any("running" in name for name in moved)  # few pictures: statistics stay


def test_the_same_command_goes_on(quick_export, trained, words, table, capsys) -> None:
    config = str(table.with_name("plan.yaml"))
    asked = ["--config", config, "--pictures", "64", "-o", str(trained)]
    assert run(["bench", "train", *words, *asked]) == 0
    assert [row["pictures"] for row in curve(trained)] == ["24", "48", "64"]
    told = capsys.readouterr().out
    assert "trained on 16 pictures" in told
    assert "4 held-out pictures" in told
    assert "not rated" in told


def test_a_held_out_table_is_only_measured(
    quick_export, trained, words, table, tmp_path, capsys
) -> None:
    few = table.with_name("few.csv")
    few.write_text("\n".join(table.read_text().splitlines()[:6]))
    config = str(table.with_name("plan.yaml"))
    asked = ["--config", config, "--pictures", "8", "--held-out", str(few)]
    assert run(["bench", "train", *words, *asked, "-o", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "trained on 20 pictures" in told
    assert "5 held-out pictures" in told


def test_what_cannot_be_used_is_named_and_the_rest_goes_on(
    quick_export, trained, words, table, tmp_path, capsys
):
    lines = table.read_text().splitlines()
    lines[1] = lines[1].replace("0.png", "gone.png")
    lines[2] = ",".join([*lines[2].split(",")[:3], "9", "2", "2"])
    broken = table.with_name("broken.csv")
    broken.write_text("\n".join(lines))
    config = str(table.with_name("plan.yaml"))
    asked = ["--data", str(broken), "--config", config, "--pictures", "8", "-o", str(tmp_path)]
    assert run(["bench", "train", *words, *asked]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert "broken.csv, line 3" in errors[0]
    assert "gone.png" in errors[1]
    assert (tmp_path / "assessor.onnx").is_file()


def test_export_writes_the_run_as_it_stands(quick_export, trained, tmp_path, capsys) -> None:
    for place in (trained, trained / "last.pt"):
        out = tmp_path / "a" / "assessor.onnx"
        assert run(["bench", "export", str(place), "-o", str(out), "--format", "json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["sha256"] == Assessor(out, threads=1).sha256
        assert 0 <= told["largest_difference"] <= 0.05
    assert run(["bench", "export", str(trained), "-o", str(tmp_path / "b.onnx")]) == 0
    assert told["sha256"] in capsys.readouterr().out


def test_head_only_bends_the_shipped_heads(words, tmp_path, capsys) -> None:
    pytest.importorskip("scipy", reason="needs scipy (the bench extra)")
    out = tmp_path / "calibration.json"
    asked = ["--head-only", "--from", "shipped", "-o", str(out), "--format", "json"]
    assert run(["bench", "train", *words, *asked]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["head"] for row in rows} >= {"noise", "sharpness", "overall"}
    counted = {row["head"]: row["pictures"] for row in rows}
    assert (counted["noise"], counted["overall"]) == (20, 16)
    assert Assessor(SHIPPED_WEIGHTS, threads=1, calibration=out).name.count("+cal-") == 1


def test_head_only_into_a_folder(words, tmp_path, capsys) -> None:
    pytest.importorskip("scipy", reason="needs scipy (the bench extra)")
    assert run(["bench", "train", *words, "--head-only", "-o", str(tmp_path / "run")]) == 0
    assert (tmp_path / "run" / "calibration.json").is_file()
    assert "use it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (["--config", "{folder}/gone.yaml"], "gone.yaml"),
        (["--from", "{folder}/my.csv"], "my.csv"),
        (["--device", "tpu"], "device"),
        (["--preset", "gfiqa"], "gfiqa-20k"),
        (["--scale", "5"], "low:high"),
        (["--data", "{folder}/nothing"], "nothing"),
        (["-o", "{folder}/my.csv"], "my.csv"),
    ],
)
def test_wrong_use_is_one_line(table, words, tmp_path, extra, told, capsys) -> None:
    needs_training()
    asked = [word.format(folder=table.parent) for word in extra]
    code = run(["bench", "train", *words, "-o", str(tmp_path / "run"), *asked])
    error = capsys.readouterr().err
    assert code in {1, 2}
    assert told in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("absent", "extra"), [("torch", "train"), ("onnxscript", "train"), ("matplotlib", "bench")]
)
def test_a_missing_extra_is_named_before_anything_is_done(
    words, tmp_path, monkeypatch, capsys, absent, extra
) -> None:
    from facefidelity.plugin.cli.bench import training_parts

    pytest.importorskip("torch", reason="needs torch (the train extra)")
    true = training_parts.find_spec
    monkeypatch.setattr(
        training_parts, "find_spec", lambda name: None if name == absent else true(name)
    )
    out = tmp_path / "run"
    assert run(["bench", "train", *words, "-o", str(out)]) != 0
    assert f"facefidelity[{extra}]" in capsys.readouterr().err
    assert not out.exists()


def test_nothing_to_export_is_one_line(tmp_path, capsys) -> None:
    needs_training()
    assert run(["bench", "export", str(tmp_path), "-o", str(tmp_path / "a.onnx")]) != 0
    error = capsys.readouterr().err
    assert "last.pt" in error
    assert error.count("\n") == 1


def test_the_bar_moves_at_most_five_times_a_second(monkeypatch) -> None:
    needs_training()
    from facefidelity.assessor.training.plan import plan_from
    from facefidelity.plugin.cli.bench import training_parts

    plan, now, updates = plan_from({"pictures": 1000}), [100.0], []
    with training_parts.training_progress(plan) as quiet:
        assert quiet is None  # no terminal here

    class Bar:
        def __init__(self, **_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def add_task(self, *_, **__):
            return 0

        def update(self, _task, completed, description):
            updates.append((completed, description))

    monkeypatch.setattr("rich.progress.Progress", Bar)
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(training_parts.time, "monotonic", lambda: now[0])
    with training_parts.training_progress(plan) as show:
        for seen in range(10, 1001, 10):
            now[0] += 0.05
            show(seen, 1000, 0.5)
    assert 20 <= len(updates) <= 27
    assert updates[-1] == (1000, "training, loss 0.500")
