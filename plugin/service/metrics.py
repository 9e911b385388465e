"""What Prometheus may ask: requests, jobs, faces, refusals, the queue. No client is named in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from ... import __version__
from .desk import Desk

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]

_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


class Metrics:
    """Counters of one service, in a registry of its own.

    Args:
        desk: Whose queue is shown.
    """

    def __init__(self, desk: Desk) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        own: dict[str, Any] = {"namespace": "facefidelity", "registry": self._registry}
        self._requests = Counter(
            "requests", "Requests by path, method and status.", ("path", "method", "status"), **own
        )
        self._latency = Histogram(
            "request_seconds", "From first byte to answer.", ("path",), buckets=_SECONDS, **own
        )
        self._jobs = Counter("jobs", "Ended jobs by kind and status.", ("kind", "status"), **own)
        self._work = Histogram(
            "job_seconds", "From acceptance to the end.", ("kind",), buckets=_SECONDS, **own
        )
        self._faces = Counter("faces", "Faces by kind and decision.", ("kind", "decision"), **own)
        self._refusals = Counter("refusals", "Requests that found no place.", ("reason",), **own)
        Gauge("info", "Version.", ("version",), **own).labels(__version__).set(1)
        self._show("places", "Requests that may be here at once.", lambda: desk.places)
        self._show("places_taken", "Requests that are here.", lambda: desk.taken)
        self._show("jobs_running", "Workers that work.", lambda: desk.running)
        self._show("draining", "1 once the service is asked to end.", lambda: desk.draining)

    def count_request(self, path: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request; `path` and `method` come from a fixed set."""
        self._requests.labels(path, method, str(status)).inc()
        self._latency.labels(path).observe(seconds)

    def count_refusal(self, reason: str) -> None:
        """Count a request that found no place."""
        self._refusals.labels(reason).inc()

    def count_job(
        self, kind: str, status: str, seconds: float, faces: tuple[Mapping[str, Any], ...]
    ) -> None:
        """Count an ended job and the decisions on its faces."""
        self._jobs.labels(kind, status).inc()
        self._work.labels(kind).observe(seconds)
        for face in faces:
            self._faces.labels(kind, face.get("decision", "scored")).inc()

    def page(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def _show(self, name: str, words: str, value: Any) -> None:
        gauge = Gauge(name, words, namespace="facefidelity", registry=self._registry)
        gauge.set_function(lambda: float(value()))
