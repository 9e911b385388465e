"""The report shows every face, trusts no text from outside, fetches nothing, is whole or absent."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from facefidelity.core.errors import InvalidInput
from facefidelity.core.faces import AlignedFace, LandmarkScheme, frame_as_aligned
from facefidelity.core.protocols import Restoration
from facefidelity.core.scores import QualityScores
from facefidelity.guards.policy import load_policy
from facefidelity.guards.verdict import Decision, Evidence, Reason, Verdict
from facefidelity.plugin import report as report_package
from facefidelity.plugin.report import ReportWriter
from facefidelity.plugin.report import writer as writer_module
from facefidelity.plugin.report.thumbnails import MAX_BYTES, make_thumbnail
from facefidelity.plugin.results import GuardedFace, GuardedImage

HOSTILE = "<script>alert(1)</script>.png"
QUOTED = 'a" onerror="alert(3).png'
POLICY = load_policy("balanced")
PARTS = Path(report_package.__file__).parent
VOID = {"meta", "img", "input", "br", "link", "hr"}


def evidence(risk: float = 0.12, *, probability: float | None = 0.97) -> Evidence:
    return Evidence(
        lq_scores=QualityScores(52, 31, 61, 48, 57.6, 41.2),
        hq_scores=QualityScores(88, 84, 66, 71, 83, 79.4),
        cosine_similarity=0.712,
        embedder="dlib-resnet",
        probability_same=probability,
        fidelity_given_source=54.2,
        source_identifiable=0.82,
        consistency=0.81,
        landmark_shift=0.041,
        identity_risk=risk,
    )


VERDICTS = {
    "ACCEPT": Verdict(
        Decision.ACCEPT, 1.0, (Reason.QUALITY_GAINED, Reason.IDENTITY_KEPT), "balanced", evidence()
    ),
    "BLEND": Verdict(
        Decision.BLEND,
        0.5,
        (Reason.BLEND_WITHIN_RISK, Reason.IDENTITY_RISK),
        "balanced",
        evidence(0.462),
        "bands 0.50 above 4 px",
        evidence(0.171),
    ),
    "REJECT": Verdict(Decision.REJECT, 0.0, (Reason.IDENTITY_RISK,), "balanced", evidence(0.968)),
    "FAILED": Verdict(
        Decision.FAILED, 0.0, (Reason.RESTORER_RAISED,), "balanced", detail="<b>boom</b> & out"
    ),
    "NOT_ASSESSABLE": Verdict(Decision.NOT_ASSESSABLE, 0.0, (Reason.FACE_TOO_SMALL,), "balanced"),
}


def crop(image: np.ndarray, left: int, top: int, side: int) -> AlignedFace:
    piece = Image.fromarray(image[top : top + side, left : left + side]).resize((512, 512))
    scale = 512 / side
    return AlignedFace(
        pixels=np.asarray(piece, dtype=np.uint8),
        affine=np.array([[scale, 0, -left * scale], [0, scale, -top * scale]]),
        landmarks=np.array([[left, top]])
        + side * np.array([[0.35, 0.4], [0.65, 0.4], [0.5, 0.6], [0.4, 0.75], [0.6, 0.75]]),
        scheme=LandmarkScheme.FFHQ5,
        box=(float(left), float(top), float(left + side), float(top + side)),
        detector_confidence=0.97,
    )


def face(key: str, image: np.ndarray) -> GuardedFace:
    aligned = crop(image, 160, 60, 130)
    lq = aligned.pixels
    hq = 255 - lq
    delivered = {"ACCEPT": hq, "BLEND": (lq // 2 + hq // 2).astype(np.uint8)}.get(key, lq)
    restoration = Restoration(lq, hq, "gfpgan", {"size": "<i>1</i>", "half": False}, 2.314)
    gone = key in {"FAILED", "NOT_ASSESSABLE"}
    return GuardedFace(aligned, None if gone else restoration, VERDICTS[key], delivered)


def picture(*keys: str) -> GuardedImage:
    image = astronaut()
    return GuardedImage(image, tuple(face(key, image) for key in keys))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "report.html"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One picture with a face of every decision, one pair, one without a face, one failure."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    with ReportWriter(path, "Album & <b>box</b> $pictures", POLICY) as writer:
        writer.add_picture(HOSTILE, f"out/{HOSTILE}", picture(*VERDICTS), astronaut())
        writer.add_pair(QUOTED, "b.png", picture("REJECT"))
        writer.add_picture("sea.png", None, GuardedImage(astronaut()[:300], ()))
        writer.add_failure('bad".jpg', "expected <img src=x onerror=alert(2)>, got $title\x00")
        writer.write()
    return path.read_text("utf-8")


class Reader(HTMLParser):
    """Notes unbalanced tags, every tag with its attributes, and the visible text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice on <{tag}>"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> without a start"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.words.append(data)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.tags
            if name == tag and all(attributes.get(k.rstrip("_")) == v for k, v in wanted.items())
        ]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def test_tags_are_balanced_and_ids_unique(page: str) -> None:
    reader = Reader(page)
    assert reader.open == []
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for a in reader.all("a") if a["href"]}
    assert targets and targets <= set(ids)
    labelled = {a["aria-labelledby"] for _, a in reader.tags if "aria-labelledby" in a}
    assert labelled <= set(ids)


