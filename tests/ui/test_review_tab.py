"""The review in a browser: a decision by key and by button, and `restore` follows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facefidelity.core.images import read_picture, write_picture
from facefidelity.plugin.cli.main import run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def batch(astronaut, tmp_path_factory) -> Path:
    """in/photo.png and in/soft.png, restored into out/."""
    root = tmp_path_factory.mktemp("review")
    (root / "in").mkdir()
    photo = np.ascontiguousarray(astronaut[:260, 90:350])
    write_picture(root / "in" / "photo.png", photo)
    write_picture(root / "in" / "night.png", photo // 2)
    assert run(restore(root, "out")) == 0
    return root


def restore(root: Path, out: str, *more: str) -> list[str]:
    return ["restore", str(root / "in"), "-o", str(root / out), "--restorer", "classical", *more]


@pytest.fixture(scope="module")
def url(serve: Any, batch: Path) -> str:
    return serve("--review", str(batch / "out")).url


def open_review(open_tab: Any, url: str, width: int = 1440, height: int = 900) -> Any:
    tab = open_tab(width, height, url)
    name = tab.page.get_by_role("tab", name="Batch review")
    if not name.is_visible():
        tab.page.locator(".overflow-menu > button").first.click()
        name = tab.page.locator(".overflow-dropdown button", has_text="Batch review")
    name.click()
    tab.page.locator("#review-head .desk-place").wait_for()
    return tab


def test_review_with_an_override_that_restore_follows(open_tab, url, batch):
    tab = open_review(open_tab, url)
    page = tab.page
    name = page.locator("#review-head .desk-name")
    first = name.inner_text()
    page.get_by_label("Your name").fill("ann")
    page.get_by_label("Note", exact=True).fill("not her eyes")
    page.locator("#review-head").click()
    page.keyboard.press("r")
    page.locator("#review-head .tone-REJECT").wait_for()
    page.locator("#review-agreement", has_text="0 %").wait_for()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "(was) => document.querySelector('#review-head .desk-name').innerText !== was", arg=first
    )
    page.locator("#review-blend").click()
    page.locator("#review-head .tone-BLEND").wait_for()
    page.keyboard.press("u")
    page.locator("#review-head", has_text="no person has decided").wait_for()
    assert not tab.errors

    file = batch / "out" / "overrides.jsonl"
    (said,) = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert (said["decision"], said["note"], said["who"]) == ("REJECT", "not her eyes", "ann")
    assert run([*restore(batch, "again"), "--overrides", str(file)]) == 0
    lines = (batch / "again" / "decisions.jsonl").read_text().splitlines()
    done = {Path(one["path"]).name: one for one in map(json.loads, lines)}
    refused = first.split(",")[0]
    assert done[refused]["override"]["note"] == "not her eyes"
    assert done[refused]["delivered"] == "REJECT"
    kept, before = (read_picture(batch / place / refused).pixels for place in ("again", "in"))
    assert (kept == before).all()
    (other,) = set(done) - {refused}
    assert done[other]["override"] is None


def test_filters_and_keys_do_not_disturb_typing(open_tab, url):
    page = open_review(open_tab, url).page
    box = page.get_by_label("File name has")
    box.fill("night")
    page.locator("#review-head", has_text="night.png").wait_for()
    place = page.locator("#review-head .desk-name").inner_text()
    box.press("a")
    box.fill("nothing of that name")
    page.locator("#review-head", has_text="No face fits").wait_for()
    assert place.startswith("night.png")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_nothing_reaches_over_the_edge(open_tab, url, size):
    page = open_review(open_tab, url, *size).page
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= size[0]
