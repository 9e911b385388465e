"""The right side of a tab that judges: summary, downloads, the whole picture, a card a face.

The policy and its limit stand on the left side; when they move, the verdicts follow at once from
what was measured, and "Deliver under this limit" judges the same restorations again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import gradio as gr

from ..core.errors import InvalidInput
from ..guards.policy import load_policy
from ..plugin.report.cards import badge
from ..plugin.report.markup import Markup, join, tag
from .answers import answering
from .context import PageContext
from .face_card import add_face_card, report_html
from .policies import chosen_policy, named_policy, policy_choices
from .shown import Shown, under_policy
from .verdict_card import verdict_words

__all__ = ["NETWORKS", "Decider", "ResultView", "add_decider", "add_result_view"]

NETWORKS: Final[dict[str, Any]] = {"concurrency_id": "networks", "concurrency_limit": 1}
"""Options of every event that runs a network: one at a time, the others wait in line."""
_GONE: Final = "expected a judged picture, got none; it was let go of, judge it again"


@dataclass(frozen=True, slots=True, eq=False)
class Decider:
    """The controls that decide.

    Attributes:
        policy: Name of the policy.
        limit: Its highest identity risk, as moved.
        deliver: Judges again under them.
    """

    policy: gr.Dropdown
    limit: gr.Slider
    deliver: gr.Button


@dataclass(frozen=True, slots=True, eq=False)
class ResultView:
    """What a tab fills.

    Attributes:
        token: Changes with every result; the cards follow it.
        parts: Everything that `fill` gives a value to, in its order.
    """

    token: gr.State
    parts: tuple[Any, ...]

    def fill(self, page: PageContext, session: str, tab: str, shown: Shown) -> tuple[Any, ...]:
        """Keep a result for its session; the values of `parts`."""
        page.sessions.keep(session, tab, shown)
        return (
            shown.folder.name,
            summary_of(shown),
            gr.ImageSlider((shown.before_file, shown.guarded_file), visible=True),
            gr.DownloadButton(value=shown.guarded_file, visible=True),
            gr.DownloadButton(value=shown.report_file, visible=True),
            gr.DownloadButton(value=shown.decisions_file, visible=True),
        )


def add_decider() -> Decider:
    """Add the policy and its limit."""
    start = load_policy("balanced")
    policy = gr.Dropdown(
        policy_choices(None), value=start.name, label="Policy", info=start.summary, filterable=False
    )
    limit = gr.Slider(
        0,
        1,
        start.max_identity_risk,
        step=0.01,
        label="Highest identity risk",
        info="Moves the verdicts at once; nothing runs again.",
        buttons=["reset"],
    )
    deliver = gr.Button("Deliver under this limit", variant="primary", visible=False)
    return Decider(policy, limit, deliver)


def add_result_view(page: PageContext, tab: str, decider: Decider, hint: str) -> ResultView:
    """Add the result's side of a tab, with everything that follows policy and limit.

    Args:
        page: The server.
        tab: Under which name results are kept.
        decider: The controls that decide.
        hint: What stands there before the first result.
    """
    token = gr.State("")
    summary = report_html(tag("p", hint, class_="nothing hint"))
    with gr.Row(elem_classes=["ff-downloads"]):
        files = [
            gr.DownloadButton(label, visible=False, size="sm")
            for label in ("Guarded picture (PNG)", "Report (HTML)", "Decisions (JSON lines)")
        ]
    _add_cards(page, tab, decider, token)
    overview = gr.ImageSlider(
        label="Whole picture: before | after",
        format="png",
        interactive=False,
        visible=False,
        max_height=380,
        buttons=["fullscreen"],
        elem_classes=["ff-slider", "ff-overview"],
    )
    view = ResultView(token, (token, summary, overview, *files))
    _follow_policy(page, tab, decider, view)
    return view


def _add_cards(page: PageContext, tab: str, decider: Decider, token: gr.State) -> None:
    @gr.render(inputs=[token], triggers=[token.change], show_progress="hidden")
    def cards(current: str, request: gr.Request) -> None:
        shown: Shown | None = page.sessions.kept(_session(request), tab)
        if not current or shown is None:
            return
        moving: list[gr.HTML] = []
        for number in range(1, len(shown.result.faces) + 1):
            moving.extend(add_face_card(shown, number))

        def preview(name: str, limit: float, request: gr.Request) -> list[Any]:
            policy = chosen_policy(page, _session(request), name, limit)
            words = [
                verdict_words(one, number, policy)
                for number, one in enumerate(shown.result.faces, start=1)
            ]
            values: list[Any] = [part for one in words for part in (one.head, one.why)]
            moved = policy.name != shown.guard.policy.name
            return [gr.Button(visible=moved), *values]

        gr.on(
            [decider.limit.change, decider.policy.change],
            answering(preview),
            [decider.policy, decider.limit],
            [decider.deliver, *moving],
            queue=False,
            show_progress="hidden",
            trigger_mode="always_last",
            api_visibility="private",
        )


def _follow_policy(page: PageContext, tab: str, decider: Decider, view: ResultView) -> None:
    def limit_of(name: str, request: gr.Request) -> tuple[gr.Slider, gr.Dropdown]:
        policy = named_policy(page, _session(request), name)
        return gr.Slider(value=policy.max_identity_risk), gr.Dropdown(info=policy.summary)

    def deliver(name: str, limit: float, request: gr.Request) -> tuple[Any, ...]:
        session = _session(request)
        shown: Shown | None = page.sessions.kept(session, tab)
        if shown is None:
            raise InvalidInput(_GONE)
        policy = chosen_policy(page, session, name, limit)
        judged = under_policy(page, session, shown, policy)
        return (gr.Button(visible=False), *view.fill(page, session, tab, judged))

    decider.policy.input(
        answering(limit_of),
        decider.policy,
        [decider.limit, decider.policy],
        queue=False,
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )
    decider.deliver.click(
        answering(deliver),
        [decider.policy, decider.limit],
        [decider.deliver, *view.parts],
        show_progress_on=[view.parts[1]],
        api_visibility="private",
        **NETWORKS,
    )


def summary_of(shown: Shown) -> Markup:
    """Everything in one line: how many faces, what became of them, under which policy."""
    faces, policy = shown.result.faces, shown.guard.policy
    title = tag("h2", tag("bdi", shown.name))
    if not faces:
        nothing = "No face was found; nothing was changed."
        return join([title, tag("p", nothing, class_="nothing", role="status")])
    counts = Counter(one.verdict.decision.value for one in faces)
    marks = [join([tag("strong", f"{count} × "), badge(key)]) for key, count in counts.items()]
    size = f"{shown.result.pixels.shape[1]} × {shown.result.pixels.shape[0]} px"
    said = f"{len(faces)} face{'s' * (len(faces) > 1)}, {size}, policy {policy.name}"
    return join([title, tag("p", join(marks, " "), " ", said, class_="summary", role="status")])


def _session(request: gr.Request) -> str:
    return request.session_hash or ""
