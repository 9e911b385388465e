"""One running service: its parts, and what happens to a job from acceptance to its last line."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Any, Final

from ... import __version__
from ...core.errors import FaceFidelityError
from .desk import Desk
from .engine import Engine
from .exchange import Done, Upload
from .job_log import JobLog
from .keys import read_api_keys
from .metrics import Metrics
from .offers import Offer, make_offer
from .problems import status_of
from .records import log_summary
from .settings import ServiceSettings

__all__ = ["Service"]


class Service:
    """Everything behind the paths. Loaded whole before the first request.

    Args:
        settings: The operator's.
        engine: Who does the work; the real one by default.

    Raises:
        InvalidInput: If a setting, the keys or the camera profile cannot be used.
        NotRegistered: If a restorer or the policy is unknown.
        WeightsMissing: If a restorer cannot run here; likewise its kin.
        WriteFailed: If the job log cannot be written.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        engine: Callable[[ServiceSettings, Offer], Engine] = Engine,
    ) -> None:
        self.settings = settings
        self.keys = None if settings.api_keys is None else read_api_keys(settings.api_keys)
        self.offer: Final = make_offer(settings)
        self.log: Final = JobLog(settings.job_log)
        self.engine: Final = engine(settings, self.offer)
        self.desk: Final = Desk(settings.workers, settings.waiting)
        self.metrics: Final = Metrics(self.desk)
        self.log.append("serving", version=__version__, **self._facts())

    async def do_job(
        self,
        kind: str,
        client: str | None,
        uploads: Sequence[Upload],
        chosen: Mapping[str, Any],
        work: Callable[[], Done],
        deadline: float,
    ) -> tuple[str, Done]:
        """Accept a job, do it, and keep its two lines.

        Args:
            kind: "restore", "judge" or "assess".
            client: Name of who holds the key, None where nobody is asked.
            uploads: What was sent.
            chosen: What the client chose, as plain data for the log.
            work: What to do on a worker.
            deadline: On the monotonic clock.

        Returns:
            The job's name, and what it gave.

        Raises:
            WriteFailed: If a line cannot be written: what is not recorded is not answered.
            JobOverdue: If it did not end in time.
            FaceFidelityError: Whatever the work raises.
        """
        job, started = secrets.token_hex(8), monotonic()
        facts = await asyncio.to_thread(_facts_of, uploads)
        named = None if self.settings.redact else client
        line = {"kind": kind, "client": named, "pictures": facts, **chosen}
        await asyncio.to_thread(self.log.append, "accepted", job=job, **line)
        status, http, faces = "failed", 500, tuple[dict[str, Any], ...]()
        try:
            done = await self.desk.work(work, deadline)
            status, http, faces = "done", 200, done.faces
            return job, done
        except FaceFidelityError as error:
            http = status_of(error)[0]
            status = {422: "refused", 504: "timed_out"}.get(http, "failed")
            raise
        except asyncio.CancelledError:
            status, http = "abandoned", 0
            raise
        finally:
            end = partial(self._end, job, kind, status, http, monotonic() - started, faces)
            if status == "abandoned":  # the loop is ending and gives no further turn
                end()
            else:
                await asyncio.to_thread(end)

    def close(self) -> None:
        """Say in the log that it ends, and let go of everything."""
        self.log.append("stopped")
        self.desk.close()
        self.log.close()

    def _end(
        self,
        job: str,
        kind: str,
        status: str,
        http: int,
        seconds: float,
        faces: tuple[dict[str, Any], ...],
    ) -> None:
        self.metrics.count_job(kind, status, seconds, faces)
        self.log.append(
            "ended",
            job=job,
            status=status,
            http=http,
            seconds=round(seconds, 3),
            faces=len(faces) if self.settings.redact else [log_summary(face) for face in faces],
        )

    def _facts(self) -> dict[str, Any]:
        judge = self.engine.judge
        return {
            "restorers": list(self.offer.restorers),
            "policy": self.offer.policy.name,
            "assessor": judge.assessor.name,
            "embedder": judge.embedder.name,
            "camera": self.offer.camera and self.offer.camera.record,
        }


def _facts_of(uploads: Sequence[Upload]) -> list[dict[str, Any]]:
    return [{"field": one.field, "bytes": len(one.data), "sha256": one.sha256} for one in uploads]
