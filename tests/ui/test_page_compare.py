"""The tab "Compare" in a real browser: a restoration made elsewhere, judged and given back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import facefidelity as ff
from facefidelity.core.images import encode_picture, read_picture
from facefidelity.plugin.comparison import compare_pictures
from facefidelity.plugin.provenance import Labelling, label_of_pair

pytestmark = pytest.mark.browser


def test_a_pair_is_judged_as_by_the_api(
    open_tab: Any, astronaut_file: Path, astronaut: npt.NDArray[np.uint8], tmp_path: Path
) -> None:
    restored = ff.Guard("classical", policy="lenient").restore(astronaut).pixels
    after = tmp_path / "restored.png"
    after.write_bytes(encode_picture(restored, ".png"))
    guard = ff.Guard("identity")
    expected = compare_pictures(guard, astronaut, restored, references=[astronaut])
    page = open_tab().page
    page.get_by_role("tab", name="Compare").click()
    panel = page.get_by_role("tabpanel").locator("visible=true")
    panel.locator("input[type=file]").nth(0).set_input_files(astronaut_file)
    panel.locator("img[src*='astronaut.png']").first.wait_for()
    panel.locator("input[type=file]").nth(1).set_input_files(after)
    panel.locator("img[src*='restored.png']").first.wait_for()
    panel.get_by_text("Reference pictures and options").click()
    panel.locator("input[type=file]").nth(2).set_input_files(astronaut_file)
    panel.get_by_label("astronaut.png").last.wait_for()
    panel.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_role("heading", name="Face 1").locator("visible=true").wait_for()
    head = page.locator(".face-head").locator("visible=true").first.inner_text()
    assert expected.faces[0].verdict.decision.value in head
    page.get_by_text("All measurements").locator("visible=true").first.click()
    page.get_by_text("Person of the references").locator("visible=true").first.wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Guarded picture").locator("visible=true").click()
    assert waiting.value.suggested_filename == "restored.png"
    given = Path(waiting.value.path()).read_bytes()
    read = read_picture(astronaut_file)
    label = label_of_pair(expected, read.pixels, read.sha256, "balanced")
    assert given == Labelling().encode(expected.pixels, ".png", label, read)
