"""Which policy a visitor means: a shipped one, or that of the camera profile of the session."""

from __future__ import annotations

from typing import Final

from ..guards.policy import Policy, load_policy, policy_names
from ..plugin.cameras.profiles import OpenedProfile
from .context import PageContext

__all__ = ["PROFILE", "chosen_policy", "named_policy", "policy_choices", "session_profile"]

PROFILE: Final = "profile"
"""Under which name a session keeps its camera profile."""
_DEFAULT: Final = "balanced"


def session_profile(page: PageContext, session: str) -> OpenedProfile | None:
    """The camera profile of a session, None without one."""
    profile: OpenedProfile | None = page.sessions.kept(session, PROFILE)
    return profile


def policy_choices(profile: OpenedProfile | None) -> list[str]:
    """Names that a visitor may choose, that of the profile first."""
    own = [] if profile is None else [profile.profile.effective_policy().name]
    return [*own, *policy_names()]


def named_policy(page: PageContext, session: str, name: str) -> Policy:
    """The policy of this name; never a file, whatever a request says."""
    profile = session_profile(page, session)
    if profile is not None and profile.profile.effective_policy().name == name:
        return profile.profile.effective_policy()
    return load_policy(name if name in policy_names() else _DEFAULT)


def chosen_policy(page: PageContext, session: str, name: str, limit: float) -> Policy:
    """The policy of this name, with its highest identity risk where the slider stands."""
    policy = named_policy(page, session, name)
    if abs(policy.max_identity_risk - limit) < 0.0051:  # the slider's step rounds
        return policy
    named = f"{policy.name}, risk at most {limit:.2f}"
    return policy.model_copy(update={"max_identity_risk": limit, "name": named})
