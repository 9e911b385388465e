"""The real service on the astronaut: answers fit their models and say what the library says."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("fastapi", reason="needs the serve extra")

from fastapi.testclient import TestClient

from facefidelity.core.images import encode_picture
from facefidelity.plugin.service import Service, ServiceSettings, answers, create_app

BRIGHTER = 1.1
EXAMPLES = json.loads(Path(answers.__file__).with_name("examples.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    log = tmp_path_factory.mktemp("service") / "jobs.jsonl"
    service = Service(ServiceSettings(restorers=("classical",), job_log=log, threads=1))
    with TestClient(create_app(service), base_url="http://localhost") as made:
        yield made
    service.close()


@pytest.fixture(scope="module")
def png(astronaut: np.ndarray) -> bytes:
    return encode_picture(astronaut, ".png")


def post(client: Any, path: str, data: dict | None = None, **files: bytes) -> Any:
    named = {name: (f"{name}.png", content) for name, content in files.items()}
    return client.post(f"/v1/{path}", files=named, data=data)


def test_assess(client: Any, png: bytes) -> None:
    from facefidelity import Assessor
    from facefidelity.plugin.assessment import FaceAssessment

    said = post(client, "assess", picture=png).json()
    answers.AssessAnswer.model_validate(said)
    (face,) = said["faces"]
    assert face["path"] == "picture.png"
    assert list(face)[:4] == ["path", "face", "box", "landmarks"]
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    (expected,) = FaceAssessment(Assessor()).assess(pixels)
    assert face["scores"] == pytest.approx(expected.scores.as_dict(), abs=0.01)
    assert said["picture"]["width_px"] == 512


def test_restore_delivers_what_the_guard_delivers(client: Any, png: bytes, astronaut) -> None:
    from facefidelity import Guard

    said = post(client, "restore", {"settings": '{"strength": 0.2}'}, picture=png).json()
    answers.RestoreAnswer.model_validate(said)
    (face,) = said["faces"]
    assert face["settings"]["strength"] == 0.2
    assert face["policy"] == "balanced"
    delivered = Image.open(io.BytesIO(base64.b64decode(said["image"]["base64"])))
    expected = Guard("classical", settings={"strength": 0.2}).restore(astronaut)
    assert face["decision"] == expected.faces[0].verdict.decision.value
    assert np.array_equal(np.asarray(delivered), expected.pixels)


def test_restore_as_picture_keeps_transparency_and_grows(client: Any, astronaut) -> None:
    alpha = np.tile(np.arange(128, dtype=np.uint8), (128, 1))
    crop = np.ascontiguousarray(astronaut[60:188, 160:288])
    answer = client.post(
        "/v1/restore",
        files={"picture": ("ä.png", encode_picture(crop, ".png", alpha))},
        data={"upscale": "2", "policy": "observe"},
        headers={"Accept": "image/png"},
    )
    delivered = Image.open(io.BytesIO(answer.content))
    assert (delivered.size, delivered.mode) == ((256, 256), "RGBA")
    (verdict,) = json.loads(answer.headers["facefidelity-verdicts"])
    assert set(verdict) == {"face", "decision", "blend", "identity_risk", "reasons"}


def test_judge(client: Any, png: bytes, astronaut) -> None:
    after = np.clip(astronaut.astype(float) * BRIGHTER, 0, 255).astype(np.uint8)
    said = post(client, "judge", before=png, after=encode_picture(after, ".png")).json()
    answers.JudgeAnswer.model_validate(said)
    (face,) = said["faces"]
    assert (face["before"], face["after"]) == ("before.png", "after.png")
    assert face["identity_state"] == "kept"
    assert said["image"] is None
    other = post(client, "judge", before=png, after=encode_picture(after[:256], ".png"))
    assert other.status_code == 422
    assert "aspect ratio" in other.json()["detail"]


def test_no_face_is_a_result(client: Any, small_png: bytes) -> None:
    for path, files in (
        ("assess", {"picture": small_png}),
        ("restore", {"picture": small_png}),
        ("judge", {"before": small_png, "after": small_png}),
    ):
        answer = post(client, path, **files)
        assert (answer.status_code, answer.json()["faces"]) == (200, [])


def test_a_reference_must_show_one_face(client: Any, png: bytes, small_png: bytes) -> None:
    answer = post(client, "restore", picture=png, reference=small_png)
    assert answer.status_code == 422
    assert "one face in reference" in answer.json()["detail"]
    known = post(client, "restore", picture=png, reference=png).json()
    assert known["faces"][0]["references"]["pictures"] == 1


def test_a_result_that_would_be_too_large_is_refused(client: Any) -> None:
    large = encode_picture(np.zeros((1200, 1200, 3), np.uint8), ".png")
    answer = post(client, "restore", {"upscale": "8"}, picture=large)
    assert answer.status_code == 422
    assert "upscale 8" in answer.json()["detail"]


def test_models_and_health(client: Any) -> None:
    said = client.get("/v1/models").json()
    answers.ModelsAnswer.model_validate(said)
    assert [one["name"] for one in said["restorers"]] == ["classical"]
    assert {"balanced", "strict"} <= {one["name"] for one in said["policies"]}
    assert "strength" in said["restorers"][0]["settings"]["properties"]
    for path in ("/healthz", "/readyz"):
        answers.HealthAnswer.model_validate(client.get(path).json())


def test_the_examples_of_openapi_are_answers(client: Any) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    models = {
        "/v1/restore": answers.RestoreAnswer,
        "/v1/judge": answers.JudgeAnswer,
        "/v1/assess": answers.AssessAnswer,
    }
    for path, model in models.items():
        responses = paths[path]["post"]["responses"]
        assert responses["200"]["content"]["application/json"]["example"]["job"]
        model.model_validate(EXAMPLES[path.removeprefix("/v1/")])
        assert {"400", "413", "415", "422", "429", "503", "504"} <= set(responses)
        problem = responses["422"]["content"]["application/problem+json"]
        answers.Problem.model_validate(problem["example"])
        assert "multipart/form-data" in paths[path]["post"]["requestBody"]["content"]


def test_no_field_holds_an_address(client: Any) -> None:
    """Nothing is ever fetched: there is nothing to say where from."""
    text = json.dumps(client.get("/openapi.json").json()["components"]["schemas"]).lower()
    assert '"url' not in text
    assert '"format": "uri' not in text
