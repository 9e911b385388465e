"""What stands for a face in a key."""

from __future__ import annotations

import hashlib

from ...core.protocols import RGBImage

__all__ = ["hash_face"]


def hash_face(face: RGBImage) -> str:
    """SHA-256 of the pixels of (S, S, 3) uint8 RGB."""
    return hashlib.sha256(face.tobytes()).hexdigest()
