"""The guard in A1111's and Forge's webui: a face restorer, and a postprocessing script.

The webui's own modules are handed over by the extension folder (examples/webui-extension), so
nothing of it is imported here.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

import numpy as np

from ...core.images import require_rgb
from ...core.protocols import RGBImage
from ...guards.policy import policy_names
from ...restorers.registry import DEFAULT_RESTORER, restorer_info, restorer_names
from ..pipeline import Guard
from ..results import GuardedFace, GuardedImage
from .surround import report_verdicts

__all__ = ["NAME", "add_options", "face_restoration", "postprocessing_script", "register_restorer"]

NAME: Final = "Face Fidelity"
"""As it is shown in the list of face restorers and among the postprocessing scripts."""

_SECTION: Final = ("facefidelity", NAME)
_ORDER: Final = 3500
"""After the webui's own GFPGAN (2000) and CodeFormer (3000)."""


def add_options(shared: Any, gradio: Any) -> None:
    """Add the two choices to the webui's settings page.

    Args:
        shared: The webui's ``modules.shared``.
        gradio: Its gradio.
    """
    for name, label, default, choices in (
        ("facefidelity_restorer", "Restorer", DEFAULT_RESTORER, _restorers()),
        ("facefidelity_policy", "Policy", "balanced", policy_names()),
    ):
        info = shared.OptionInfo(
            default, label, gradio.Dropdown, {"choices": list(choices)}, section=_SECTION
        )
        shared.opts.add_option(name, info)


def register_restorer(base: type, shared: Any) -> Any:
    """Add the guard to the webui's face restorers; an older one of ours is replaced.

    Args:
        base: ``modules.face_restoration.FaceRestoration``.
        shared: ``modules.shared``.

    Returns:
        What was added.
    """
    restorer = face_restoration(base, shared)()
    shared.face_restorers[:] = [one for one in shared.face_restorers if one.name() != NAME]
    shared.face_restorers.append(restorer)
    return restorer


def face_restoration(base: type, shared: Any) -> type:
    """Make the class of a guarded ``FaceRestoration``.

    Args:
        base: ``modules.face_restoration.FaceRestoration``.
        shared: ``modules.shared``, for the choices of the settings page.

    Returns:
        A subclass; ``restore`` takes and gives (H, W, 3) uint8 RGB, raises what the guard raises,
        and leaves its verdicts in ``last``.
    """

    class GuardedFaceRestoration(base):  # type: ignore[misc]
        """Restores every face of a picture, guarded."""

        last: GuardedImage | None = None

        def name(self) -> str:
            """Name in the webui's list."""
            return NAME

        def restore(self, np_image: RGBImage) -> RGBImage:
            """Restore the faces of an (H, W, 3) uint8 RGB picture."""
            opts = shared.opts
            restorer = getattr(opts, "facefidelity_restorer", DEFAULT_RESTORER)
            policy = getattr(opts, "facefidelity_policy", "balanced")
            self.last = _guard(restorer, policy).restore(require_rgb(np_image))
            _log(self.last)
            return self.last.pixels

    return GuardedFaceRestoration


def postprocessing_script(base: type, gradio: Any) -> type:
    """Make the class of a guarded postprocessing script.

    Args:
        base: ``modules.scripts_postprocessing.ScriptPostprocessing``.
        gradio: The webui's gradio.

    Returns:
        A subclass; the verdicts go into ``pp.info`` and so into the file.
    """

    class GuardedPostprocessing(base):  # type: ignore[misc]
        """Restores the faces of a picture in the Extras tab, guarded."""

        name = NAME
        order = _ORDER

        def ui(self) -> dict[str, Any]:
            """The script's choices."""
            return _controls(gradio)

        def process(
            self,
            pp: Any,
            facefidelity_enabled: bool = False,
            facefidelity_restorer: str | None = None,
            facefidelity_policy: str | None = None,
        ) -> None:
            """Guard the faces of ``pp.image``, a PIL image."""
            if not facefidelity_enabled:
                return
            policy = facefidelity_policy or "balanced"
            guard = _guard(facefidelity_restorer or DEFAULT_RESTORER, policy)
            result = guard.restore(require_rgb(np.asarray(pp.image.convert("RGB"))))
            _log(result)
            if any(one.delivered for one in result.faces):
                pp.image = _with_alpha(result.pixels, pp.image)
            pp.info[f"{NAME} policy"] = guard.policy.name
            pp.info[f"{NAME} verdicts"] = json.dumps([_told(one) for one in result.faces])

    return GuardedPostprocessing


def _controls(gradio: Any) -> dict[str, Any]:
    restorers, policies = list(_restorers()), list(policy_names())
    return {
        "facefidelity_enabled": gradio.Checkbox(value=False, label=NAME),
        "facefidelity_restorer": gradio.Dropdown(
            choices=restorers, value=DEFAULT_RESTORER, label="Restorer"
        ),
        "facefidelity_policy": gradio.Dropdown(choices=policies, value="balanced", label="Policy"),
    }


def _restorers() -> tuple[str, ...]:
    return tuple(name for name in restorer_names() if restorer_info(name).kind != "test")


@lru_cache(maxsize=2)
def _guard(restorer: str, policy: str) -> Guard:
    """Kept for the next picture: its networks stay loaded."""
    return Guard(restorer, policy=policy)


def _log(result: GuardedImage) -> None:
    report_verdicts("webui", [one.verdict for one in result.faces], "keep")


def _told(one: GuardedFace) -> dict[str, Any]:
    """A verdict in short, for the picture's own metadata."""
    verdict = one.verdict
    evidence = verdict.evidence
    return {
        "box": [round(value) for value in one.face.box],
        "decision": verdict.decision.value,
        "blend": round(verdict.blend, 3),
        "identity_risk": evidence and round(evidence.identity_risk, 3),
        "reasons": [reason.value for reason in verdict.reasons],
    }


def _with_alpha(pixels: RGBImage, source: Any) -> Any:
    """The result as a PIL image, with the source's alpha where it has one."""
    from PIL import Image

    image = Image.fromarray(pixels)
    if "A" in source.getbands():
        image.putalpha(source.getchannel("A"))
    return image
