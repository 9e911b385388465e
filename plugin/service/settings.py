"""What an operator sets before the service starts; nothing here knows HTTP."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ...core.errors import InvalidInput

__all__ = ["LOCAL_HOSTS", "ServiceSettings"]

LOCAL_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names under which only this machine reaches a server."""


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """How the service runs.

    Attributes:
        host: Address that it listens on.
        port: Port, 0 for a free one.
        restorers: Registered names that clients may ask for; the first is the default.
        restorer_settings: Settings of the first one that hold where a client names none.
        policy: Name of a shipped policy or path of an own one, for clients that name none.
        camera: A camera profile that decides on restorer, settings and policy instead; clients
            then choose none of them.
        strict_profile: Refuse weights other than the profile's.
        job_log: File with a line before and after each accepted job.
        api_keys: File of ``name:key`` lines, None where nobody is asked.
        workers: Jobs at once.
        waiting: Further requests that may wait for a worker.
        threads: Threads of the judging networks, 0 lets onnxruntime choose.
        max_upload_mb: Largest request in MiB.
        max_megapixels: Largest picture, before and after enlarging.
        timeout_seconds: For one request, from its first byte to the end of its work.
        drain_seconds: How long accepted jobs may go on once the service is asked to end.
        trust: Vouch for weights files that the settings name and whose hash is not registered.
        redact: Keep verdicts, the names of keys and what restorers say out of every log.

    Raises:
        InvalidInput: If a number is out of range, or no restorer is named.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    restorers: tuple[str, ...] = ("realesrgan", "classical")
    restorer_settings: Mapping[str, Any] = field(default_factory=dict)
    policy: str = "balanced"
    camera: Path | None = None
    strict_profile: bool = False
    job_log: Path = Path("jobs.jsonl")
    api_keys: Path | None = None
    workers: int = 1
    waiting: int = 16
    threads: int = 0
    max_upload_mb: int = 32
    max_megapixels: float = 40.0
    timeout_seconds: float = 120.0
    drain_seconds: float = 120.0
    trust: bool = False
    redact: bool = False

    def __post_init__(self) -> None:
        if not self.restorers:
            raise InvalidInput("expected at least one restorer to serve, got none")
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise InvalidInput(f"expected {name} in {low:g}..{high:g}, got {value!r}")

    @property
    def max_bytes(self) -> int:
        """Largest request body."""
        return self.max_upload_mb << 20

    @property
    def max_pixels(self) -> int:
        """Width times height of the largest picture."""
        return int(self.max_megapixels * 1e6)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOCAL_HOSTS


_RANGES: Final[tuple[tuple[str, float, float], ...]] = (
    ("port", 0, 65535),
    ("workers", 1, 64),
    ("waiting", 0, 10_000),
    ("threads", 0, 256),
    ("max_upload_mb", 1, 1024),
    ("max_megapixels", 0.01, 100),
    ("timeout_seconds", 0.1, 86_400),
    ("drain_seconds", 0, 86_400),
)
