"""Asks a running facefidelity service to restore a picture. Standard library only."""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

TRIES = 10


def restore(url: str, picture: Path, fields: dict[str, str]) -> dict[str, Any]:
    """Send one picture; wait and try again where the service is busy."""
    body, kind = form(picture, fields)
    headers = {"Content-Type": kind, "Accept": "application/json"}
    if key := os.environ.get("FACEFIDELITY_KEY"):
        headers["Authorization"] = f"Bearer {key}"
    for _ in range(TRIES):
        request = urllib.request.Request(f"{url}/v1/restore", body, headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            if error.code != 429:
                raise SystemExit(f"{error.code}: {json.load(error)['detail']}") from error
            time.sleep(float(error.headers["Retry-After"]))
    raise SystemExit("the service stayed busy")


def form(picture: Path, fields: dict[str, str]) -> tuple[bytes, str]:
    """A multipart/form-data body and its content type."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="picture"; filename="picture"'
    parts += [head.encode(), b"\r\n\r\n", picture.read_bytes(), f"\r\n--{boundary}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


def main() -> None:
    """Restore one picture and say what was decided."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--policy")
    parser.add_argument("--restorer")
    options = parser.parse_args()
    wanted = {"policy": options.policy, "restorer": options.restorer}
    said = restore(options.url, options.picture, {k: v for k, v in wanted.items() if v})
    options.result.write_bytes(base64.b64decode(said["image"]["base64"]))
    if not said["faces"]:
        print("no face found; the picture is as it was")
    for face in said["faces"]:
        print(f"face {face['face']}: {face['explanation']['summary']}")
    print(f"written to {options.result}, job {said['job']}", file=sys.stderr)


if __name__ == "__main__":
    main()
