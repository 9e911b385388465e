"""The publishers' inference script runs through the guard with one import replaced."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch (extra: gfpgan)")

# The calls that the publishers' inference script makes, in the order in which it makes them.
SCRIPT = """
import argparse, glob, os
import cv2
import numpy as np
import torch
from basicsr.utils import imwrite

from gfpgan import GFPGANer

parser = argparse.ArgumentParser()
parser.add_argument("-i", "--input")
parser.add_argument("-o", "--output")
parser.add_argument("-m", "--model")
parser.add_argument("-s", "--upscale", type=int, default=2)
parser.add_argument("-w", "--weight", type=float, default=0.5)
parser.add_argument("--only_center_face", action="store_true")
parser.add_argument("--aligned", action="store_true")
args = parser.parse_args()

restorer = GFPGANer(
    model_path=args.model,
    upscale=args.upscale,
    arch="clean",
    channel_multiplier=2,
    bg_upsampler=None,
)
for img_path in sorted(glob.glob(os.path.join(args.input, "*"))):
    basename, ext = os.path.splitext(os.path.basename(img_path))
    input_img = cv2.imread(img_path, cv2.IMREAD_COLOR)
    cropped_faces, restored_faces, restored_img = restorer.enhance(
        input_img,
        has_aligned=args.aligned,
        only_center_face=args.only_center_face,
        paste_back=True,
        weight=args.weight)
    for idx, (cropped_face, restored_face) in enumerate(zip(cropped_faces, restored_faces)):
        name = f"{basename}_{idx:02d}.png"
        imwrite(cropped_face, os.path.join(args.output, "cropped_faces", name))
        imwrite(restored_face, os.path.join(args.output, "restored_faces", name))
        both = np.concatenate((cropped_face, restored_face), axis=1)
        imwrite(both, os.path.join(args.output, "cmp", name))
    if restored_img is not None:
        imwrite(restored_img, os.path.join(args.output, "restored_imgs", f"{basename}{ext}"))
"""
IMPORT = "from gfpgan import GFPGANer"
OURS = "from facefidelity.plugin.adapters.gfpgan import GFPGANer"
UPSTREAM_SCRIPT = os.environ.get("FACEFIDELITY_GFPGAN_SCRIPT", "")


@pytest.mark.parametrize("aligned", [True, False], ids=["aligned", "whole"])
def test_the_inference_script_runs_with_its_import_replaced(
    aligned: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    astronaut: Any,
    astronaut_face: Any,
    stub_weights: Any,
) -> None:
    """With the real guard; below it runs with a real network."""
    monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path / "home"))
    (tmp_path / "in").mkdir()
    picture = astronaut_face.pixels if aligned else astronaut
    cv2.imwrite(str(tmp_path / "in" / "a.png"), picture[..., ::-1])
    run_script(tmp_path, monkeypatch, SCRIPT, aligned, "any.pth")
    assert cv2.imread(str(tmp_path / "out/cropped_faces/a_00.png")).shape == (512, 512, 3)
    assert cv2.imread(str(tmp_path / "out/cmp/a_00.png")).shape == (512, 1024, 3)
    whole = tmp_path / "out" / "restored_imgs" / "a.png"
    assert whole.is_file() != aligned
    if not aligned:
        assert cv2.imread(str(whole)).shape == (1024, 1024, 3)


def run_script(
    folder: Path, monkeypatch: pytest.MonkeyPatch, script: str, aligned: bool, model: str
) -> None:
    from facefidelity.restorers.compat import prepare

    prepare()
    pytest.importorskip("basicsr", reason="needs basicsr (extra: gfpgan)")
    assert script.count(IMPORT) == 1
    (folder / "inference.py").write_text(script.replace(IMPORT, OURS), encoding="utf-8")
    words = ["inference.py", "-i", str(folder / "in"), "-o", str(folder / "out"), "-m", model]
    monkeypatch.setattr(sys, "argv", [*words, *(["--aligned"] if aligned else [])])
    runpy.run_path(str(folder / "inference.py"), run_name="__main__")


@pytest.mark.slow
@pytest.mark.parametrize("weights", ["random", "published"])
def test_the_script_with_a_real_network(
    weights: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    astronaut: Any,
) -> None:
    from facefidelity.core.errors import MissingExtra
    from facefidelity.core.weights import WeightsState, WeightsStore
    from facefidelity.restorers.gfpgan import gfpgan_network as build

    model = str(tmp_path / "GFPGAN.pth")
    if weights == "published":
        store = WeightsStore()
        if store.state("GFPGANv1.4.pth") is not WeightsState.PRESENT:
            pytest.skip("needs: facefidelity models pull GFPGANv1.4.pth")
        model = str(store.path("GFPGANv1.4.pth"))
    else:
        monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path / "home"))
        try:
            torch.manual_seed(0)
            torch.save({"params_ema": build().state_dict()}, model)
        except MissingExtra as error:
            pytest.skip(str(error))
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "a.png"), astronaut[..., ::-1])
    run_script(tmp_path, monkeypatch, SCRIPT, False, model)
    whole = cv2.imread(str(tmp_path / "out/restored_imgs/a.png"))
    if weights == "random":
        # Noise is refused: the picture is the magnified one to the byte.
        bgr = np.ascontiguousarray(astronaut[..., ::-1])
        plain = cv2.resize(bgr, (1024, 1024), interpolation=cv2.INTER_LANCZOS4)
        assert np.array_equal(whole, plain)
    assert whole.shape == (1024, 1024, 3)


@pytest.mark.skipif(not UPSTREAM_SCRIPT, reason="FACEFIDELITY_GFPGAN_SCRIPT names no script")
@pytest.mark.parametrize("aligned", [True, False], ids=["aligned", "whole"])
def test_the_publishers_own_script(
    aligned: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    astronaut: Any,
    astronaut_face: Any,
    stub_weights: Any,
) -> None:
    monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for name in ("gfpgan/weights", "experiments/pretrained_models", "in"):
        Path(name).mkdir(parents=True)
    Path("experiments/pretrained_models/GFPGANv1.3.pth").touch()
    picture = astronaut_face.pixels if aligned else astronaut
    cv2.imwrite("in/a.png", picture[..., ::-1])
    text = Path(UPSTREAM_SCRIPT).read_text(encoding="utf-8")
    assert text.count(IMPORT) == 1
    Path("inference.py").write_text(text.replace(IMPORT, OURS), encoding="utf-8")
    words = ["inference.py", "-i", "in", "-o", "out", "-v", "1.3"]
    monkeypatch.setattr(sys, "argv", [*words, *(["--aligned"] if aligned else [])])
    runpy.run_path("inference.py", run_name="__main__")
    assert Path("out/restored_faces/a_00.png").is_file()
    assert Path("out/restored_imgs/a.png").is_file() != aligned
