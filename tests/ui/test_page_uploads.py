"""What a visitor may bring: profile, references, several faces, a batch, pictures to rate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facefidelity.core.images import write_picture
from facefidelity.guards.profile import parse_profile, profile_text
from facefidelity.plugin.cli.main import run

pytestmark = pytest.mark.browser
WEIGHTS = {"assessor": "a", "embedder": "e", "risk_model": "r", "restorer": {}}


def profile_file(path: Path, restorer: str, settings: dict[str, Any]) -> Path:
    said = {"name": "gate", "restorer": restorer, "settings": settings, "weights": WEIGHTS}
    said |= {"tool_version": "0", "tuned_at": "d", "thresholds": {"max_identity_risk": 0.17}}
    path.write_text(profile_text(parse_profile(said, "test")), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def two_faces(astronaut: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of the astronaut beside herself, looking the other way."""
    face = astronaut[:280, 80:360]
    path = tmp_path_factory.mktemp("two") / "two.png"
    write_picture(path, np.ascontiguousarray(np.hstack([face, face[:, ::-1]])))
    return path


def inspect(page: Any, picture: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(picture)
    page.locator(f"img[src*='{picture.name}']").first.wait_for()


def press_inspect(page: Any, faces: int) -> None:
    page.get_by_role("button", name="Inspect", exact=True).click()
    page.get_by_role("heading", name=f"Face {faces}").wait_for()


def test_a_profile_says_restorer_settings_and_limit_until_it_is_taken_away(
    open_tab: Any, two_faces: Path, tmp_path: Path
) -> None:
    page = open_tab().page
    inspect(page, two_faces)
    page.get_by_text("Camera profile", exact=True).click()
    upload = page.get_by_text("A profile of `tune` (YAML)").locator("xpath=ancestor::*[input][1]")
    files = page.locator("input[type=file][accept*='.yaml']").first
    assert upload is not None
    files.set_input_files(profile_file(tmp_path / "gate.yaml", "classical", {"sharpen": 1.1}))
    page.get_by_text("Radius").first.wait_for()
    field = page.get_by_label("number input for Sharpen")
    assert field.input_value() == "1.1"
    assert not field.is_enabled()
    limit = page.get_by_label("number input for Highest identity risk").first
    assert limit.input_value() == "0.17"
    press_inspect(page, 2)
    cards = page.locator(".ff-card")
    assert cards.count() == 2
    for number in range(2):
        words = cards.nth(number).inner_text()
        assert "limit 17.0 %" in words
        assert "Shown less clearly?" in words
    assert "2 faces" in page.locator(".summary").first.inner_text()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Decisions").locator("visible=true").click()
    lines = Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["camera"] for line in lines] == ["gate", "gate"]


def test_a_profile_may_not_name_a_file_of_the_server(open_tab: Any, tmp_path: Path) -> None:
    page = open_tab().page
    page.get_by_text("Camera profile", exact=True).click()
    path = profile_file(tmp_path / "gate.yaml", "onnx", {"weights": "/etc/passwd"})
    page.locator("input[type=file][accept*='.yaml']").first.set_input_files(path)
    toast = page.get_by_test_id("toast-body").first
    toast.wait_for()
    assert "whose restorer the page offers" in toast.inner_text()
    assert "passwd" not in toast.inner_text()


def test_reference_pictures_are_measured(
    open_tab: Any, astronaut_file: Path, two_faces: Path
) -> None:
    page = open_tab().page
    inspect(page, astronaut_file)
    page.get_by_label("Restorer", exact=True).locator("visible=true").first.click()
    page.get_by_role("option", name="classical", exact=True).click()
    page.get_by_text("Radius").first.wait_for()
    page.get_by_text("Reference pictures and options").click()
    files = page.locator("input[type=file][multiple]").first
    files.set_input_files(astronaut_file)
    page.get_by_text("astronaut.png").last.wait_for()
    press_inspect(page, 1)
    page.get_by_text("All measurements").click()
    page.get_by_text("Person of the references").wait_for()
    files = page.locator("input[type=file][multiple]").first
    page.get_by_role("button", name="Clear").locator("visible=true").last.click()
    page.locator("input[type=file][multiple]").first.set_input_files(two_faces)
    page.get_by_text("two.png").last.wait_for()
    page.get_by_role("button", name="Inspect", exact=True).click()
    toast = page.get_by_test_id("toast-body").first
    toast.wait_for()
    assert "one face" in toast.inner_text()


