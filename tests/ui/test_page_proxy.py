"""The page below a path of a proxy, and what --share warns of."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from facefidelity.plugin.cli.main import run

PATH = "/faces"


@pytest.fixture(scope="module")
def proxied(serve: Any) -> Iterator[str]:
    """A small proxy that shows the page below /faces, as nginx would."""
    served = serve("--root-path", PATH)
    behind = urlsplit(served.url).netloc

    class Proxy(http.server.BaseHTTPRequestHandler):
        def relay(self) -> None:
            if not self.path.startswith(PATH):
                self.send_error(404)
                return
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size) if size else None
            link = http.client.HTTPConnection(behind, timeout=120)
            headers = {k: v for k, v in self.headers.items() if k.lower() != "connection"}
            link.request(self.command, self.path[len(PATH) :] or "/", body, headers)
            answer = link.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "connection"}:
                    self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            while chunk := answer.read1(65536):
                self.wfile.write(chunk)
                self.wfile.flush()

        do_GET = do_POST = do_HEAD = relay  # noqa: N815 - the handler's names

        def log_message(self, *_said: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}{PATH}/"
    server.shutdown()
    server.server_close()


@pytest.mark.browser
def test_the_page_works_below_a_path(open_tab: Any, proxied: str, astronaut_file: Any) -> None:
    tab = open_tab(url=proxied)
    page = tab.page
    page.locator("input[type=file]").first.set_input_files(astronaut_file)
    page.locator(f"img[src*='{PATH}/'][src*='astronaut.png']").first.wait_for()
    page.get_by_label("Restorer", exact=True).locator("visible=true").first.click()
    page.get_by_role("option", name="classical", exact=True).click()
    page.get_by_text("Radius").first.wait_for()
    page.get_by_role("button", name="Inspect", exact=True).click()
    page.get_by_role("heading", name="Face 1").wait_for()
    page.locator(".ff-card img[src*='face-1-']").first.wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Guarded picture").locator("visible=true").click()
    assert waiting.value.suggested_filename == "astronaut.png"
    assert tab.errors == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--share"], "every picture passes through Gradio's servers"),
        (["--host", "0.0.0.0"], "can be reached from other machines"),  # noqa: S104
    ],
)
def test_who_opens_the_page_to_others_is_told_what_it_means(
    words: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("gradio", reason="needs gradio: pip install 'facefidelity[ui]'")
    pytest.importorskip("plotly", reason="needs plotly: pip install 'facefidelity[ui]'")
    from facefidelity.ui import server

    asked: list[Any] = []
    monkeypatch.setattr(server, "serve_page", lambda one, ready: asked.append(one))
    assert run(["ui", *words]) == 0
    assert said in capsys.readouterr().err
    assert asked[0].share is ("--share" in words)
