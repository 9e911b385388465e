"""Parts for the report's tests: faces of every decision, the page about them, its reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from facefidelity.core.faces import AlignedFace, LandmarkScheme
from facefidelity.core.protocols import Restoration
from facefidelity.core.scores import QualityScores
from facefidelity.guards.policy import load_policy
from facefidelity.guards.verdict import Decision, Evidence, Reason, Verdict
from facefidelity.plugin.report import ReportWriter
from facefidelity.plugin.results import GuardedFace, GuardedImage

HOSTILE = "<script>alert(1)</script>.png"
QUOTED = 'a" onerror="alert(3).png'
VOID = {"meta", "img", "input", "br", "link", "hr"}


def make_evidence(risk: float = 0.12, *, probability: float | None = 0.97) -> Evidence:
    return Evidence(
        lq_scores=QualityScores(52, 31, 61, 48, 57.6, 41.2),
        hq_scores=QualityScores(88, 84, 66, 71, 83, 79.4),
        cosine_similarity=0.712,
        embedder="dlib-resnet",
        probability_same=probability,
        fidelity_given_source=54.2,
        source_identifiable=0.92,
        consistency=0.81,
        landmark_shift=0.041,
        identity_risk=risk,
    )


VERDICTS = {
    "ACCEPT": Verdict(
        Decision.ACCEPT,
        1.0,
        (Reason.QUALITY_GAINED, Reason.IDENTITY_KEPT),
        "balanced",
        make_evidence(),
    ),
    "BLEND": Verdict(
        Decision.BLEND,
        0.5,
        (Reason.BLEND_WITHIN_RISK, Reason.IDENTITY_RISK),
        "balanced",
        make_evidence(0.462),
        "bands 0.50 above 4 px",
        make_evidence(0.171),
    ),
    "REJECT": Verdict(
        Decision.REJECT, 0.0, (Reason.IDENTITY_RISK,), "balanced", make_evidence(0.968)
    ),
    "FAILED": Verdict(
        Decision.FAILED, 0.0, (Reason.RESTORER_RAISED,), "balanced", detail="<b>boom</b> & out"
    ),
    "NOT_ASSESSABLE": Verdict(Decision.NOT_ASSESSABLE, 0.0, (Reason.FACE_TOO_SMALL,), "balanced"),
}


def make_crop(image: np.ndarray, left: int, top: int, side: int) -> AlignedFace:
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


def make_face(key: str, image: np.ndarray) -> GuardedFace:
    aligned = make_crop(image, 160, 60, 130)
    lq = aligned.pixels
    hq = 255 - lq
    delivered = {"ACCEPT": hq, "BLEND": (lq // 2 + hq // 2).astype(np.uint8)}.get(key, lq)
    restoration = Restoration(lq, hq, "gfpgan", {"size": "<i>1</i>", "half": False}, 2.314)
    gone = key in {"FAILED", "NOT_ASSESSABLE"}
    return GuardedFace(aligned, None if gone else restoration, VERDICTS[key], delivered)


def make_picture(*keys: str) -> GuardedImage:
    image = astronaut()
    return GuardedImage(image, tuple(make_face(key, image) for key in keys))


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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "report.html"


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One picture with a face of every decision, one pair, one without a face, one failure."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    with ReportWriter(path, "Album & <b>box</b> $pictures", load_policy("balanced")) as writer:
        writer.add_picture(HOSTILE, f"out/{HOSTILE}", make_picture(*VERDICTS), astronaut())
        writer.add_pair(QUOTED, "b.png", make_picture("REJECT"))
        writer.add_picture("sea.png", None, GuardedImage(astronaut()[:300], ()))
        writer.add_failure('bad".jpg', "expected <img src=x onerror=alert(2)>, got $title\x00")
        writer.write()
    return path.read_text("utf-8")


@pytest.fixture
def card(page: str) -> Callable[[str], Reader]:
    """Read the first card of one decision on the page."""

    def find(key: str) -> Reader:
        (found, *_) = re.findall(
            rf'<article class="face" id="[^"]+" data-decision="{key}".*?</article>', page, re.DOTALL
        )
        return Reader(found)

    return find


@pytest.fixture
def read() -> Callable[[str], Reader]:
    return Reader


@pytest.fixture
def evidence() -> Callable[..., Evidence]:
    return make_evidence


@pytest.fixture
def picture() -> Callable[..., GuardedImage]:
    """Build a picture with one face for each of the decisions named."""
    return make_picture


@pytest.fixture
def verdicts() -> dict[str, Verdict]:
    """The verdict on each face of the page, in the order of the page."""
    return VERDICTS


@pytest.fixture
def hostile() -> str:
    """The name of the page's first picture, a script."""
    return HOSTILE


@pytest.fixture
def quoted() -> str:
    """The name of the page's pair, which would end an attribute."""
    return QUOTED