def test_the_page_fetches_nothing(page: str) -> None:
    reader = Reader(page)
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


def test_the_policy_of_the_page_admits_exactly_its_own_script_and_style(page: str) -> None:
    (policy,) = Reader(page).all("meta", **{"http-equiv": "Content-Security-Policy"})
    content = policy["content"] or ""
    assert content.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in content
    for tag in ("style", "script"):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in content


def test_text_from_outside_stays_text(page: str) -> None:
    reader = Reader(page)
    assert len(reader.all("script")) == 1
    assert not reader.all("b") and not reader.all("i")
    assert "alert(1)</script>" not in page and "<img src=x" not in page
    for shown in (
        HOSTILE,
        f"out/{HOSTILE}",
        f"{QUOTED} → b.png",
        "<b>boom</b> & out",
        "size = <i>1</i>",
        "Album & <b>box</b> $pictures",
        'bad".jpg',
        "expected <img src=x onerror=alert(2)>, got $title\ufffd",
    ):
        assert shown in reader.text
    assert any(HOSTILE in (image["alt"] or "") for image in reader.all("img"))


def test_a_name_that_is_no_text_can_be_written(path: Path) -> None:
    writer = ReportWriter(path, os.fsdecode(b"box \xff"), POLICY)
    writer.add_failure(os.fsdecode(b"caf\xe9.png"), "lone \ud800 surrogate")
    writer.write()
    text = Reader(path.read_text("utf-8")).text
    assert r"caf\udce9.png" in text and r"lone \ud800 surrogate" in text


def test_every_face_of_every_decision_has_its_card(page: str) -> None:
    reader = Reader(page)
    cards = [a["data-decision"] for a in reader.all("article", class_="face")]
    assert cards == [*VERDICTS, "REJECT"]
    sections = [a["data-has"] for a in reader.all("section", class_="picture")]
    assert sections == [" ".join(VERDICTS), "REJECT", "NO_FACE", "UNREADABLE"]
    assert [a["data-has"] for a in reader.all("li") if "data-has" in a] == sections


def card(page: str, key: str) -> Reader:
    (found, *_) = re.findall(
        rf'<article class="face" id="[^"]+" data-decision="{key}".*?</article>', page, re.DOTALL
    )
    return Reader(found)


@pytest.mark.parametrize("key", VERDICTS)
def test_a_card_says_what_was_decided_and_why(page: str, key: str) -> None:
    text = card(page, key).text
    assert key.replace("_", " ") in text
    for reason in VERDICTS[key].reasons:
        assert reason.text in text and reason.value in text


