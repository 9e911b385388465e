"""``facefidelity serve``: the REST service."""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from .cameras import CameraOption, StrictProfileOption, refuse_beside_camera
from .formats import FormatOption, OutputFormat, print_json_line
from .labels import RedactOption, TrustOption
from .options import PolicyOption, parse_pairs
from .serve_options import (
    ApiKeyFileOption,
    DrainOption,
    HostOption,
    JobLogOption,
    MegapixelsOption,
    PortOption,
    QueueOption,
    ServedOption,
    ServedSettingOption,
    ThreadsOption,
    TimeoutOption,
    UploadOption,
    WorkersOption,
)

if TYPE_CHECKING:
    from ..service import Service, ServiceSettings

__all__ = ["serve"]

_PACKAGES: Final = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")
_OPEN_MEANS: Final = (
    "warning: {host} can be reached from other machines, and nobody is asked for a key; "
    "give --api-key-file, and put a proxy with TLS before it."
)


def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    restorer: ServedOption = None,
    setting: ServedSettingOption = None,
    policy: PolicyOption = None,
    camera: CameraOption = None,
    strict_profile: StrictProfileOption = False,
    api_key_file: ApiKeyFileOption = None,
    job_log: JobLogOption = None,
    workers: WorkersOption = 1,
    queue: QueueOption = 16,
    threads: ThreadsOption = 0,
    max_upload_mb: UploadOption = 32,
    max_megapixels: MegapixelsOption = 40.0,
    timeout: TimeoutOption = 120.0,
    drain: DrainOption = 120.0,
    trust: TrustOption = False,
    redact: RedactOption = False,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Serve the guard over HTTP: POST /v1/restore, /v1/judge, /v1/assess.

    It listens on this machine only, fetches nothing, and keeps no picture. Ctrl-C or SIGTERM
    finishes accepted jobs and ends it.

    Example: facefidelity serve --port 8000 --api-key-file keys.txt --workers 2
    """
    _require_extra()
    if camera is not None:
        refuse_beside_camera({"--restorer": restorer, "--set": setting, "--policy": policy})
    from ..service import ServiceSettings

    settings = ServiceSettings(
        host=host,
        port=port,
        restorers=tuple(restorer or ("realesrgan", "classical")),
        restorer_settings=parse_pairs(setting or []),
        policy=policy or "balanced",
        camera=camera,
        strict_profile=strict_profile,
        job_log=job_log or _usual_log(),
        api_keys=api_key_file,
        workers=workers,
        waiting=queue,
        threads=threads,
        max_upload_mb=max_upload_mb,
        max_megapixels=max_megapixels,
        timeout_seconds=timeout,
        drain_seconds=drain,
        trust=trust,
        redact=redact,
    )
    return _run(settings, format)


def _require_extra() -> None:
    from ...core.errors import MissingExtra

    if any(find_spec(name) is None for name in _PACKAGES):
        raise MissingExtra("the service", "serve")


def _run(settings: ServiceSettings, format_: OutputFormat) -> int:
    from .. import service

    if not settings.is_local and settings.api_keys is None:
        print(_OPEN_MEANS.format(host=settings.host), file=sys.stderr)
    for name in ("facefidelity", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.setLevel(min(logging.WARNING, logger.level or logging.WARNING))

    def ready(address: str, running: Service) -> None:
        log, restorers = str(settings.job_log), list(running.offer.restorers)
        if format_ is OutputFormat.json:
            print_json_line(event="serving", address=address, job_log=log, restorers=restorers)
        else:
            typer.echo(f"serving at {address}, jobs are logged in {log}")

    whole = service.serve(settings, ready)
    if not whole:
        print("facefidelity: ended before every accepted job was", file=sys.stderr)
    return 0 if whole else 1


def _usual_log() -> Path:
    """``jobs.jsonl`` in ``$FACEFIDELITY_HOME`` or the user's state folder."""
    import os

    from platformdirs import user_state_path

    from ...core.weights.store import HOME_VARIABLE

    home = os.environ.get(HOME_VARIABLE)
    folder = Path(home).expanduser() if home else user_state_path("facefidelity", appauthor=False)
    return folder.absolute() / "jobs.jsonl"
