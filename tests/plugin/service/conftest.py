"""A service whose work is told beforehand, and one that really works."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from facefidelity.core.images import decode_picture, encode_picture

HERE = "http://127.0.0.1"


class ToldEngine:
    """Decodes what comes and then does what `self.act` says."""

    detector_name = "told"
    judge = SimpleNamespace(assessor=SimpleNamespace(name="a"), embedder=SimpleNamespace(name="e"))

    def __init__(self, settings: Any, offer: Any) -> None:
        self.settings = settings
        self.act: Callable[[], None] = lambda: None
        self.begun = threading.Semaphore(0)
        self.calls = 0

    def restore(self, picture, references, order, deadline, image) -> Any:
        return self._do(picture, image)

    def judge_pair(self, before, after, order, deadline, image) -> Any:
        self._do(before, image)
        return self._do(after, image)

    def assess(self, picture, order, deadline) -> Any:
        return self._do(picture, False)

    def _do(self, upload: Any, image: bool) -> Any:
        self.calls += 1
        self.begun.release()
        limit = self.settings.max_pixels
        pixels = decode_picture(upload.data, upload.shown, max_pixels=limit).pixels
        self.act()
        from facefidelity.plugin.service.exchange import Done

        size = pixels.shape[1], pixels.shape[0]
        return Done(size, (), encode_picture(pixels, ".png") if image else None, size)


@pytest.fixture
def make_service(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Services with a told engine; closed afterwards."""
    pytest.importorskip("fastapi", reason="needs the serve extra")
    from facefidelity.plugin.service import Service, ServiceSettings

    made: list[Service] = []

    def make(engine: Any = ToldEngine, **settings: Any) -> Service:
        settings.setdefault("restorers", ("classical",))
        settings.setdefault("job_log", tmp_path / f"jobs{len(made)}.jsonl")
        made.append(Service(ServiceSettings(**settings), engine))
        return made[-1]

    yield make
    for service in made:
        service.close()


@pytest.fixture
def client_of() -> Iterator[Callable[[Any], Any]]:
    """A client of a service's application; all of its requests share one event loop."""
    testclient = pytest.importorskip("fastapi.testclient", reason="needs the serve extra")
    from facefidelity.plugin.service import create_app

    opened = []

    def client(service: Any) -> Any:
        made = testclient.TestClient(
            create_app(service), base_url=HERE, raise_server_exceptions=False
        )
        opened.append(made.__enter__())
        return made

    yield client
    for one in opened:
        one.__exit__(None, None, None)


@pytest.fixture(scope="session")
def small_png() -> bytes:
    """A picture without a face."""
    pixels = np.random.default_rng(7).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    return encode_picture(pixels, ".png")