@pytest.mark.parametrize("key", ["FAILED", "NOT_ASSESSABLE"])
def test_what_was_not_judged_has_no_charts_and_one_picture(page: str, key: str) -> None:
    reader = card(page, key)
    assert "left untouched" in reader.text
    assert not reader.all("svg") and not reader.all("table") and not reader.all("input")
    assert len(reader.all("img")) == 1


@pytest.mark.parametrize(("key", "pictures"), [("ACCEPT", 2), ("BLEND", 3), ("REJECT", 2)])
def test_pictures_are_embedded_once_and_the_slider_is_labelled(
    page: str, key: str, pictures: int
) -> None:
    reader = card(page, key)
    sources = [image["src"] for image in reader.all("img")]
    assert len(sources) == len(set(sources)) == pictures
    (slide,) = reader.all("input", type="range")
    assert HOSTILE in (slide["aria-label"] or "") and slide["aria-valuetext"]
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
def test_captions_say_which_picture_is_delivered(page: str, key: str, labels: list[str]) -> None:
    images = [image["alt"] or "" for image in card(page, key).all("img")]
    assert [alt.partition(":")[0] for alt in images] == labels


def test_numbers_stand_beside_the_limits_they_break(page: str) -> None:
    blend = card(page, "BLEND").text
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
    assert "Identity lost." in card(page, "REJECT").text
    assert "outside" not in card(page, "ACCEPT").text


def test_charts_carry_every_score(page: str) -> None:
    (scores,) = (
        a["aria-label"] or ""
        for a in card(page, "BLEND").all("svg", role="img")
        if (a["aria-label"] or "").startswith("Six scores")
    )
    assert "noise input 52, restored 88, delivered 88; sharpness input 31" in scores
    bars = card(page, "BLEND").all("rect")
    widths = [bar["width"] for bar in bars if bar.get("class") == "bar bar-lq"]
    assert widths[1:] == ["52.0%", "31.0%", "61.0%", "48.0%", "57.6%", "41.2%"]


def test_an_uncalibrated_embedder_is_said_to_be_one(path: Path) -> None:
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
    reader = Reader(path.read_text("utf-8"))
    assert "this embedder has no calibration" in reader.text
    assert "Judged only: the face was left untouched." in reader.text
    assert "made elsewhere" in reader.text
    assert "After, the whole picture" not in reader.text, "an aligned crop needs no overview"
    assert not [a for a in reader.all("img") if "whole picture" in (a["alt"] or "")]


def test_counts_add_up(page: str) -> None:
    reader = Reader(page)
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


def test_the_page_explains_itself(page: str) -> None:
    text = Reader(page).text
    assert "predictions, not human ratings" in text and "pseudo-MOS" in text
    assert "neither the restoration nor a mixture stays within the policy" in text
    assert POLICY.summary in text


def test_faces_are_framed_where_they_are(page: str) -> None:
    reader = Reader(page)
    (overlay,) = reader.all("svg", class_="frames")
    assert overlay["viewbox"] == "0 0 512 512"
    (frame,) = reader.all("rect", class_="frame edge-BLEND")
    assert (frame["x"], frame["width"]) == ("160.0", "130.0")


def test_an_empty_run_still_gives_a_page(path: Path) -> None:
    ReportWriter(path, "Nothing", POLICY).write()
    assert "0 faces in 0 pictures" in Reader(path.read_text("utf-8")).text


def test_the_size_is_bounded(path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (2048, 1024, 3), dtype=np.uint8)
    small = make_thumbnail(noise, 384)
    body = base64.b64decode(small.uri.partition(",")[2])
    assert len(body) <= MAX_BYTES
    assert Image.open(BytesIO(body)).size == (small.width, small.height) == (192, 384)
    writer = ReportWriter(path, "t", POLICY)
    writer.write()
    empty = path.stat().st_size
    for _ in range(3):
        writer.add_picture("a.png", None, picture("BLEND"), astronaut())
    writer.write()
    assert empty < 40_000
    assert (path.stat().st_size - empty) / 3 < 5 * MAX_BYTES * 4 / 3 + 20_000


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((8, 8, 3), np.float32),
        np.zeros((8, 8), np.uint8),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((0, 8, 3), np.uint8),
    ],
)
def test_pixels_that_are_no_picture_are_refused_whole(path: Path, pixels: np.ndarray) -> None:
    writer = ReportWriter(path, "t", POLICY)
    writer.add_picture("good.png", None, picture("ACCEPT"))
    with pytest.raises(InvalidInput, match="uint8 RGB"):
        writer.add_picture("bad.png", None, picture("REJECT"), pixels)
    writer.write()
    reader = Reader(path.read_text("utf-8"))
    assert "good.png" in reader.text and "bad.png" not in reader.text
    assert "1 face in 1 picture" in reader.text


