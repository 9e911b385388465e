"""In a browser the page's script runs under its policy, and its controls work."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROBE = """
addEventListener("load", () => {
  const every = (query) => [...document.querySelectorAll(query)];
  const seen = (query) => every(query).filter((e) => e.offsetParent).length;
  const out = {all: seen(".face")};
  document.querySelector('[data-show="REJECT"]').click();
  out.faces = seen(".face"); out.pictures = seen(".picture"); out.contents = seen(".contents li");
  out.pressed = document.querySelectorAll('.filter[aria-pressed="true"]').length;
  document.querySelector('[data-show=""]').click();
  out.again = seen(".face");
  const blend = document.querySelector('[data-decision="BLEND"]');
  const slide = blend.querySelector("[data-slide]");
  slide.value = 20;
  slide.dispatchEvent(new Event("input", {bubbles: true}));
  out.cut = getComputedStyle(blend.querySelector(".shot-hq img")).clipPath;
  out.words = slide.getAttribute("aria-valuetext");
  blend.querySelector('input[value="guarded"]').click();
  out.hq = getComputedStyle(blend.querySelector(".shot-hq")).visibility;
  out.mixed = getComputedStyle(blend.querySelector(".shot-guarded")).visibility;
  document.body.dataset.probe = JSON.stringify(out);
});
"""


def dump(path: Path, profile: Path) -> str:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("needs Debian chromium: apt-get install chromium")
    options = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
    quiet = "--disable-background-networking --disable-component-update --window-size=1440,900"
    command = [browser, *options.split(), *quiet.split(), f"--user-data-dir={profile}"]
    done = subprocess.run(
        [*command, "--dump-dom", path.as_uri()], capture_output=True, timeout=60, check=True
    )
    return done.stdout.decode("utf-8")


@pytest.mark.browser
def test_the_browser_runs_the_script_under_the_policy(page: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page, "utf-8")
    tree = dump(path, tmp_path / "profile")
    assert re.search(r'<html[^>]*class="js"', tree)
    assert not re.search(r"<button[^>]*disabled", tree)


@pytest.mark.browser
def test_filter_slider_and_pairs_work(page: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    open_page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    path.write_text(open_page.replace("</body>", f"<script>{PROBE}</script></body>"), "utf-8")
    (found,) = re.findall(r'data-probe="([^"]*)"', dump(path, tmp_path / "profile"))
    assert json.loads(html.unescape(found)) == {
        "all": 6,
        "faces": 2,
        "pictures": 2,
        "contents": 2,
        "pressed": 1,
        "again": 6,
        "cut": "inset(0px 0px 0px 20%)",
        "words": "20 % input, 80 % after",
        "hq": "hidden",
        "mixed": "visible",
    }
