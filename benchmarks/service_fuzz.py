"""Fuzzes a running service with schemathesis: requests made from its OpenAPI, right and wrong ones.

    pip install schemathesis
    python benchmarks/service_fuzz.py --requests 2000

Two thirds of the files are real pictures, whole or damaged, so that requests reach the guard; of
every hundredth request they show a face. An error is a 5xx, an undocumented status, a wrong content type, an answer
that does not fit its schema, or a traceback or path of the server in an answer. A 503 or 504 would
be one too. Exits 1 where there is one.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from running_service import running
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from skimage.data import astronaut

from facefidelity.core.images import encode_picture

KEPT = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "allow_header_conformance",
)
FILES = ("picture", "before", "after", "reference")
FACE_EVERY = 100
ROOT = str(Path(__file__).resolve().parents[1])


class Fuzzer:
    """Sends cases, checks answers, counts."""

    def __init__(self, address: str, number: int) -> None:
        self.address = address
        self.random = np.random.default_rng(number)
        self.statuses: Counter[str] = Counter()
        self.problems: list[str] = []
        self.sent = 0
        load_all_checks()
        self.checks = CHECKS.get_by_names(list(KEPT))

    def run(self, case: Any) -> None:
        if isinstance(case.body, dict):
            for name in FILES:
                if name in case.body and self.random.random() < 2 / 3:
                    one = self.picture()
                    case.body[name] = [one] if isinstance(case.body[name], list) else one
        self.sent += 1
        try:
            response = case.call(base_url=self.address, timeout=200)
        except schemathesis.errors.SchemathesisError as error:  # could not be put into HTTP
            self.statuses[f"not sent ({type(error).__name__})"] += 1
            return
        self.statuses[str(response.status_code)] += 1
        text = response.content.decode("utf-8", "replace")
        if response.status_code >= 500 or "Traceback" in text or ROOT in text:
            self.problems.append(f"{case.method} {case.path} {response.status_code}: {text[:300]}")
        try:
            case.validate_response(response, checks=self.checks)
        except AssertionError as error:
            self.problems.append(f"{case.method} {case.path}: {error}"[:1500])

    def picture(self) -> bytes:
        """A small picture in one of several formats, often damaged; rarely with a face."""
        if self.sent % FACE_EVERY == 0:
            return encode_picture(np.ascontiguousarray(astronaut()[60:188, 160:288]), ".png")
        size = self.random.integers(1, 40, 2)
        pixels = self.random.integers(0, 255, (*size, 3), dtype=np.uint8)
        kind = str(self.random.choice([".png", ".jpg", ".webp", ".tif"]))
        data = bytearray(encode_picture(pixels, kind))
        if self.random.random() < 0.5:
            for at in self.random.integers(0, len(data), 3):
                data[at] = self.random.integers(0, 256)
        return bytes(data[: len(data) if self.random.random() < 0.8 else len(data) // 2])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "jobs.jsonl"
        with running(log, "--restorer", "classical", "--threads", "1") as service:
            fuzzer = Fuzzer(service.address, options.seed)
            started = time.perf_counter()
            fuzz(fuzzer, options.requests, options.seed)
            seconds = time.perf_counter() - started
            accepted, ended = service.jobs("accepted"), service.jobs("ended")
            code, _ = service.end()
    print(f"{fuzzer.sent} requests in {seconds:.0f} s: {dict(sorted(fuzzer.statuses.items()))}")
    print(f"jobs accepted {len(accepted)}, ended {len(ended)}; the service ended with {code}")
    print(f"errors: {len(fuzzer.problems)}")
    for problem in dict.fromkeys(fuzzer.problems):
        print(f"- {problem}")
    return 1 if fuzzer.problems or sorted(accepted) != sorted(ended) or code else 0


def fuzz(fuzzer: Fuzzer, requests: int, number: int) -> None:
    schema = schemathesis.openapi.from_url(f"{fuzzer.address}/openapi.json")
    operations = [one.ok() for one in schema.get_all_operations()]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    turn = 0
    while fuzzer.sent < requests:
        operation, mode = operations[turn % len(operations)], modes[turn // len(operations) % 2]
        # jobs get most of the requests
        share = 40 if operation.method == "post" else 5
        turn += 1

        @seed(number + turn)
        @settings(
            max_examples=min(share, requests - fuzzer.sent),
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Any) -> None:
            fuzzer.run(case)

        with contextlib.suppress(
            Unsatisfiable
        ):  # a path that takes nothing cannot be sent wrong data
            run()


if __name__ == "__main__":
    raise SystemExit(main())
