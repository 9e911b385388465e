"""Opens camera profiles from files, with the hash that goes into every record."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ...guards.profile import CameraProfile, load_profile, profile_text

__all__ = ["OpenedProfile", "open_profile"]


@dataclass(frozen=True, slots=True, eq=False)
class OpenedProfile:
    """A profile and where it came from.

    Attributes:
        profile: What it says.
        sha256: Of its file; of the text that `save_profile` would write where there is none.
        origin: The file in words, or the profile's name.
    """

    profile: CameraProfile
    sha256: str
    origin: str

    @property
    def record(self) -> dict[str, str | None]:
        """What a decision record says of the camera."""
        return {"camera": self.profile.name, "camera_sha256": self.sha256}


def open_profile(profile: CameraProfile | Path | str) -> OpenedProfile:
    """Open a profile.

    Args:
        profile: The profile itself, or its YAML file.

    Raises:
        InvalidInput: If the file cannot be read or is no profile.
    """
    if isinstance(profile, CameraProfile):
        text = profile_text(profile).encode("utf-8")
        return OpenedProfile(profile, hashlib.sha256(text).hexdigest(), profile.name)
    path = Path(profile)
    loaded = load_profile(path)
    return OpenedProfile(loaded, hashlib.sha256(path.read_bytes()).hexdigest(), str(path))