@pytest.fixture(scope="module")
def batch(astronaut: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """in/photo.png, restored into out/; both pictures have one name."""
    root = tmp_path_factory.mktemp("batch")
    (root / "in").mkdir()
    write_picture(root / "in" / "photo.png", np.ascontiguousarray(astronaut[:260, 90:350]))
    words = ["restore", str(root / "in"), "-o", str(root / "out"), "--restorer", "classical"]
    assert run(words) == 0
    return root


def test_an_uploaded_batch_is_looked_over_and_its_overrides_come_back(
    open_tab: Any, batch: Path
) -> None:
    tab = open_tab()
    page = tab.page
    page.get_by_role("tab", name="Batch review").click()
    page.locator("#review-open").click()
    page.get_by_test_id("toast-body").first.wait_for()
    files = [batch / "out" / "decisions.jsonl", *batch.rglob("photo.png")]
    assert len(files) == 3
    page.locator("#review-files input[type=file]").set_input_files(files)
    page.locator("#review-files").get_by_text("decisions").first.wait_for()
    page.wait_for_timeout(500)
    page.locator("#review-open").click()
    page.locator("#review-head .desk-name", has_text="photo.png").wait_for()
    page.locator("#review-pictures img").first.wait_for()
    assert page.locator("#review-words .desk-problem").count() == 0
    page.get_by_label("Your name").locator("visible=true").fill("ann")
    page.locator("#review-reject").click()
    page.locator("#review-head .tone-REJECT").wait_for()
    page.locator("#review-overrides").locator("visible=true").wait_for()
    with page.expect_download() as waiting:
        page.locator("#review-overrides").click()
    overrides = Path(waiting.value.path())
    said = json.loads(overrides.read_text(encoding="utf-8"))
    assert (said["decision"], said["who"]) == ("REJECT", "ann")
    kept = batch / "overrides.jsonl"
    kept.write_bytes(overrides.read_bytes())
    words = ["restore", str(batch / "in"), "-o", str(batch / "again"), "--restorer", "classical"]
    assert run([*words, "--overrides", str(kept)]) == 0
    record = json.loads((batch / "again" / "decisions.jsonl").read_text(encoding="utf-8"))
    assert record["delivered"] == "REJECT"
    other = open_tab().page
    other.get_by_role("tab", name="Batch review").click()
    other.wait_for_timeout(500)
    assert "photo.png" not in other.content()


def test_uploaded_pictures_are_rated_and_the_csv_comes_back(
    open_tab: Any, astronaut_face: Any, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.png" for number in range(2)]
    for number, path in enumerate(files):
        write_picture(path, astronaut_face.pixels // (number + 1))
    page = open_tab().page
    page.get_by_role("tab", name="Rate", exact=True).click()
    page.locator("#rate-files input[type=file]").set_input_files(files)
    page.locator("#rate-files").get_by_label("1.png").first.wait_for()
    page.wait_for_timeout(500)
    page.locator("#rate-take").click()
    page.locator("#rate-name").get_by_role("textbox").fill("Ann")
    page.locator("#rate-begin").click()
    page.locator("#rate-picture img").wait_for()
    for told in ("Practice 1 of 2", "Practice 2 of 2", "0 of 3 rated", "1 of 3", "2 of 3"):
        page.locator("#rate-progress .rate-progress", has_text=told).wait_for()
        page.wait_for_function("!document.querySelector('#rate-scores input:checked')")
        for count in range(1, 7):
            page.keyboard.press("4")
            page.wait_for_function(
                "n => document.querySelectorAll('#rate-scores input:checked').length === n",
                arg=count,
            )
        page.keyboard.press("Enter")
    page.get_by_text("that was the last picture").wait_for()
    page.get_by_text("Results, for whoever runs the study").click()
    page.locator("#rate-average").click()
    page.locator("#rate-means", has_text="18 ratings of 2 pictures").wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Ratings (CSV)").locator("visible=true").click()
    lines = Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 19
    assert lines[0].startswith("rater,image,dimension,score")