def test_a_failure_in_the_middle_leaves_the_old_page_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("the old page")
    writer = ReportWriter(path, "t", POLICY)
    writer.add_failure("a.png", "broken")

    def full(source: BinaryIO, target: BinaryIO, length: int) -> None:
        target.write(source.read(10))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer_module.shutil, "copyfileobj", full)
    with pytest.raises(InvalidInput, match="No space left"):
        writer.write()
    assert path.read_text() == "the old page"
    assert [item.name for item in path.parent.iterdir()] == ["report.html"]
    monkeypatch.undo()
    writer.write()
    assert "a.png" in Reader(path.read_text("utf-8")).text


def test_an_interrupt_in_the_middle_leaves_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writer_module.shutil, "copyfileobj", interrupt)
    with pytest.raises(KeyboardInterrupt), ReportWriter(path, "t", POLICY) as writer:
        writer.add_failure("a.png", "broken")
        writer.write()
    assert list(path.parent.iterdir()) == []


class FullDisk:
    """A file that takes a few bytes of the next write and then refuses."""

    def __init__(self, spool: BinaryIO) -> None:
        self.spool = spool

    def __getattr__(self, name: str) -> object:
        return getattr(self.spool, name)

    def write(self, body: bytes) -> int:
        self.spool.write(body[:50])
        raise OSError(28, "No space left on device")


def test_a_half_added_picture_is_not_on_the_page(path: Path) -> None:
    writer = ReportWriter(path, "t", POLICY)
    writer.add_failure("first.png", "broken")
    spool = writer._spool
    writer._spool = FullDisk(spool)  # type: ignore[assignment]
    with pytest.raises(InvalidInput, match="No space left"):
        writer.add_failure("second.png", "broken")
    writer._spool = spool
    writer.write()
    reader = Reader(path.read_text("utf-8"))
    assert len(reader.all("section", class_="picture")) == 1 and reader.open == []
    with pytest.raises(InvalidInput):
        writer._spool = FullDisk(spool)  # type: ignore[assignment]
        writer.add_failure("second.png", "broken")
    writer._spool = spool
    writer.add_failure("third.png", "broken")
    writer.write()
    reader = Reader(path.read_text("utf-8"))
    assert [a["id"] for a in reader.all("section", class_="picture")] == ["picture-1", "picture-2"]
    assert "third.png" in reader.text and reader.open == []


def test_writing_again_holds_what_was_added_since(path: Path) -> None:
    writer = ReportWriter(path, "t", POLICY)
    writer.add_failure("first.png", "broken")
    writer.write()
    writer.add_failure("second.png", "broken")
    writer.write()
    text = Reader(path.read_text("utf-8")).text
    assert text.index("first.png") < text.index("second.png")


def test_nothing_lies_beside_the_page_while_it_grows(path: Path) -> None:
    writer = ReportWriter(path, "t", POLICY)
    writer.add_picture("a.png", None, picture("REJECT"))
    if os.name == "posix":
        assert list(path.parent.iterdir()) == []
    writer.write()
    writer.close()
    assert [item.name for item in path.parent.iterdir()] == ["report.html"]
    with pytest.raises(InvalidInput, match="closed"):
        writer.add_failure("b.png", "late")


def test_a_folder_is_not_a_report(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="name a file in it"):
        ReportWriter(tmp_path, "t", POLICY)
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="expected to write the report"):
        ReportWriter(tmp_path / "file" / "report.html", "t", POLICY)


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
