"""An accepted job has a line on the disk before it begins and one when it ends, however it ends."""

from __future__ import annotations

import json

import pytest

from facefidelity.core.errors import (
    DetectorFailed,
    InvalidInput,
    JobOverdue,
    WeightsMissing,
    WriteFailed,
)


def lines(service) -> list[dict]:
    return [json.loads(line) for line in service.settings.job_log.read_text("utf-8").splitlines()]


def restore(client, png, **data):
    return client.post("/v1/restore", files={"picture": ("ann.png", png)}, data=data)


def test_the_line_is_there_before_the_work_begins(make_service, client_of, small_png) -> None:
    service, seen = make_service(), []
    service.engine.act = lambda: seen.extend(lines(service))
    answer = restore(client_of(service), small_png, settings='{"strength": 0.3}')
    assert [line["event"] for line in seen] == ["serving", "accepted"]
    job = answer.json()["job"]
    assert answer.headers["facefidelity-job"] == job
    accepted, ended = lines(service)[1:]
    assert accepted["job"] == ended["job"] == job
    assert accepted["pictures"][0]["bytes"] == len(small_png)
    assert accepted["settings"] == {"strength": 0.3}
    assert (ended["status"], ended["http"]) == ("done", 200)
    assert "ann.png" not in service.settings.job_log.read_text("utf-8")


@pytest.mark.parametrize(
    ("error", "http", "status"),
    [
        (InvalidInput("expected one aspect ratio, got two"), 422, "refused"),
        (JobOverdue("over"), 504, "timed_out"),
        (WeightsMissing("expected /secret/place.onnx"), 503, "failed"),
        (DetectorFailed("broke in /secret/place"), 500, "failed"),
        (RuntimeError("a bug in /secret/place"), 500, "failed"),
    ],
)
def test_a_job_that_fails_has_its_line_and_tells_no_path(
    make_service, client_of, small_png, error, http, status
) -> None:
    service = make_service()

    def fail() -> None:
        raise error

    service.engine.act = fail
    answer = restore(client_of(service), small_png)
    assert answer.status_code == http
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert (lines(service)[-1]["status"], lines(service)[-1]["http"]) == (status, http)
    assert service.desk.taken == 0


def test_what_cannot_be_recorded_is_not_done(make_service, client_of, small_png) -> None:
    service = make_service()

    def refuse(*_given, **_fields) -> None:
        raise WriteFailed("expected to write /secret/jobs.jsonl, got: No space left on device")

    service.log.append, true_append = refuse, service.log.append
    answer = restore(client_of(service), small_png)
    service.log.append = true_append
    assert answer.status_code == 503
    assert "secret" not in answer.text
    assert service.engine.calls == 0


def test_jobs_and_requests_are_counted(make_service, client_of, small_png) -> None:
    client = client_of(make_service())
    restore(client, small_png)
    restore(client, b"no picture")
    client.get("/never/was/here")
    page = client.get("/metrics").text
    assert 'facefidelity_jobs_total{kind="restore",status="done"} 1.0' in page
    assert 'facefidelity_jobs_total{kind="restore",status="refused"} 1.0' in page
    assert 'path="other"' in page
    assert "never" not in page
    assert 'facefidelity_requests_total{method="POST",path="/v1/restore",status="200"} 1.0' in page


def test_a_refusal_before_acceptance_leaves_no_line(make_service, client_of, small_png) -> None:
    service = make_service()
    client = client_of(service)
    for data in (
        {"restorer": "onnx"},
        {"policy": "../../etc/passwd.yaml"},
        {"settings": "[1]"},
        {"settings": '{"strength": 9}'},
        {"upscale": "9"},
    ):
        assert restore(client, small_png, **data).status_code == 422
    assert client.post("/v1/restore", files={"picture": ("a", b"")}).status_code == 422
    assert [line["event"] for line in lines(service)] == ["serving"]


def test_the_form_of_the_answer_is_the_clients_choice(make_service, client_of, small_png) -> None:
    client = client_of(make_service())
    files = {"picture": ("a.png", small_png)}
    as_png = client.post("/v1/restore", files=files, headers={"Accept": "image/png"})
    assert as_png.headers["content-type"] == "image/png"
    assert as_png.content.startswith(b"\x89PNG")
    assert as_png.headers["facefidelity-faces"] == "0"
    assert json.loads(as_png.headers["facefidelity-verdicts"]) == []
    assert client.post("/v1/restore", files=files).json()["image"]["media_type"] == "image/png"
    without = client.post("/v1/restore", files=files, data={"image": "false"})
    assert without.json()["image"] is None
    neither = client.post("/v1/assess", files=files, headers={"Accept": "text/html"})
    assert (neither.status_code, neither.json()["code"]) == (406, "not_acceptable")
