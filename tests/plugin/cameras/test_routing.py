from __future__ import annotations

import pytest
from PIL import Image

from facefidelity.core.errors import InvalidInput
from facefidelity.core.images import read_body_serial
from facefidelity.guards.profile import CameraProfile, WeightsHashes, save_profile
from facefidelity.plugin.cameras.routing import load_routes

RULES = """
rules:
  - {profile: gate.yaml, name: "gate_*"}
  - {profile: yard.yaml, folder: yard}
  - {profile: door.yaml, serial: 0123, name: "*.jpg"}
"""


def cameras(folder, rules=RULES):
    for name in ("gate", "yard", "door"):
        weights = WeightsHashes(assessor="a", embedder="e", risk_model="r", restorer="")
        save_profile(
            CameraProfile(
                name=name, restorer="identity", weights=weights, tool_version="0", tuned_at="d"
            ),
            folder / f"{name}.yaml",
        )
    (folder / "routes.yaml").write_text(rules)
    return folder


def picture(path, serial=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    if serial:
        exif.get_ifd(0x8769)[0xA431] = serial
    Image.new("RGB", (8, 8)).save(path, exif=exif)
    return path


def camera_of(routes, path):
    return routes.profile_of(path).profile.name


def test_the_first_rule_whose_conditions_all_hold_decides(tmp_path):
    routes = load_routes(cameras(tmp_path / "cams", RULES.replace("0123", '"0123"')))
    assert camera_of(routes, picture(tmp_path / "yard" / "gate_1.png")) == "gate"
    assert camera_of(routes, picture(tmp_path / "yard" / "day" / "x.png")) == "yard"
    assert camera_of(routes, picture(tmp_path / "x.jpg", "0123")) == "door"
    for other in (picture(tmp_path / "y.jpg", "999"), picture(tmp_path / "z.jpg")):
        with pytest.raises(InvalidInput, match=r"no rule of .*routes\.yaml matches"):
            routes.profile_of(other)


def test_a_default_takes_the_rest(tmp_path):
    routes = load_routes(cameras(tmp_path / "cams", RULES + "default: yard.yaml\n"))
    assert camera_of(routes, picture(tmp_path / "unknown.png")) == "yard"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("rules: []\n", "rules"),
        ("rules:\n  - {profile: gate.yaml}\n", "name, folder or serial"),
        ("rules:\n  - {profile: nowhere.yaml, name: a}\n", "nowhere"),
        ("rules:\n  - {profile: gate.yaml, colour: red}\n", "colour"),
        ("rules: [\n", "routes.yaml"),
    ],
)
def test_wrong_rules_are_refused(tmp_path, rules, said):
    with pytest.raises(InvalidInput, match=said):
        load_routes(cameras(tmp_path, rules))


def test_a_folder_without_rules_says_what_is_missing(tmp_path):
    with pytest.raises(InvalidInput, match=r"routes\.yaml"):
        load_routes(tmp_path)


def test_serials_are_read_or_absent(tmp_path):
    assert read_body_serial(picture(tmp_path / "a.jpg", "SN 1")) == "SN 1"
    assert read_body_serial(picture(tmp_path / "b.png")) is None
    (tmp_path / "c.jpg").write_bytes(b"\xff\xd8\xff" + b"\0" * 20)
    assert read_body_serial(tmp_path / "c.jpg") is None
    with pytest.raises(InvalidInput, match=r"nowhere\.jpg"):
        read_body_serial(tmp_path / "nowhere.jpg")
