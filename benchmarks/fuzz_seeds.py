"""Whole inputs and bombs, from which fuzzing starts: one function for each kind of outside data."""

from __future__ import annotations

import importlib.util
import io
import json
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
RATINGS = b"rater,image,dimension,score\nr1,a.png,overall,3\nr2,a.png,overall,4\n"
CSV_ODD = (b'a,b\n"1', b"a;b;c\n1;2", b"a\tb\n\0\t1\n", b"\xef\xbb\xbffile,overall\nx.png,50\n")
TABLE = (
    b"file,image,img_name,Image,noise,sharpness,colorfulness,contrast,fidelity,overall,person,source,"
    b"MOS,mos,score\n"
    b"a.png,a.png,a.png,a.png,1,2,3,4,5,6,p1,b.png,5,5,5\n"
)
"""One row with a column for every reader of tables."""
_DECISION = {
    "path": "a.png", "output": "out/a.png", "face": 0, "box": [0, 0, 9, 9], "width_px": 9.0,
    "landmarks": [[1, 1], [2, 1], [5, 1], [6, 1], [4, 5]], "landmark_scheme": "dlib5",
    "detector_confidence": 1.0, "decision": "REJECT", "delivered": "REJECT", "blend": 0.0,
    "mixture": None, "reasons": ["IDENTITY_RISK"], "policy": "balanced", "restorer": "classical",
    "settings": {}, "seconds": 0.1, "input_sha256": "ab" * 32, "output_sha256": "cd" * 32,
    "identity_risk": 0.9, "scores_before": None, "scores_after": None, "detail": None,
}  # fmt: skip
_OVERRIDE = {
    "version": 1, "path": "a.png", "input_sha256": "ab" * 32, "face": 0, "box": [0, 0, 9, 9],
    "restorer": "classical", "guard": "ACCEPT", "decision": "REJECT", "note": "no", "who": "me", "when": "2026-01-01T00:00:00Z",
}  # fmt: skip


@lru_cache(maxsize=1)
def room() -> Path:
    """A folder of this process for what is read from a path, in memory where that can be."""
    base = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=base if base.is_dir() else None))


def pictures() -> tuple[bytes, ...]:
    """Pictures of every kind that is read, a dozen pixels each."""
    pixels = np.random.default_rng(0).integers(0, 256, (12, 9, 3)).astype(np.uint8)
    image, seeds = Image.fromarray(pixels), []
    for name, options in (
        ("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("WEBP", {"lossless": True}),
        ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("BMP", {}), ("GIF", {}),
        ("JPEG2000", {}), ("PPM", {}), ("AVIF", {}),
    ):  # fmt: skip
        buffer = io.BytesIO()
        with suppress(KeyError, OSError):
            image.save(buffer, name, **options)
            seeds.append(buffer.getvalue())
    for mode in ("P", "LA", "RGBA", "1", "I;16"):
        buffer = io.BytesIO()
        converted = image.convert("L").convert(mode) if mode == "I;16" else image.convert(mode)
        converted.save(buffer, "PNG")
        seeds.append(buffer.getvalue())
    buffer = io.BytesIO()
    image.convert("CMYK").save(buffer, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0")
    return (*seeds, buffer.getvalue())


def profile() -> bytes:
    spread = {"low": 1.0, "median": 2.0, "high": 3.0}
    content: dict[str, Any] = {
        "version": 1, "name": "gate", "restorer": "classical", "settings": {"strength": 0.5},
        "policy": "balanced", "thresholds": {"max_identity_risk": 0.1},
        "camera": {"face_px": spread, "scores": {"overall": [1.0, 2.0]}, "faces": 3},
        "weights": {"assessor": "a", "embedder": "b", "risk_model": "c", "restorer": {}},
        "frames": {"pictures": 1, "faces": 1, "sha256": "ab"}, "tool_version": "0.1.0",
        "tuned_at": "2026-01-01",
    }  # fmt: skip
    return yaml.safe_dump(content, sort_keys=False).encode()


def yaml_bombs() -> tuple[bytes, ...]:
    """Aliases of aliases: small files whose content is huge once it is written out."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    deep = b"[" * 20_000
    return "\n".join([*lines, "name: *a11"]).encode(), ("\n".join(lines)).encode(), deep


def _jsonl(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"


def decision() -> bytes:
    return _jsonl(_DECISION)


def override() -> bytes:
    return _jsonl(_OVERRIDE)


def calibration() -> bytes:
    content: dict[str, Any] = {
        "format": "facefidelity-calibration", "version": 1, "assessor": "a",
        "heads": {"overall": {
            "x": [0, 100], "y": [0, 90], "method": "line", "note": "n", "pictures": 9,
            "rmse_before": 1.0, "rmse_after": 0.5, "srcc": 0.5,
        }},
    }  # fmt: skip
    return _jsonl(content)


def policy() -> bytes:
    return (ROOT / "guards/policies/balanced.yaml").read_bytes()


def camera() -> bytes:
    return next(
        iter(sorted((ROOT / "assessor/benchmark/simulate/cameras").glob("*.yaml")))
    ).read_bytes()


def label() -> bytes:
    from facefidelity.plugin.provenance.labels import AI_EDITED, FaceLabel, PictureLabel
    from facefidelity.plugin.provenance.xmp import metadata_of

    face = FaceLabel("ACCEPT", 1.0, "classical")
    return metadata_of(PictureLabel("edited", "t", "ab" * 32, "p", 1, (face,), AI_EDITED)).xmp


def pem() -> tuple[bytes, bytes]:
    """A certificate with its key, and a picture that it signed."""
    from facefidelity.core.images import Picture, encode_picture
    from facefidelity.plugin.provenance.labels import AI_EDITED, FaceLabel, PictureLabel
    from facefidelity.plugin.provenance.signing import load_identity

    spec = importlib.util.spec_from_file_location(
        "certificates", ROOT / "benchmarks/certificates.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    chain, key = module.make_chain()
    files = [room() / name for name in ("seed_chain.pem", "seed_key.pem")]
    for file, content in zip(files, (chain, key), strict=True):
        file.write_bytes(content)
        file.chmod(0o600)
    said = PictureLabel(
        "edited", "t", "ab" * 32, "p", 1, (FaceLabel("ACCEPT", 1.0, "classical"),), AI_EDITED
    )
    pixels = np.zeros((8, 8, 3), np.uint8)
    data = encode_picture(pixels, ".png")
    signed = load_identity(*files).sign(data, suffix=".png", label=said, source=Picture(pixels))
    return chain + b"=====\n" + key, signed


def networks() -> tuple[bytes, ...]:
    import onnx
    from onnx import helper

    shape = [1, 3, 32, 32]
    ends = [helper.make_tensor_value_info(name, 1, shape) for name in ("input", "output")]
    node = helper.make_node("Relu", ["input"], ["output"])
    graph = helper.make_graph([node], "g", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return (model.SerializeToString(),)


def tensors() -> tuple[bytes, ...]:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    return (len(header).to_bytes(8, "little") + header + bytes(8),)


def checkpoint() -> tuple[bytes, ...]:
    import torch

    buffer = io.BytesIO()
    torch.save({"params_ema": {"a": torch.zeros(2)}}, buffer)
    return (buffer.getvalue(),)
