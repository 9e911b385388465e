"""How the page looks: nothing runs over, no serious fault for those who cannot see it well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
TABS = ("Inspect", "Compare", "Batch review", "Camera", "Rate", "About")


@pytest.fixture(scope="module", params=SIZES)
def filled(request: Any, open_tab: Any, astronaut_file: Path) -> Any:
    """A tab of each size with a judged face in "Inspect" and in "Compare"."""
    tab = open_tab(*SIZES[request.param])
    page = tab.page
    page.locator("input[type=file]").first.set_input_files(astronaut_file)
    field = page.get_by_label("number input for Input size")
    field.fill("64")
    field.press("Enter")
    page.locator("img[src*='astronaut.png']").first.wait_for()
    page.get_by_role("button", name="Inspect", exact=True).click()
    page.locator(".ff-radar .main-svg").first.wait_for()
    return tab


def open_part(page: Any, name: str) -> None:
    """Open a tab, behind the button with three points where there is no room."""
    wanted = page.get_by_role("tab", name=name, exact=True).locator("visible=true")
    if wanted.count() == 0:
        page.locator(".overflow-menu button").first.click()
        page.locator(".overflow-dropdown button", has_text=name).click()
    else:
        wanted.first.click()
    page.wait_for_timeout(400)


@pytest.mark.parametrize("name", TABS)
def test_nothing_runs_over(filled: Any, name: str) -> None:
    page = filled.page
    open_part(page, name)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("name", TABS)
def test_axe_finds_no_serious_fault(filled: Any, axe: str, grave_faults: Any, name: str) -> None:
    page = filled.page
    open_part(page, name)
    assert grave_faults(page, axe) == []


def test_every_tab_has_one_label(filled: Any) -> None:
    page = filled.page
    open_part(page, "About")
    assert page.get_by_role("tab", name="About", exact=True).locator("visible=true").count() == 1
