"""Five pictures are rated in a browser, by key; the CSV is what `bench mos` reads."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facefidelity.assessor.benchmark.ratings import read_ratings
from facefidelity.core.images import write_picture

pytestmark = pytest.mark.browser
HEADS = ("noise", "sharpness", "colorfulness", "contrast", "fidelity", "overall")


@pytest.fixture(scope="module")
def study(astronaut_face, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    for number in range(5):
        write_picture(folder / f"{number}.png", astronaut_face.pixels // (number + 1))
    return folder


@pytest.fixture(scope="module")
def url(serve: Any, study: Path) -> str:
    return serve("--rate", str(study), "--rate-seed", "7").url


def sit_down(open_tab: Any, url: str, name: str, size: tuple[int, int] = (1440, 900)) -> Any:
    tab = open_tab(*size, url)
    label = tab.page.get_by_role("tab", name="Rate", exact=True)
    if not label.is_visible():
        tab.page.locator(".overflow-menu > button").first.click()
        label = tab.page.locator(".overflow-dropdown button", has_text="Rate")
    label.click()
    tab.page.locator("#rate-name").get_by_role("textbox").fill(name)
    tab.page.locator("#rate-begin").click()
    tab.page.locator("#rate-picture img").wait_for()
    return tab


def rate_one(page: Any, told: str, grade: int) -> None:
    """Wait for a picture, grade every dimension of it by key, and go on."""
    page.locator("#rate-progress .rate-progress", has_text=told).wait_for()
    page.wait_for_function("!document.querySelector('#rate-scores input:checked')")
    for count in range(1, len(HEADS) + 1):
        page.keyboard.press(str(grade))
        page.wait_for_function(
            "(n) => document.querySelectorAll('#rate-scores input:checked').length === n",
            arg=count,
        )
    page.keyboard.press("Enter")


def test_five_pictures_and_the_csv(open_tab, url, study):
    tab = sit_down(open_tab, url, "Ann")
    page = tab.page
    for number in range(3):
        assert not (study / "ratings.csv").exists()
        rate_one(page, f"Practice {number + 1} of 3", 3)
    for number in range(2):
        rate_one(page, f"{number} of 6 rated", 4)
    page.locator("#rate-progress .rate-progress", has_text="2 of 6 rated").wait_for()
    again = sit_down(open_tab, url, " ann ").page
    for number in range(2, 6):
        rate_one(again, f"{number} of 6 rated", 5)
    again.get_by_text("that was the last picture").wait_for()
    assert not tab.errors

    with (study / "ratings.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 6 * len(HEADS)
    assert {row["rater"] for row in rows} == {"ann"}
    assert {row["dimension"] for row in rows} == set(HEADS)
    assert sum(row["repeat"] == "1" for row in rows) == len(HEADS)
    assert [row["score"] for row in rows] == ["4"] * 12 + ["5"] * 24
    table = read_ratings(study / "ratings.csv")
    assert len(table.images) == 5
    assert table.scale.to_hundred(np.array([4.0])) == 75

    again.get_by_text("Results, for whoever runs the study").click()
    again.locator("#rate-average").click()
    again.locator("#rate-means", has_text="36 ratings of 5 pictures by 1 raters").wait_for()
    assert (study / "mos.csv").read_text().startswith("file,noise,noise_ci")


def test_an_answer_that_lacks_a_grade_is_not_taken(open_tab, url):
    page = sit_down(open_tab, url, "Ben", (390, 844)).page
    page.locator("#rate-next").click()
    page.get_by_text("expected a grade for every dimension", exact=False).first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
