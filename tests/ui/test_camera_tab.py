"""The tab "Camera" in a real browser: tune, stop, go on, click a point, calibrate, be refused."""

from __future__ import annotations

import csv
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facefidelity.assessor.benchmark.simulate.camera import VirtualCamera
from facefidelity.core.images import write_picture
from facefidelity.guards.profile import load_profile, parse_profile, profile_text

pytestmark = pytest.mark.browser
pytest.importorskip("optuna", reason="needs optuna: pip install 'facefidelity[tune]'")
FRAMES = 6


@pytest.fixture(scope="module")
def frames(astronaut_face: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Aligned frames of one camera, near and far."""
    folder = tmp_path_factory.mktemp("camera") / "gate"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for index in range(FRAMES):
        camera = VirtualCamera(
            face_px=float(np.geomspace(110, 45, FRAMES)[index]),
            noise=(("sensor", float(rng.uniform(1, 6))),),
            quality=(int(rng.integers(55, 90)),),
        )
        write_picture(folder / f"gate{index}.png", camera.capture(astronaut_face.pixels, rng))
    return folder


@pytest.fixture(scope="module")
def url(serve: Any, frames: Path) -> str:
    return serve("--frames", str(frames)).url


def open_camera(open_tab: Any, url: str) -> Any:
    tab = open_tab(url=url)
    tab.page.get_by_role("tab", name="Camera", exact=True).click()
    tab.page.locator("#camera-tune").wait_for()
    return tab


def choose(page: Any, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).locator("visible=true").last.click()
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")


def set_number(page: Any, label: str, value: str) -> None:
    field = page.get_by_label(re.compile(f"number input for {label}")).locator("visible=true").first
    field.fill(value)
    field.press("Enter")


def ask_little(page: Any, trials: str) -> None:
    """One restorer, few settings, a wide budget: what is tried takes seconds."""
    page.get_by_label("Every picture is one aligned face").check()
    page.get_by_text("How far the search goes").click()
    choose(page, "Restorers", "classical")
    set_number(page, "Settings to try", trials)
    set_number(page, "Self-made pairs", "4")
    set_number(page, "Share of faces", "0.4")


def download(page: Any, name: str) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).locator(
            "visible=true"
        ).first.click()
    return Path(waiting.value.path())


@pytest.fixture(scope="module")
def tuned(open_tab: Any, url: str, frames: Path) -> Any:
    """A tab that has tuned on uploaded frames, stopped once on the way."""
    tab = open_camera(open_tab, url)
    page = tab.page
    ask_little(page, "2")
    page.locator("#camera-frames input[type=file]").set_input_files(sorted(frames.iterdir()))
    page.locator("#camera-frames").get_by_text("gate5").first.wait_for()
    page.locator("#camera-tune").click()
    page.locator("#camera-status", has_text="Trying classical").wait_for()
    page.locator("#camera-stop").click()
    page.locator("#camera-status", has_text="Stopped. What was measured is kept").wait_for()
    page.locator("#camera-tune").click()
    page.locator("#camera-status", has_text="Tuned in").wait_for()
    page.locator("#camera-pareto .main-svg").first.wait_for()
    return tab


def test_tuning_tells_how_far_it_is_stops_and_goes_on_to_a_profile(tuned: Any) -> None:
    page = tuned.page
    assert "For camera camera:" in page.locator("#camera-said").inner_text()
    assert "the numbers are rough" in page.locator("#camera-said .doubts").inner_text()
    profile = load_profile(download(page, "Profile (YAML)"))
    assert (profile.name, profile.restorer) == ("camera", "classical")
    assert profile.frames is not None
    assert profile.frames.faces == FRAMES
    report = download(page, "Report of the tuning").read_text(encoding="utf-8")
    assert "Gain against losses" in report
    assert "facefidelity-page" not in report
    assert "classical" in page.locator("#camera-finalists").inner_text()
    assert tuned.errors == []


def apart(spots: list[tuple[float, float]], number: int) -> float:
    """How far a spot is from the nearest other one."""
    x, y = spots[number]
    others = (one for n, one in enumerate(spots) if n != number)
    return min((abs(x - u) + abs(y - v) for u, v in others), default=0.0)


def test_a_click_on_a_point_shows_its_faces(tuned: Any) -> None:
    page = tuned.page
    points = page.locator("#camera-points input")
    assert page.locator("#camera-sheet figure").count() >= 1
    at = page.evaluate(
        "[...document.querySelectorAll('#camera-points input')].findIndex((one) => one.checked)"
    )
    page.wait_for_function("document.querySelector('#camera-pareto .js-plotly-plot').ffBound")
    page.locator("#camera-pareto").scroll_into_view_if_needed()
    # The third trace holds what can be clicked.
    marks = page.locator("#camera-pareto .trace").nth(2).locator(".point")
    boxes = [marks.nth(n).bounding_box() for n in range(points.count())]
    spots = [(one["x"] + one["width"] / 2, one["y"] + one["height"] / 2) for one in boxes]
    wanted = max((n for n in range(len(spots)) if n != at), key=partial(apart, spots), default=at)
    label = page.locator("#camera-points label").nth(wanted).inner_text().strip()
    page.mouse.move(*spots[wanted])
    page.wait_for_timeout(300)
    page.mouse.click(*spots[wanted])
    page.locator("#camera-sheet .point", has_text=label).wait_for()
    assert page.locator("#camera-points input").nth(wanted).is_checked()
    assert page.locator("#camera-sheet img[alt*='truth']").count() >= 1


def test_nothing_runs_over_and_axe_finds_no_serious_fault(
    tuned: Any, axe: str, grave_faults: Any
) -> None:
    page = tuned.page
    assert grave_faults(page, axe) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.set_viewport_size({"width": 1440, "height": 900})


def test_calibrating_needs_enough_pairs_and_says_how_many(tuned: Any) -> None:
    page = tuned.page
    page.get_by_text("Calibrate: a bound on what is lost").click()
    page.locator("#camera-calibrate").click()
    page.locator("#camera-status [role=alert]", has_text="at least 45 pairs").wait_for()


def test_a_table_and_its_pictures_calibrate_the_profile(
    open_tab: Any, url: str, frames: Path, tmp_path: Path
) -> None:
    rows, pictures = [], []
    for index, lq in enumerate(sorted(frames.iterdir())):
        hq = tmp_path / f"hq{index}.png"
        hq.write_bytes((sorted(frames.iterdir())[index - 1]).read_bytes())
        rows.append([f"/elsewhere/{lq.name}", f"made/{hq.name}", 0])
        pictures += [lq, hq]
    table = tmp_path / "pairs.csv"
    with table.open("w", newline="") as lines:
        csv.writer(lines).writerows([["lq", "hq", "lost"], *rows])
    profile = tmp_path / "gate.yaml"
    weights = {"assessor": "a", "embedder": "e", "risk_model": "r", "restorer": {}}
    said = {"name": "gate", "restorer": "classical", "weights": weights}
    free = {"max_drop_risk": 1.0, "min_overall_gain": 0.0, "max_fidelity_loss": 100.0}
    free |= {"min_consistency": 0.0, "max_landmark_shift": 1.0, "min_source_identifiable": 0.0}
    said |= {"tool_version": "0", "tuned_at": "d", "policy": "lenient", "thresholds": free}
    profile.write_text(profile_text(parse_profile(said, "test")), encoding="utf-8")
    page = open_camera(open_tab, url).page
    page.get_by_label("Every picture is one aligned face").check()
    page.get_by_text("Calibrate: a bound on what is lost").click()
    page.get_by_label("A table that I bring").check()
    page.locator("#camera-profile input[type=file]").set_input_files(profile)
    page.locator("#camera-pairs input[type=file]").set_input_files(table)
    page.locator("#camera-pair-pictures input[type=file]").set_input_files(pictures)
    page.locator("#camera-pair-pictures").get_by_text("hq5").first.wait_for()
    for label, value in (("Alpha: may be lost", "0.4"), ("Delta: may be wrong", "0.4")):
        page.get_by_label(label).fill(value)
    page.locator("#camera-calibrate").click()
    page.locator("#camera-status", has_text="Calibrated.").wait_for()
    words = page.locator("#camera-bound-said").inner_text()
    assert "with 60 % confidence" in words.lower()
    assert "weights differ" in words
    page.locator("#camera-reliability img").wait_for()
    calibrated = load_profile(download(page, "Calibrated profile"))
    assert calibrated.calibration is not None
    assert (calibrated.calibration.truth, calibrated.calibration.pairs) == ("given", FRAMES)


def test_only_folders_of_the_operator_can_be_tuned_on(open_tab: Any, url: str) -> None:
    page = open_camera(open_tab, url).page
    page.locator("#camera-tune").click()
    page.locator("#camera-status [role=alert]", has_text="upload several pictures").wait_for()
    choose(page, "Or a folder of this server", "gate")
    ask_little(page, "1")
    page.locator("#camera-tune").click()
    page.locator("#camera-status", has_text="Tuned in").wait_for()
    assert (
        f"{FRAMES} faces in {FRAMES} of {FRAMES} frames"
        in page.locator("#camera-said").inner_text()
    )
