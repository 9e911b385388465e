"""Every face has its card: what was decided, why, by which numbers, with which pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from skimage.data import astronaut

from facefidelity.core.faces import frame_as_aligned
from facefidelity.core.protocols import Restoration
from facefidelity.guards.policy import load_policy
from facefidelity.guards.verdict import Decision, Reason, Verdict
from facefidelity.plugin.report import ReportWriter
from facefidelity.plugin.results import GuardedFace, GuardedImage


def test_every_face_of_every_decision_has_its_card(
    page: str, read: Callable, verdicts: dict[str, Verdict]
) -> None:
    reader = read(page)
    cards = [a["data-decision"] for a in reader.all("article", class_="face")]
    assert cards == [*verdicts, "REJECT"]
    sections = [a["data-has"] for a in reader.all("section", class_="picture")]
    assert sections == [" ".join(verdicts), "REJECT", "NO_FACE", "UNREADABLE"]
    assert [a["data-has"] for a in reader.all("li") if "data-has" in a] == sections


@pytest.mark.parametrize("key", ["ACCEPT", "BLEND", "REJECT", "FAILED", "NOT_ASSESSABLE"])
def test_a_card_says_what_was_decided_and_why(
    key: str, card: Callable, verdicts: dict[str, Verdict]
) -> None:
    text = card(key).text
    assert key.replace("_", " ") in text
    for reason in verdicts[key].reasons:
        assert reason.text in text and reason.value in text


@pytest.mark.parametrize("key", ["FAILED", "NOT_ASSESSABLE"])
def test_what_was_not_judged_has_no_charts_and_one_picture(key: str, card: Callable) -> None:
    reader = card(key)
    assert "left untouched" in reader.text
    assert not reader.all("svg") and not reader.all("table") and not reader.all("input")
    assert len(reader.all("img")) == 1


@pytest.mark.parametrize(("key", "pictures"), [("ACCEPT", 2), ("BLEND", 3), ("REJECT", 2)])
def test_pictures_are_embedded_once_and_the_slider_is_labelled(
    key: str, pictures: int, card: Callable, hostile: str
) -> None:
    reader = card(key)
    sources = [image["src"] for image in reader.all("img")]
    assert len(sources) == len(set(sources)) == pictures
    (slide,) = reader.all("input", type="range")
    assert hostile in (slide["aria-label"] or "") and slide["aria-valuetext"]
    pairs = [radio["value"] for radio in reader.all("input", type="radio")]
    assert pairs == (["hq", "guarded"] if key == "BLEND" else [])


@pytest.mark.parametrize(
    ("key", "labels"),
    [
        ("ACCEPT", ["Input", "Restored = delivered"]),
        ("BLEND", ["Input", "Restored", "Delivered"]),
        ("REJECT", ["Input = delivered", "Restored, not used"]),
        ("FAILED", ["Input = delivered"]),
    ],
)
def test_captions_say_which_picture_is_delivered(
    key: str, labels: list[str], card: Callable
) -> None:
    images = [image["alt"] or "" for image in card(key).all("img")]
    assert [alt.partition(":")[0] for alt in images] == labels


def test_numbers_stand_beside_the_limits_they_break(card: Callable) -> None:
    blend = card("BLEND").text
    for shown in (
        "Identity kept.",
        "46.2 % outside 17.1 % at most 30.0 %",
        "Risk of the restoration 46.2 %, above the limit.",
        "Risk of the delivered mixture 17.1 %, within the limit.",
        "0.712",
        "dlib-resnet",
        "97.0 %",
        "54.2",
        "at least 42.6",
        "0.041",
        "share of the restoration 50 %",
        "gfpgan",
        "2.31 s",
    ):
        assert shown in re.sub(r"(?<=%)(?=[a-z\d])|(?<=outside)(?=\d)", " ", blend), shown
    assert "Identity lost." in card("REJECT").text
    assert "outside" not in card("ACCEPT").text


def test_charts_carry_every_score(card: Callable) -> None:
    (scores,) = (
        a["aria-label"] or ""
        for a in card("BLEND").all("svg", role="img")
        if (a["aria-label"] or "").startswith("Six scores")
    )
    assert "noise input 52, restored 88, delivered 88; sharpness input 31" in scores
    bars = card("BLEND").all("rect")
    widths = [bar["width"] for bar in bars if bar.get("class") == "bar bar-lq"]
    assert widths[1:] == ["52.0%", "31.0%", "61.0%", "48.0%", "57.6%", "41.2%"]


def test_an_uncalibrated_embedder_is_said_to_be_one(
    path: Path, read: Callable, evidence: Callable
) -> None:
    image = astronaut()
    verdict = Verdict(
        Decision.REJECT, 0.0, (Reason.OBSERVE_ONLY,), "observe", evidence(probability=None)
    )
    lq = frame_as_aligned(image)
    result = GuardedImage(
        image, (GuardedFace(lq, Restoration(lq.pixels, lq.pixels), verdict, lq.pixels),)
    )
    writer = ReportWriter(path, "t", load_policy("observe"))
    writer.add_picture("a.png", None, result, image)
    writer.write()
    reader = read(path.read_text("utf-8"))
    assert "this embedder has no calibration" in reader.text
    assert "Judged only: the face was left untouched." in reader.text
    assert "made elsewhere" in reader.text
    assert "After, the whole picture" not in reader.text, "an aligned crop needs no overview"
    assert not [a for a in reader.all("img") if "whole picture" in (a["alt"] or "")]


def test_faces_are_framed_where_they_are(page: str, read: Callable) -> None:
    reader = read(page)
    (overlay,) = reader.all("svg", class_="frames")
    assert overlay["viewbox"] == "0 0 512 512"
    (frame,) = reader.all("rect", class_="frame edge-BLEND")
    assert (frame["x"], frame["width"]) == ("160.0", "130.0")
