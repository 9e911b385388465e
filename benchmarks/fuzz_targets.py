"""Every parser of outside data, as a function of bytes; fuzz_seeds.py holds what they start from.

A target may return or raise a `FaceFidelityError`; anything else, and anything slow, is a finding.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fuzz_seeds
import yaml

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


def _from_file(read: Callable[[Path], object], name: str) -> Callable[[bytes], object]:
    def run(data: bytes) -> object:
        path = fuzz_seeds.room() / name
        path.write_bytes(data)
        path.chmod(0o600)
        return read(path)

    return run


def _routes(path: Path) -> object:
    (path.parent / "gate.yaml").write_bytes(fuzz_seeds.profile())
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
    files = [fuzz_seeds.room() / name for name in ("chain.pem", "key.pem")]
    for file, content in zip(files, (chain, key), strict=True):
        file.write_bytes(content)
        file.chmod(0o600)
    with suppress(_ours()):
        read_anchors(files[0])
    return load_identity(*files)


def _signed(path: Path) -> object:
    from facefidelity.plugin.provenance.verification import verify_picture

    return verify_picture(path)


def _open_network(path: Path) -> object:
    from facefidelity.restorers.onnx_network import OnnxNetwork

    return OnnxNetwork(path, threads=1)


def _read_tensors(path: Path) -> object:
    from facefidelity.restorers.torch_spandrel import _parameters

    return _parameters(path)


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
    bombs, odd = fuzz_seeds.yaml_bombs(), fuzz_seeds.CSV_ODD
    targets = [
        Target("picture", lambda data: decode_picture(data, "x", max_pixels=4_000_000), fuzz_seeds.pictures(), False),
        Target("xmp", parse_xmp, (fuzz_seeds.label(),)),
        Target("profile", _from_file(load_profile, "p.yaml"), (fuzz_seeds.profile(), *bombs)),
        Target("profile_form", _profile_form, (json.dumps(yaml.safe_load(fuzz_seeds.profile())).encode(),)),
        Target("policy", _from_file(lambda path: load_policy(str(path)), "p.yaml"), (fuzz_seeds.policy(), *bombs)),
        Target("routes", _from_file(_routes, "routes.yaml"),
               (b"rules:\n- folder: 'gate*'\n  profile: gate.yaml\ndefault: gate.yaml\n", *bombs)),
        Target("camera", _from_file(load_camera.__wrapped__, "c.yaml"), (fuzz_seeds.camera(), *bombs)),
        Target("overrides", _from_file(read_overrides, "o.jsonl"), (fuzz_seeds.override(),)),
        Target("decisions", _from_file(read_batch, "d.jsonl"), (fuzz_seeds.decision(),)),
        Target("ratings", _from_file(read_ratings, "r.csv"),
               (fuzz_seeds.RATINGS, b"rater,image,overall\nr1,a.png,3\n", *odd)),
        *(Target(f"table_{name}", _from_file(_rated(name), "t.csv"), (fuzz_seeds.TABLE, *odd)) for name in PRESETS),
        Target("table_json", _from_file(_rated("gfiqa-20k"), "t.json"), (b'{"img_name": ["a"], "mos": [1]}',)),
        Target("pairs", _from_file(read_pairs, "t.csv"), (fuzz_seeds.TABLE, *odd)),
        Target("known_pairs", _from_file(_known, "t.csv"), (b"lq,hq,lost,person\na.png,b.png,1,p\n", *odd)),
        Target("people", _from_file(lambda path: read_people(path, path.parent), "p.csv"),
               (b"file,sex,ethnicity,split\na.png,f,x,test\n", *odd)),
        Target("calibration", _from_file(load_calibration, "c.json"), (fuzz_seeds.calibration(),)),
        Target("candidates", lambda data: parse_candidates(data.decode("utf-8", "replace")),
               (b"realesrgan:input_size=64|128;denoise=0.1,classical",)),
        Target("keys", _from_file(_keys, "keys.txt"), (b"# who\nme:0123456789abcdef0123\n",)),
    ]  # fmt: skip
    with suppress(ImportError):
        import fastapi  # noqa: F401 - the service needs it

        targets.append(Target("forms", _forms, (b'classical\n{"strength": 0.5}', b"balanced\n[]")))
    with suppress(ImportError):
        import c2pa  # noqa: F401 - signing needs it

        pem, signed = fuzz_seeds.pem()
        targets.append(Target("certificates", _certificates, (pem,), True))
        targets.append(Target("signed", _from_file(_signed, "s.png"), (signed,), False))
    with suppress(ImportError):
        targets.append(
            Target("onnx", _from_file(_open_network, "n.onnx"), fuzz_seeds.networks(), False, 10.0)
        )
    with suppress(ImportError):
        targets.append(
            Target(
                "checkpoint",
                _from_file(_read_checkpoint, "n.pth"),
                fuzz_seeds.checkpoint(),
                False,
                10.0,
            )
        )
        import safetensors  # noqa: F401 - spandrel's form

        targets.append(
            Target(
                "safetensors",
                _from_file(_read_tensors, "n.safetensors"),
                fuzz_seeds.tensors(),
                False,
                10.0,
            )
        )
    return targets
