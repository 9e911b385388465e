"""The tab "Inspect" in a real browser: verdict, slider, policy, and the bytes that it hands out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import facefidelity as ff
from facefidelity.core.images import read_picture
from facefidelity.guards.policy import load_policy
from facefidelity.plugin.provenance import Labelling, label_of_restoration

pytestmark = pytest.mark.browser
RESTORER = "classical"


def choose(page: Any, label: str, option: str) -> None:
    """Choose an option of a drop-down."""
    page.get_by_label(label, exact=True).locator("visible=true").first.click()
    page.get_by_role("option", name=option, exact=True).click()


def set_number(page: Any, label: str, value: str) -> None:
    field = page.get_by_label(re.compile(f"number input for {label}", re.IGNORECASE))
    field.locator("visible=true").first.fill(value)
    field.locator("visible=true").first.press("Enter")


def download(page: Any, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name).locator("visible=true").click()
    return Path(waiting.value.path()).read_bytes()


def as_written(result: ff.GuardedImage, source: Path, policy: str) -> bytes:
    """The bytes of the file in which `restore` would deliver a result, label included."""
    read = read_picture(source)
    label = label_of_restoration(result, read.pixels, read.sha256, policy)
    return Labelling().encode(result.pixels, ".png", label, read)


@pytest.fixture(scope="module")
def inspected(open_tab: Any, astronaut_file: Path) -> Any:
    """A tab that has judged the astronaut under the classical restorer, which is accepted."""
    tab = open_tab()
    page = tab.page
    page.locator("input[type=file]").first.set_input_files(astronaut_file)
    choose(page, "Restorer", "classical")
    page.get_by_text("Radius").first.wait_for()
    page.locator("img[src*='astronaut.png']").first.wait_for()
    page.get_by_role("button", name="Inspect", exact=True).click()
    page.get_by_role("heading", name="Face 1").wait_for()
    return tab


@pytest.fixture(scope="module")
def by_api(astronaut: npt.NDArray[np.uint8]) -> Any:
    """The same by the Python API."""
    return ff.Guard(RESTORER).restore(astronaut)


def head(tab: Any) -> Any:
    return tab.page.locator(".face-head").first


def test_the_verdict_and_its_reasons_are_those_of_the_api(inspected: Any, by_api: Any) -> None:
    verdict = by_api.faces[0].verdict
    assert verdict.decision.value in head(inspected).inner_text()
    card = inspected.page.locator(".ff-card").first.inner_text()
    assert all(reason.value in card for reason in verdict.reasons)
    evidence = verdict.evidence
    assert f"same person {100 * evidence.probability_same:.1f} %" in card
    assert f"cosine {evidence.cosine_similarity:.3f}, {evidence.embedder}" in card
    for name in ("left eye", "nose", "outline"):
        assert name in card


def test_the_downloads_are_the_bytes_of_the_api(
    inspected: Any, by_api: Any, astronaut_file: Path
) -> None:
    picture = download(inspected.page, "Guarded picture")
    assert picture == as_written(by_api, astronaut_file, "balanced")
    assert b"algorithmicallyEnhanced" in picture
    (line,) = download(inspected.page, "Decisions").decode().splitlines()
    record = json.loads(line)
    assert record["decision"] == by_api.faces[0].verdict.decision.value
    assert record["restorer"] == RESTORER
    assert record["path"] == "astronaut.png"
    report = download(inspected.page, "Report").decode()
    assert "astronaut.png" in report
    assert "facefidelity-page" not in report


def test_every_pair_can_be_compared(inspected: Any) -> None:
    page = inspected.page
    for pair, files in {
        "Input | Delivered": ("lq", "guarded"),
        "Restored | Delivered": ("hq", "guarded"),
        "Input | Restored": ("lq", "hq"),
    }.items():
        page.get_by_label(pair, exact=True).check()
        for key in files:
            page.locator(f".ff-card img[src$='face-1-{key}.png']").first.wait_for()


def test_the_limit_moves_the_verdict_at_once(inspected: Any) -> None:
    page = inspected.page
    assert "BLEND" in head(inspected).inner_text()
    set_number(page, "Highest identity risk", "0.0")
    page.locator("p.moved").wait_for()
    assert "REJECT" in head(inspected).inner_text()
    assert page.get_by_text("Picture, downloads and record still follow balanced.").is_visible()
    set_number(page, "Highest identity risk", "0.3")
    page.locator("p.moved").wait_for(state="detached")
    assert "BLEND" in head(inspected).inner_text()


def test_a_moved_limit_can_be_delivered(
    inspected: Any, astronaut: npt.NDArray[np.uint8], astronaut_file: Path
) -> None:
    page = inspected.page
    set_number(page, "Highest identity risk", "0.02")
    page.get_by_role("button", name="Deliver under this limit").locator("visible=true").click()
    page.get_by_text("risk at most 0.02").first.wait_for()
    page.locator("p.moved").wait_for(state="detached")
    policy = load_policy("balanced").model_copy(
        update={"max_identity_risk": 0.02, "name": "balanced, risk at most 0.02"}
    )
    expected = ff.Guard(RESTORER, policy=policy).restore(astronaut)
    assert expected.faces[0].verdict.decision.value in head(inspected).inner_text()
    assert download(page, "Guarded picture") == as_written(expected, astronaut_file, policy.name)


def test_another_policy_changes_the_verdict(inspected: Any) -> None:
    page = inspected.page
    choose(page, "Policy", "observe")
    page.get_by_text("Judged only: the face was left untouched.").wait_for()
    choose(page, "Policy", "balanced")
    page.get_by_text("Judged only").wait_for(state="detached")


def test_nothing_was_fetched_from_elsewhere(inspected: Any, served: Any) -> None:
    assert inspected.hosts <= {served.url.split("//")[1], ""}
    assert inspected.errors == []


def test_another_user_sees_nothing_of_it(inspected: Any, open_tab: Any) -> None:
    other = open_tab()
    other.page.wait_for_timeout(500)
    assert "astronaut" not in other.page.content()
    assert other.page.get_by_role("heading", name="Face 1").count() == 0


def test_a_failure_is_one_sentence(open_tab: Any, tmp_path: Path) -> None:
    page = open_tab().page
    page.get_by_role("button", name="Inspect", exact=True).click()
    toast = page.get_by_test_id("toast-body").first
    toast.wait_for()
    said = toast.inner_text()
    assert "upload one, paste it" in said
    assert "Traceback" not in said


def test_what_is_no_picture_is_one_sentence_without_a_path(open_tab: Any, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.png"
    wrong.write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    page = open_tab().page
    page.locator("input[type=file]").first.set_input_files(wrong)
    page.locator("img[src*='wrong.png']").first.wait_for(state="attached")
    page.get_by_role("button", name="Inspect", exact=True).click()
    toast = page.get_by_test_id("toast-body").first
    toast.wait_for()
    assert "/" not in toast.inner_text()
    assert "Traceback" not in toast.inner_text()
    assert "wrong.png" in toast.inner_text()
