"""The parts of the page that need no browser: words, controls, colours, logins, the border."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.plugin.pipeline import Guard
from facefidelity.restorers.registry import restorer_info, restorer_names

gr = pytest.importorskip("gradio", reason="needs gradio: pip install 'facefidelity[ui]'")
pytest.importorskip("plotly", reason="needs plotly: pip install 'facefidelity[ui]'")

from facefidelity.guards.policy import load_policy  # noqa: E402
from facefidelity.ui.answers import answering, without_folders  # noqa: E402
from facefidelity.ui.border import FileBorder  # noqa: E402
from facefidelity.ui.context import PageContext  # noqa: E402
from facefidelity.ui.figures import region_bars, score_radar  # noqa: E402
from facefidelity.ui.login import read_logins  # noqa: E402
from facefidelity.ui.policies import chosen_policy, named_policy  # noqa: E402
from facefidelity.ui.sessions import Sessions  # noqa: E402
from facefidelity.ui.settings_controls import add_settings, restorer_choices  # noqa: E402
from facefidelity.ui.theme import page_head, page_theme, palette  # noqa: E402
from facefidelity.ui.verdict_card import verdict_under, verdict_words  # noqa: E402


@pytest.fixture(scope="module")
def judged(astronaut: Any) -> Any:
    """The astronaut after filters that gain nothing: every mixture was measured."""
    guard = Guard("classical", settings={"strength": 1.0, "sharpen": 0.0})
    (face,) = guard.restore(astronaut).faces
    return face


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("expected a picture, got text: /tmp/a b/x/y.png", "expected a picture, got text: y.png"),
        ("in '/home/ann/.cache/w.onnx'; pull it", "in 'w.onnx'; pull it"),
        (r"got C:\Users\ann\x.png", "got x.png"),
        ("one of realesrgan/classical, 512/512", "one of realesrgan/classical, 512/512"),
    ],
)
def test_messages_lose_their_folders(said: str, shown: str) -> None:
    assert without_folders(said).endswith(shown.rsplit("got text: ", maxsplit=1)[-1])
    assert "/home" not in without_folders(said)
    assert "ann" not in without_folders(said)


def test_what_is_raised_on_purpose_is_one_sentence() -> None:
    @answering
    def fails() -> None:
        raise InvalidInput("expected <b>one</b> face in /secret/folder/a.png\ngot two")

    with pytest.raises(gr.Error) as caught:
        fails()
    assert caught.value.message == "Expected &lt;b>one&lt;/b> face in a.png got two."


def test_what_is_not_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    @answering
    def fails() -> Any:
        yield 1
        raise ValueError("/secret/folder")

    answers = fails()
    assert next(answers) == 1
    with caplog.at_level(logging.ERROR), pytest.raises(gr.Error) as caught:
        next(answers)
    assert "secret" not in caught.value.message
    assert "ValueError: /secret/folder" in caplog.text


def test_controls_are_the_schema_of_every_restorer() -> None:
    offered = [name for _, name in restorer_choices()]
    assert "realesrgan" in offered
    assert not {"onnx", "identity"} & set(offered), "no free path, no test restorer"
    for name in offered:
        fields = restorer_info(name).settings.model_fields
        with gr.Blocks(analytics_enabled=False):
            made = add_settings(name)
        assert list(made) == list(fields)
        assert {key: one.value for key, one in made.items()} == {
            key: one.default for key, one in fields.items()
        }
    with gr.Blocks(analytics_enabled=False):
        slider = add_settings("realesrgan", {"input_size": 96})["input_size"]
    assert (slider.minimum, slider.maximum, slider.step) == (64, 256, 16)
    assert (slider.value, slider.interactive) == (96, False)


def test_every_restorer_is_offered_or_left_out_for_a_reason() -> None:
    assert set(restorer_names()) - {name for _, name in restorer_choices()} <= {
        "onnx",
        "identity",
        "spandrel",
    }


def test_colours_are_the_report_s_and_nothing_is_fetched() -> None:
    light, dark = palette()
    assert light["ink"] != dark["ink"]
    theme = page_theme()
    assert theme.body_text_color == light["ink"]
    assert theme.body_text_color_dark == dark["ink"]
    for text in (page_head(), theme._get_theme_css()):
        assert "http" not in text.replace("http://www.w3.org", "")
        assert "@import" not in text
    assert "@scope (.ff)" in page_head()
    assert ".reasons" in page_head()
    assert "\nbody {" not in page_head()


def test_a_limit_is_a_policy_of_its_own_name(tmp_path: Path) -> None:
    page = PageContext(tmp_path, Sessions(tmp_path))
    assert chosen_policy(page, "s", "balanced", 0.3) == load_policy("balanced")
    moved = chosen_policy(page, "s", "balanced", 0.1)
    assert (moved.max_identity_risk, moved.name) == (0.1, "balanced, risk at most 0.10")
    assert named_policy(page, "s", "/etc/passwd.yaml") == load_policy("balanced")


def test_the_verdict_under_another_policy_is_what_the_guard_decides(judged: Any) -> None:
    verdict = judged.verdict
    assert verdict.tried, "the mixtures were measured"
    for name in ("lenient", "strict", "observe"):
        policy = load_policy(name)
        moved = verdict_under(judged, policy)
        expected = Guard("identity", policy=policy).judge(judged.face.pixels, judged.restoration.hq)
        assert (moved.decision, moved.mixture, moved.proposed) == (
            expected.decision,
            expected.mixture,
            expected.proposed,
        )
        assert moved.reasons == expected.reasons
    assert verdict_under(judged, load_policy("balanced")) is verdict


def test_a_mixture_that_was_not_measured_is_not_promised(astronaut: Any) -> None:
    (face,) = Guard("classical", policy="lenient").restore(astronaut).faces
    none = load_policy("lenient").model_copy(update={"max_identity_risk": 0.0, "name": "none"})
    assert verdict_under(face, none) is None
    words = verdict_words(face, 1, none)
    assert "NOT MEASURED" in words.head
    assert "Picture, downloads and record still follow lenient." in words.head


def test_figures_carry_their_numbers(judged: Any) -> None:
    evidence = judged.verdict.evidence
    figure = score_radar(evidence, evidence)
    assert [trace.name for trace in figure.data] == ["Input", "Restored", "Delivered"]
    assert f"{evidence.lq_scores.noise:.0f} → {evidence.hq_scores.noise:.0f}" in str(figure.data[0])
    bars = region_bars(evidence)
    assert bars.count("<li>") == len(evidence.region_drift)
    assert f"{evidence.region_drift['nose']:.2f}" in bars


def test_logins_are_read_and_compared(tmp_path: Path) -> None:
    path = tmp_path / "logins"
    path.write_text("# who\nann:pass:word\n\nbob:b\n")
    with pytest.raises(InvalidInput, match="chmod 600"):
        path.chmod(0o644)
        read_logins(path)
    path.chmod(0o600)
    allowed = read_logins(path)
    assert allowed("ann", "pass:word")
    assert not allowed("ann", "pass")
    assert not allowed("eve", "")
    path.write_text("no colon\n")
    with pytest.raises(InvalidInput, match="line 1"):
        read_logins(path)
    with pytest.raises(InvalidInput, match="No such file"):
        read_logins(tmp_path / "absent")


@pytest.mark.parametrize(
    ("path", "passes"),
    [
        ("/", True),
        ("/gradio_api/file={work}/a.png", True),
        ("/gradio_api/file={work}/../a.png", False),
        ("/gradio_api/file={work}/link.png", False),
        ("/gradio_api/file=/etc/passwd", False),
        ("/gradio_api/file=%2Fetc%2Fpasswd", False),
        ("/gradio_api/file=https://host/x", False),
        ("/gradio_api/proxy=http://host/x", False),
    ],
)
def test_the_border_lets_only_the_private_folder_through(
    tmp_path: Path, path: str, passes: bool
) -> None:
    (tmp_path / "link.png").symlink_to("/etc/passwd")
    sent: list[Any] = []

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        sent.append("passed")

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope = {"type": "http", "path": path.format(work=tmp_path)}
    border = FileBorder(app, tmp_path)(scope, lambda: None, send)  # type: ignore[arg-type]
    # In a thread of its own: where browser tests ran before, a loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, border).result()
    assert (sent == ["passed"]) is passes
