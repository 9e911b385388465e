"""The page trusts no text from outside, fetches nothing, adds up and can be read by everyone."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from facefidelity.guards.policy import load_policy
from facefidelity.plugin import report as report_package
from facefidelity.plugin.report import ReportWriter

POLICY = load_policy("balanced")
PARTS = Path(report_package.__file__).parent


def test_tags_are_balanced_and_ids_unique(page: str, read: Callable) -> None:
    reader = read(page)
    assert reader.open == []
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for a in reader.all("a") if a["href"]}
    assert targets and targets <= set(ids)
    labelled = {a["aria-labelledby"] for _, a in reader.tags if "aria-labelledby" in a}
    assert labelled <= set(ids)


def test_the_page_fetches_nothing(page: str, read: Callable) -> None:
    reader = read(page)
    for name, attributes in reader.tags:
        assert name not in {"link", "iframe", "object", "embed", "base", "form"}
        for key, value in attributes.items():
            assert not key.startswith("on"), f"inline handler {key} on <{name}>"
            if key in {"src", "srcset", "poster", "data", "action", "xlink:href"}:
                assert (value or "").startswith("data:image/jpeg;base64,")
            if key == "href":
                assert (value or "").startswith("#")
    shipped = "".join((PARTS / name).read_text("utf-8") for name in ("report.css", "report.js"))
    assert not re.search(r"https?:|//[a-z]|@import|fetch\(|XMLHttp|url\((?!#)", shipped)
    assert not re.search(r"https?://", page)


def test_the_policy_of_the_page_admits_exactly_its_own_script_and_style(
    page: str, read: Callable
) -> None:
    (policy,) = read(page).all("meta", **{"http-equiv": "Content-Security-Policy"})
    content = policy["content"] or ""
    assert content.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in content
    for tag in ("style", "script"):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in content


def test_text_from_outside_stays_text(page: str, read: Callable, hostile: str, quoted: str) -> None:
    reader = read(page)
    assert len(reader.all("script")) == 1
    assert not reader.all("b") and not reader.all("i")
    assert "alert(1)</script>" not in page and "<img src=x" not in page
    for shown in (
        hostile,
        f"out/{hostile}",
        f"{quoted} → b.png",
        "<b>boom</b> & out",
        "size = <i>1</i>",
        "Album & <b>box</b> $pictures",
        'bad".jpg',
        "expected <img src=x onerror=alert(2)>, got $title\ufffd",
    ):
        assert shown in reader.text
    assert any(hostile in (image["alt"] or "") for image in reader.all("img"))


def test_a_name_that_is_no_text_can_be_written(path: Path, read: Callable) -> None:
    writer = ReportWriter(path, os.fsdecode(b"box \xff"), POLICY)
    writer.add_failure(os.fsdecode(b"caf\xe9.png"), "lone \ud800 surrogate")
    writer.write()
    text = read(path.read_text("utf-8")).text
    assert r"caf\udce9.png" in text and r"lone \ud800 surrogate" in text


def test_counts_add_up(page: str, read: Callable) -> None:
    reader = read(page)
    counts = {a["data-show"]: int(a["data-count"] or -1) for a in reader.all("button")}
    assert counts == {
        "": 8,
        "ACCEPT": 1,
        "BLEND": 1,
        "REJECT": 2,
        "FAILED": 1,
        "NOT_ASSESSABLE": 1,
        "NO_FACE": 1,
        "UNREADABLE": 1,
    }
    assert "6 faces in 3 pictures: 1 replaced, 1 mixed, 4 untouched." in reader.text
    assert "2 REJECT" in reader.text
    style = (PARTS / "report.css").read_text("utf-8")
    for key in filter(None, counts):
        assert f'[data-show="{key}"] [data-has]:not([data-has~="{key}"])' in style


def test_the_page_explains_itself(page: str, read: Callable) -> None:
    text = read(page).text
    assert "predictions, not human ratings" in text and "pseudo-MOS" in text
    assert "neither the restoration nor a mixture stays within the policy" in text
    assert POLICY.summary in text


def test_an_empty_run_still_gives_a_page(path: Path, read: Callable) -> None:
    ReportWriter(path, "Nothing", POLICY).write()
    assert "0 faces in 0 pictures" in read(path.read_text("utf-8")).text


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_reach_wcag_aa(theme: str) -> None:
    style = (PARTS / "report.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\n\s*\}", style, re.DOTALL)
    palette = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", blocks[theme == "dark"]))
    pairs = [(text, ground) for text in ("ink", "soft", "link") for ground in ("paper", "card")]
    pairs += [("ink", "sunken"), ("reject", "card")]
    pairs += [(tone, f"{tone}-tint") for tone in ("accept", "blend", "reject", "grey")]
    for text, ground in pairs:
        assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
    for graphic in ("series-lq", "series-hq", "series-guarded", "focus"):
        assert contrast(palette[graphic], palette["card"]) >= 3, graphic
