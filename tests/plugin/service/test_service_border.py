"""Before any work: keys, hosts, sizes, places, times. Every refusal is one clear sentence."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

KEY = "correct-horse-battery-staple"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.txt"
    path.write_text(f"# who may\nann:{KEY}\nbob:another-long-enough-key\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def check_problem(response, status: int, code: str) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    said = response.json()
    assert (said["status"], said["code"], said["type"]) == (status, code, "about:blank")
    assert 10 < len(said["detail"]) <= 500
    assert "Traceback" not in response.text
    assert "/" + "work" not in response.text
    return said["detail"]


def ask(client, png: bytes, path: str = "/v1/assess", **options):
    return client.post(path, files={"picture": ("a.png", png)}, **options)


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-API-Key": "wrong"}, {"Authorization": f"Basic {KEY}"}, {"X-API-Key": KEY + "x"}],
)
def test_without_a_valid_key_nothing_is_done(
    make_service, client_of, keys, small_png, headers
) -> None:
    service = make_service(api_keys=keys)
    client = client_of(service)
    answer = ask(client, small_png, headers=headers)
    check_problem(answer, 401, "key_missing_or_wrong")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert service.engine.calls == 0
    for path in ("/v1/models", "/metrics", "/nowhere"):
        check_problem(client.get(path, headers=headers), 401, "key_missing_or_wrong")
    for path in ("/healthz", "/readyz", "/openapi.json"):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("headers", [{"X-API-Key": KEY}, {"Authorization": f"bearer {KEY}"}])
def test_a_key_is_let_in_and_only_its_name_is_logged(
    make_service, client_of, keys, small_png, headers
) -> None:
    service = make_service(api_keys=keys)
    assert ask(client_of(service), small_png, headers=headers).status_code == 200
    logged = service.settings.job_log.read_text("utf-8")
    assert '"client": "ann"' in logged
    assert KEY not in logged
    assert KEY not in repr(vars(service.keys))


def test_a_page_under_another_name_does_not_reach_a_local_service(
    make_service, client_of, small_png
) -> None:
    client = client_of(make_service())
    check_problem(ask(client, small_png, headers={"Host": "evil.example"}), 421, "wrong_host")
    for host in ("localhost:8000", "[::1]:8000", "127.0.0.1"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200
    open_to_all = client_of(make_service(host="192.0.2.7"))
    assert open_to_all.get("/healthz", headers={"Host": "faces.example"}).status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_request_that_is_too_large_is_refused(make_service, client_of, chunked) -> None:
    service = make_service(max_upload_mb=1)
    body = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\n'
    body += b"\0" * (1 << 20) + b"\r\n--x--\r\n"
    answer = client_of(service).post(
        "/v1/assess",
        content=iter([body[:700_000], body[700_000:]]) if chunked else body,
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert "1 MiB" in check_problem(answer, 413, "too_large")
    assert service.engine.calls == 0
    assert service.desk.taken == 0


def test_a_picture_with_too_many_pixels_is_refused_by_its_header(
    make_service, client_of, small_png
) -> None:
    service = make_service(max_megapixels=0.01)
    assert ask(client_of(service), small_png).status_code == 200
    large = b"P5 200 200 255 "  # a header without a pixel
    said = check_problem(ask(client_of(service), large), 413, "too_large")
    assert "200x200" in said
    assert service.engine.calls == 1


def test_only_forms_are_read(make_service, client_of) -> None:
    client = client_of(make_service())
    check_problem(client.post("/v1/assess", json={}), 415, "unsupported_media_type")
    broken = {"Content-Type": "multipart/form-data"}
    check_problem(client.post("/v1/assess", content=b"x", headers=broken), 400, "malformed_request")


def test_who_finds_no_place_is_told_when_to_come_back(make_service, client_of, small_png) -> None:
    service = make_service(workers=1, waiting=1)
    client, go = client_of(service), threading.Event()
    service.engine.act = lambda: go.wait(20)
    with ThreadPoolExecutor(2) as pool:
        first = [pool.submit(ask, client, small_png) for _ in range(2)]
        assert service.engine.begun.acquire(timeout=20)
        wait_until(lambda: service.desk.full)
        answer = ask(client, small_png)
        go.set()
        assert [one.result().status_code for one in first] == [200, 200]
    check_problem(answer, 429, "queue_full")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert service.desk.taken == 0
    assert ask(client, small_png).status_code == 200
    assert 'facefidelity_refusals_total{reason="full"} 1.0' in client.get("/metrics").text


def test_while_it_drains_work_goes_on_and_none_is_taken(make_service, client_of, small_png) -> None:
    service = make_service(workers=1)
    client, go = client_of(service), threading.Event()
    service.engine.act = lambda: go.wait(20)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, client, small_png)
        assert service.engine.begun.acquire(timeout=20)
        service.desk.draining = True
        answer = ask(client, small_png)
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").json()["status"] == "draining"
        go.set()
        assert first.result().status_code == 200
    check_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"]


def test_time_is_over_for_the_client_and_the_place_is_kept_until_the_work_ends(
    make_service, client_of, small_png
) -> None:
    service = make_service(workers=1, waiting=1, timeout_seconds=0.5)
    client, go = client_of(service), threading.Event()
    service.engine.act = lambda: go.wait(20)
    check_problem(ask(client, small_png), 504, "timed_out")
    assert service.desk.taken == 1
    check_problem(ask(client, small_png), 504, "timed_out")  # waited, and never began
    assert service.engine.calls == 1
    go.set()
    wait_until(lambda: service.desk.taken == 0)


def wait_until(holds) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_paths_and_methods_that_are_not_there(make_service, client_of) -> None:
    client = client_of(make_service())
    check_problem(client.get("/v1/nothing"), 404, "not_found")
    check_problem(client.get("/docs"), 404, "not_found")
    answer = client.put("/v1/restore")
    check_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"
