"""What a visitor may not do: read other files, forge handles, come in without a name."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

MARK = "the secret of another folder"
BOUNDARY = "a-boundary-of-no-meaning"


def ask(url: str, body: bytes | None = None, kind: str = "application/json") -> tuple[int, bytes]:
    """Status and body of one request; no redirection is followed to another host."""
    request = urllib.request.Request(url, data=body, headers={"Content-Type": kind})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def upload(url: str, name: str, content: bytes) -> tuple[int, bytes]:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
    body = head.encode() + b"Content-Type: image/png\r\n\r\n" + content
    body += f"\r\n--{BOUNDARY}--\r\n".encode()
    return ask(f"{url}/gradio_api/upload", body, f"multipart/form-data; boundary={BOUNDARY}")


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is not the page's."""
    path = tmp_path_factory.mktemp("elsewhere") / "secret.png"
    path.write_text(MARK)
    return path


def test_only_what_lies_in_the_private_folder_is_handed_out(served: Any, secret: Path) -> None:
    status, answer = upload(served.url, "mine.png", b"mine")
    (mine,) = json.loads(answer)
    assert (status, Path(mine).is_relative_to(served.work)) == (200, True)
    assert ask(f"{served.url}/gradio_api/file={mine}") == (200, b"mine")
    up = "../" * 12
    asked = [
        *("/etc/passwd", str(secret), f"{served.work}/{up}etc/passwd", "pyproject.toml", "~"),
        *(
            f"{served.work}",
            f"{Path(mine).parent}/{up}{secret}",
            f"//{secret}",
            "file:///etc/passwd",
        ),
        *("/proc/self/environ", "/proc/self/root/etc/passwd", f"{mine}\x00.png", "x" * 5000),
    ]
    for path in asked:
        for written in (path, quote(path, safe=""), quote(path).replace("..", "%2e%2e")):
            for prefix in ("/gradio_api/file=", "/file=", "/gradio_api/file%3D"):
                address = f"{served.url}{prefix}{quote(written, safe='/%:')}"
                status, answer = ask(address)
                assert status >= 400 or b"<!doctype html" in answer.lower()[:200], address
                assert MARK.encode() not in answer
                assert b"root:" not in answer


def test_a_link_out_of_the_private_folder_is_not_followed(served: Any, secret: Path) -> None:
    link = served.work / "link.png"
    link.symlink_to(secret)
    try:
        status, answer = ask(f"{served.url}/gradio_api/file={link}")
    finally:
        link.unlink()
    assert status == 403
    assert MARK.encode() not in answer


def test_nothing_of_other_hosts_is_fetched_for_a_visitor(served: Any) -> None:
    for path in ("file=http://127.0.0.1:1/x", "file=https://example.org/x", "proxy=http://h/x"):
        assert ask(f"{served.url}/gradio_api/{path}")[0] == 403


def test_an_upload_cannot_choose_its_folder(served: Any) -> None:
    status, answer = upload(served.url, "../../../escaped.png", b"content")
    assert status == 200
    (path,) = json.loads(answer)
    assert Path(path).resolve().is_relative_to(served.work)
    assert not list(served.temporary.glob("escaped*"))


def test_a_forged_handle_is_refused(served: Any, secret: Path) -> None:
    """A picture that was never uploaded, named in the data of an event."""
    config = json.loads(ask(f"{served.url}/config")[1])
    component = {one["id"]: one for one in config["components"]}
    images = [one for one in config["components"] if one["type"] == "image"]
    assert images
    events = [
        one
        for one in config["dependencies"]
        if one["inputs"] and component[one["inputs"][0]]["type"] == "image"
    ]
    assert events, "the tab Compare takes pictures"
    for event in events:
        forged = {"path": str(secret), "meta": {"_type": "gradio.FileData"}}
        values = [
            forged if component[one]["type"] == "image" else component[one]["props"].get("value")
            for one in event["inputs"]
        ]
        sent = {"data": values, "fn_index": event["id"], "session_hash": "forged-handle"}
        ask(f"{served.url}/gradio_api/queue/join", json.dumps(sent).encode())
        address = f"{served.url}/gradio_api/queue/data?session_hash=forged-handle"
        _, answer = ask(address)
        assert b'"success":false' in answer.replace(b" ", b"")
        assert MARK.encode() not in answer
        assert str(secret).encode() not in answer
        assert b"Traceback" not in answer


def test_an_upload_over_the_limit_is_refused(served: Any) -> None:
    status, _ = upload(served.url, "large.png", bytes(65 * 1024 * 1024))
    assert status == 413


def test_the_api_is_not_offered(served: Any) -> None:
    config = json.loads(ask(f"{served.url}/config")[1])
    public = [
        one["api_name"] for one in config["dependencies"] if one["api_visibility"] == "public"
    ]
    assert public == []


def test_without_a_name_nothing_is_shown(serve: Any, tmp_path: Path) -> None:
    logins = tmp_path / "logins.txt"
    logins.write_text("ann:a long password\n")
    logins.chmod(0o600)
    url = serve("--auth-file", str(logins)).url
    for path in ("/config", "/gradio_api/file=/etc/passwd"):
        assert ask(url + path)[0] in {401, 403}
    assert upload(url, "x.png", b"x")[0] == 401
    wrong = b"username=ann&password=wrong"
    assert ask(f"{url}/login", wrong, "application/x-www-form-urlencoded")[0] == 400
    right = b"username=ann&password=a+long+password"
    assert ask(f"{url}/login", right, "application/x-www-form-urlencoded")[0] == 200


@pytest.mark.browser
def test_uploads_go_when_the_tab_is_closed(
    chromium: Any, served: Any, astronaut_file: Path
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(served.url)
    page.get_by_role("tab", name="Compare").click()
    panel = page.get_by_role("tabpanel").locator("visible=true")
    for place in (0, 1):
        panel.locator("input[type=file]").nth(place).set_input_files(astronaut_file)
        panel.locator("img[src*='astronaut.png']").nth(place).wait_for(timeout=90_000)
    panel.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_role("heading", name=re.compile("Face 1")).wait_for(timeout=120_000)
    assert list(served.work.rglob("astronaut*"))
    context.close()
    for _ in range(100):
        left = list(served.work.rglob("astronaut*"))
        if not left:
            break
        time.sleep(0.2)
    assert left == []
