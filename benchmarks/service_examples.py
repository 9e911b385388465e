"""Writes plugin/service/examples.json, OpenAPI's examples: what a service says of the astronaut.

python benchmarks/service_examples.py
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import cv2
from fastapi.testclient import TestClient
from skimage.data import astronaut

from facefidelity.core.images import encode_picture
from facefidelity.plugin.service import Service, ServiceSettings, create_app

PLACE = Path(__file__).resolve().parents[1] / "plugin" / "service" / "examples.json"


def main() -> None:
    before = encode_picture(astronaut(), ".png")
    after = encode_picture(cv2.convertScaleAbs(astronaut(), alpha=1.1), ".png")
    picture = {"picture": ("astronaut.png", before)}
    pair = {"before": ("before.png", before), "after": ("after.png", after)}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "jobs.jsonl"
        service = Service(ServiceSettings(restorers=("classical",), job_log=log))
        client = TestClient(create_app(service), base_url="http://127.0.0.1")
        wrong = {"settings": '{"strength": 7}'}
        said = {
            "problem": client.post("/v1/restore", files=picture, data=wrong).json(),
            "restore": client.post("/v1/restore", files=picture).json(),
            "judge": client.post("/v1/judge", files=pair).json(),
            "assess": client.post("/v1/assess", files=picture).json(),
        }
        service.close()
    said["restore"]["image"]["base64"] = "iVBORw0KGgo..."
    PLACE.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
