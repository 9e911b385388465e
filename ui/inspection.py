"""The tab "Inspect": one picture, one restorer, and why each face was decided so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import gradio as gr

from ..core.errors import InvalidInput
from ..guards.policy import load_policy
from ..plugin.cameras.profiles import OpenedProfile
from ..restorers.registry import DEFAULT_RESTORER, restorer_info
from .answers import answering
from .context import PageContext
from .policies import PROFILE, chosen_policy, policy_choices, session_profile
from .result_view import (
    NETWORKS,
    Decider,
    ResultView,
    add_decider,
    add_result_view,
)
from .settings_controls import add_settings, restorer_choices
from .shown import Choice, inspect_file
from .uploads import picture_upload, reference_upload
from .visitor_files import visitor_profile

__all__ = ["add_inspect_tab"]

_TAB: Final = "inspect"
_HINT: Final = (
    "Choose a picture with one or several faces. Every face is restored, measured against what "
    "the camera saw, and accepted, blended or left as it was."
)
_NOTHING: Final = "expected a picture, got none; upload one, paste it, or take it with the camera"


def add_inspect_tab(page: PageContext) -> None:
    """Add the tab; call it where tabs may be added."""
    with gr.Tab("Inspect", id=_TAB), gr.Row(elem_classes=["ff-sides"]):
        with gr.Column(scale=0, min_width=340, elem_classes=["ff-controls"]):
            picture = picture_upload("Picture", 250, ("upload", "clipboard", "webcam"))
            run = gr.Button("Inspect", variant="primary", size="lg")
            decider = add_decider()
            restorer = gr.Dropdown(
                restorer_choices(), value=DEFAULT_RESTORER, label="Restorer", filterable=False
            )

            fixed = gr.State(None)

            @gr.render(inputs=[restorer, fixed], show_progress="hidden")
            def controls(name: str, said: dict[str, Any] | None) -> None:
                made = add_settings(name, said)
                run.click(
                    answering(_inspect(page, view, name, list(made))),
                    [picture, decider.policy, decider.limit, *options, *made.values()],
                    [decider.deliver, *view.parts],
                    show_progress_on=[view.parts[1]],
                    api_visibility="private",
                    **NETWORKS,
                )

            options = _add_options()
            _add_profile(page, restorer, fixed, decider)
        with gr.Column(scale=1, min_width=320, elem_classes=["ff-result"]):
            view = add_result_view(page, _TAB, decider, _HINT)


def _add_options() -> tuple[gr.components.Component, ...]:
    """References, aligned, only the centre, enlargement."""
    with gr.Accordion("Reference pictures and options", open=False):
        references = reference_upload()
        aligned = gr.Checkbox(label="The picture is one aligned face")
        centre = gr.Checkbox(label="Only the face nearest to the centre")
        upscale = gr.Slider(1, 4, 1, step=1, label="Enlarge by", buttons=["reset"])
    return references, aligned, centre, upscale


def _add_profile(
    page: PageContext, restorer: gr.Dropdown, fixed: gr.State, decider: Decider
) -> None:
    """The camera's profile: it says restorer, settings and policy until it is taken away."""
    with gr.Accordion("Camera profile", open=False):
        file = gr.File(label="A profile of `tune` (YAML)", file_types=[".yaml", ".yml"], height=120)

    def follow(path: str | None, request: gr.Request) -> tuple[Any, ...]:
        session = request.session_hash or ""
        if path is not None:
            page.sessions.claim(session, Path(path))
        opened = None if path is None else visitor_profile(Path(path))
        page.sessions.keep(session, PROFILE, opened)
        policy = load_policy("balanced") if opened is None else opened.profile.effective_policy()
        name = DEFAULT_RESTORER if opened is None else restorer_info(opened.profile.restorer).name
        said = None if opened is None else opened.profile.settings
        return (
            gr.Dropdown(value=name, interactive=opened is None),
            said,
            gr.Dropdown(choices=policy_choices(opened), value=policy.name, info=policy.summary),
            gr.Slider(value=policy.max_identity_risk),
        )

    file.change(
        answering(follow),
        file,
        [restorer, fixed, decider.policy, decider.limit],
        show_progress="hidden",
        api_visibility="private",
    )


def _inspect(
    page: PageContext, view: ResultView, restorer: str, names: Sequence[str]
) -> Callable[..., tuple[Any, ...]]:
    """The callback behind the button, for a restorer with these settings."""

    # Gradio hands the first two in by their place, and the values of the controls behind them.
    def inspect(
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - how Gradio takes it
        *given: Any,
    ) -> tuple[Any, ...]:
        picture, policy, limit, *options = given
        if picture is None:
            raise InvalidInput(_NOTHING)
        session, path = request.session_hash or "", Path(picture)
        choice = _choice(session_profile(page, session), restorer, names, *options)
        for one in (path, *choice.references):
            page.sessions.claim(session, one)
        progress(0.05, desc="Finding faces")

        def tell(done: int, count: int) -> None:
            said = f"Restoring and judging face {done + 1} of {count}"
            progress(0.1 + 0.8 * done / count, desc=said)

        decided = chosen_policy(page, session, policy, limit)
        shown = inspect_file(page, session, path, choice, decided, tell)
        return (gr.Button(visible=False), *view.fill(page, session, _TAB, shown))

    return inspect


def _choice(
    profile: OpenedProfile | None,
    restorer: str,
    names: Sequence[str],
    references: list[str] | None,
    aligned: bool,
    centre: bool,
    upscale: float,
    *values: Any,
) -> Choice:
    return Choice(
        restorer=restorer,
        settings=dict(zip(names, values, strict=True)),
        aligned=aligned,
        only_center_face=centre,
        upscale=int(upscale),
        references=tuple(Path(one) for one in references or ()),
        profile=profile,
    )
