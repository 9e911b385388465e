"""Every parser of outside data, as a function of bytes, with whole inputs to start from.

A target may return or raise a `FaceFidelityError`; anything else, and anything slow, is a finding.
"""

from __future__ import annotations

import importlib.util
import io
import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

from facefidelity.assessor.benchmark.dataset import read_people
from facefidelity.assessor.benchmark.evaluation.datasets import read_ratings as read_rated_set
from facefidelity.assessor.benchmark.evaluation.tables import PRESETS, find_preset
from facefidelity.assessor.benchmark.ratings.reading import read_ratings
from facefidelity.assessor.benchmark.simulate.named import load_camera
from facefidelity.assessor.calibration import load_calibration
from facefidelity.core.images import decode_picture
from facefidelity.guards.policy import load_policy
from facefidelity.guards.profile import load_profile, parse_profile
from facefidelity.plugin.assessment import FaceAssessment
from facefidelity.plugin.benchmark.pairs import read_pairs
from facefidelity.plugin.cameras.known_pairs import pairs_of_table
from facefidelity.plugin.cameras.routing import load_routes
from facefidelity.plugin.candidates import parse_candidates
from facefidelity.plugin.provenance.xmp import parse_xmp
from facefidelity.plugin.review.overrides_file import read_overrides
from facefidelity.plugin.review.reviewed import read_batch

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Target:
    """One parser.

    Attributes:
        name: Also the folder of its corpus.
        run: Parses bytes.
        seeds: Whole inputs, from which broken ones are made.
        text: Whether inputs are text.
        seconds: Longest time for one input.
    """

    name: str
    run: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    text: bool = True
    seconds: float = 5.0


@lru_cache(maxsize=1)
def _room() -> Path:
    base = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=base if base.is_dir() else None))


def _from_file(read: Callable[[Path], object], name: str) -> Callable[[bytes], object]:
    def run(data: bytes) -> object:
        path = _room() / name
        path.write_bytes(data)
        path.chmod(0o600)
        return read(path)

    return run


def _pictures() -> tuple[bytes, ...]:
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


def _profile() -> bytes:
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


def _yaml_bombs() -> tuple[bytes, ...]:
    """Aliases of aliases: small files whose content is huge once it is written out."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    deep = b"[" * 20_000
    return "\n".join([*lines, "name: *a11"]).encode(), ("\n".join(lines)).encode(), deep


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
_RATINGS = b"rater,image,dimension,score\nr1,a.png,overall,3\nr2,a.png,overall,4\n"
_CSV_ODD = (b'a,b\n"1', b"a;b;c\n1;2", b"a\tb\n\0\t1\n", b"\xef\xbb\xbffile,overall\nx.png,50\n")


def _jsonl(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"


def _policy() -> bytes:
    return (ROOT / "guards/policies/balanced.yaml").read_bytes()


def _camera() -> bytes:
    return next(
        iter(sorted((ROOT / "assessor/benchmark/simulate/cameras").glob("*.yaml")))
    ).read_bytes()


def _label() -> bytes:
    from facefidelity.plugin.provenance.labels import AI_EDITED, FaceLabel, PictureLabel
    from facefidelity.plugin.provenance.xmp import metadata_of

    face = FaceLabel("ACCEPT", 1.0, "classical")
    return metadata_of(PictureLabel("edited", "t", "ab" * 32, "p", 1, (face,), AI_EDITED)).xmp


def _routes(path: Path) -> object:
    (path.parent / "gate.yaml").write_bytes(_profile())
    return load_routes(path.parent)


def _rated(preset: str) -> Callable[[Path], object]:
    return lambda path: read_rated_set(path, find_preset(preset))


def _known(path: Path) -> object:
    nothing: Any = None
    return pairs_of_table(path, FaceAssessment(nothing, nothing), aligned=True, pictures={})


def _forms(data: bytes) -> object:
    from facefidelity.plugin.service.offers import make_offer
    from facefidelity.plugin.service.settings import ServiceSettings

    name, _, settings = data.decode("utf-8", "replace").partition("\n")
    offer = make_offer(ServiceSettings(restorers=("classical", "realesrgan", "onnx")))
    with suppress(_ours()):
        offer.choose_policy(name)
    return offer.choose_restorer(name or None, settings or None)


def _ours() -> type[Exception]:
    from facefidelity.core.errors import FaceFidelityError

    return FaceFidelityError


def _certificates(data: bytes) -> object:
    from facefidelity.plugin.provenance.signing import load_identity
    from facefidelity.plugin.provenance.verification import read_anchors

    chain, _, key = data.partition(b"=====\n")
    files = [_room() / name for name in ("chain.pem", "key.pem")]
    for file, content in zip(files, (chain, key), strict=True):
        file.write_bytes(content)
        file.chmod(0o600)
    with suppress(_ours()):
        read_anchors(files[0])
    return load_identity(*files)


def _signed(path: Path) -> object:
    from facefidelity.plugin.provenance.verification import verify_picture

    return verify_picture(path)


def _pem() -> tuple[bytes, bytes]:
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
    files = [_room() / name for name in ("seed_chain.pem", "seed_key.pem")]
    for file, content in zip(files, (chain, key), strict=True):
        file.write_bytes(content)
        file.chmod(0o600)
    label = PictureLabel(
        "edited", "t", "ab" * 32, "p", 1, (FaceLabel("ACCEPT", 1.0, "classical"),), AI_EDITED
    )
    pixels = np.zeros((8, 8, 3), np.uint8)
    data = encode_picture(pixels, ".png")
    signed = load_identity(*files).sign(data, suffix=".png", label=label, source=Picture(pixels))
    return chain + b"=====\n" + key, signed


def _networks() -> tuple[bytes, ...]:
    import onnx
    from onnx import helper

    shape = [1, 3, 32, 32]
    ends = [helper.make_tensor_value_info(name, 1, shape) for name in ("input", "output")]
    node = helper.make_node("Relu", ["input"], ["output"])
    graph = helper.make_graph([node], "g", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return (model.SerializeToString(),)


def _open_network(path: Path) -> object:
    from facefidelity.restorers.onnx_network import OnnxNetwork

    return OnnxNetwork(path, threads=1)


def _tensors() -> tuple[bytes, ...]:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    return (len(header).to_bytes(8, "little") + header + bytes(8),)


def _read_tensors(path: Path) -> object:
    from facefidelity.restorers.torch_spandrel import _parameters

    return _parameters(path)


def _checkpoint() -> tuple[bytes, ...]:
    import torch

    buffer = io.BytesIO()
    torch.save({"params_ema": {"a": torch.zeros(2)}}, buffer)
    return (buffer.getvalue(),)


def _read_checkpoint(path: Path) -> object:
    from facefidelity.restorers.torch_network import read_parameters

    return read_parameters(path)


def _keys(path: Path) -> object:
    from facefidelity.plugin.service.keys import read_api_keys
    from facefidelity.ui.login import read_logins

    with suppress(_ours()):
        read_logins(path)("name", "password")
    return read_api_keys(path)


def _profile_form(data: bytes) -> object:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return parse_profile(content, "the form")


def make_targets() -> list[Target]:
    """Every target that can run here; those whose extra is missing are left out."""
    calibration = {
        "format": "facefidelity-calibration", "version": 1, "assessor": "a",
        "heads": {"overall": {
            "x": [0, 100], "y": [0, 90], "method": "line", "note": "n", "pictures": 9,
            "rmse_before": 1.0, "rmse_after": 0.5, "srcc": 0.5,
        }},
    }  # fmt: skip
    bombs, odd = _yaml_bombs(), _CSV_ODD
    head = b"file,image,img_name,Image,noise,sharpness,colorfulness,contrast,fidelity,overall,person,source,"
    head += b"MOS,mos,score\n"
    row = b"a.png,a.png,a.png,a.png,1,2,3,4,5,6,p1,b.png,5,5,5\n"
    targets = [
        Target("picture", lambda data: decode_picture(data, "x", max_pixels=4_000_000), _pictures(), False),
        Target("xmp", parse_xmp, (_label(),)),
        Target("profile", _from_file(load_profile, "p.yaml"), (_profile(), *bombs)),
        Target("profile_form", _profile_form, (json.dumps(yaml.safe_load(_profile())).encode(),)),
        Target("policy", _from_file(lambda path: load_policy(str(path)), "p.yaml"), (_policy(), *bombs)),
        Target("routes", _from_file(_routes, "routes.yaml"),
               (b"rules:\n- folder: 'gate*'\n  profile: gate.yaml\ndefault: gate.yaml\n", *bombs)),
        Target("camera", _from_file(load_camera.__wrapped__, "c.yaml"), (_camera(), *bombs)),
        Target("overrides", _from_file(read_overrides, "o.jsonl"), (_jsonl(_OVERRIDE),)),
        Target("decisions", _from_file(read_batch, "d.jsonl"), (_jsonl(_DECISION),)),
        Target("ratings", _from_file(read_ratings, "r.csv"),
               (_RATINGS, b"rater,image,overall\nr1,a.png,3\n", *odd)),
        *(Target(f"table_{name}", _from_file(_rated(name), "t.csv"), (head + row, *odd)) for name in PRESETS),
        Target("table_json", _from_file(_rated("gfiqa-20k"), "t.json"), (b'{"img_name": ["a"], "mos": [1]}',)),
        Target("pairs", _from_file(read_pairs, "t.csv"), (head + row, *odd)),
        Target("known_pairs", _from_file(_known, "t.csv"), (b"lq,hq,lost,person\na.png,b.png,1,p\n", *odd)),
        Target("people", _from_file(lambda path: read_people(path, path.parent), "p.csv"),
               (b"file,sex,ethnicity,split\na.png,f,x,test\n", *odd)),
        Target("calibration", _from_file(load_calibration, "c.json"), (_jsonl(calibration),)),
        Target("candidates", lambda data: parse_candidates(data.decode("utf-8", "replace")),
               (b"realesrgan:input_size=64|128;denoise=0.1,classical",)),
        Target("keys", _from_file(_keys, "keys.txt"), (b"# who\nme:0123456789abcdef0123\n",)),
    ]  # fmt: skip
    with suppress(ImportError):
        import fastapi  # noqa: F401 - the service needs it

        targets.append(Target("forms", _forms, (b'classical\n{"strength": 0.5}', b"balanced\n[]")))
    with suppress(ImportError):
        import c2pa  # noqa: F401 - signing needs it

        pem, signed = _pem()
        targets.append(Target("certificates", _certificates, (pem,), True))
        targets.append(Target("signed", _from_file(_signed, "s.png"), (signed,), False))
    with suppress(ImportError):
        targets.append(
            Target("onnx", _from_file(_open_network, "n.onnx"), _networks(), False, 10.0)
        )
    with suppress(ImportError):
        targets.append(
            Target("checkpoint", _from_file(_read_checkpoint, "n.pth"), _checkpoint(), False, 10.0)
        )
        import safetensors  # noqa: F401 - spandrel's form

        targets.append(
            Target(
                "safetensors", _from_file(_read_tensors, "n.safetensors"), _tensors(), False, 10.0
            )
        )
    return targets
