"""Serves the page: a private folder, one port, and nothing that is fetched from elsewhere."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

from ..assessor.benchmark.ratings.study import RatingStudy
from ..core.errors import InvalidInput
from ..core.images import printable_path
from ..plugin.review.desk import ReviewDesk
from .context import PageContext
from .login import read_logins
from .sessions import Sessions

__all__ = ["PageServer", "serve_page"]

_STATES_KEPT: Final = 200
_ENVIRONMENT: Final = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_SSR_MODE": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


@dataclass(frozen=True, slots=True)
class PageServer:
    """How the page is served.

    Attributes:
        host: Address that it listens on.
        port: Port, 0 for a free one.
        logins: File of ``name:password`` lines, None for no login.
        max_upload_mb: Largest upload in megabytes.
        root_path: Path below which a proxy shows the page, None at its root.
        share: Whether Gradio's public tunnel is opened; everything then passes its servers.
        review_folders: Results of batches that may be looked over.
        study: Pictures that are rated, None for none.
        frame_folders: Frames of cameras that may be tuned on.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    logins: Path | None = None
    max_upload_mb: int = 64
    root_path: str | None = None
    share: bool = False
    review_folders: tuple[Path, ...] = ()
    study: RatingStudy | None = None
    frame_folders: tuple[Path, ...] = ()


def serve_page(server: PageServer, ready: Callable[[str], None]) -> None:
    """Serve until the process is interrupted or terminated; the private folder goes with it.

    Args:
        server: How.
        ready: Called once with the page's address.

    Raises:
        InvalidInput: If the port is taken, or a file or folder cannot be used.
    """
    allowed = read_logins(server.logins) if server.logins is not None else None
    for results in server.review_folders:
        ReviewDesk(results)  # refuses what no batch wrote before the page is there
    _require_folders(server.frame_folders)
    with _stoppable(), tempfile.TemporaryDirectory(prefix="facefidelity-page-") as folder:
        work = Path(folder).resolve()
        os.environ.update(_ENVIRONMENT if not server.share else {})
        os.environ["GRADIO_TEMP_DIR"] = str(work)
        page = PageContext(
            work,
            Sessions(work),
            server.max_upload_mb,
            server.review_folders,
            server.study,
            server.frame_folders,
        )
        blocks = _launch(page, server, allowed)
        try:
            threading.Thread(target=page.judge, daemon=True).start()  # the first face waits less
            ready(blocks.share_url or _address(server, blocks.server_port))
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
        finally:
            page.sessions.end_all()
            blocks.close(verbose=False)


def _require_folders(folders: tuple[Path, ...]) -> None:
    for folder in folders:
        if not folder.is_dir():
            raise InvalidInput(f"expected a folder of frames, got {printable_path(folder)}")


def _launch(
    page: PageContext, server: PageServer, allowed: Callable[[str, str], bool] | None
) -> Any:
    from starlette.middleware import Middleware

    from .app import build_page
    from .border import FileBorder
    from .theme import page_head, page_theme

    blocks = build_page(page)
    try:
        blocks.launch(
            server_name=server.host,
            server_port=server.port or _free_port(server.host),
            auth=allowed,
            max_file_size=f"{server.max_upload_mb}mb",
            root_path=server.root_path,
            share=server.share,
            theme=page_theme(),
            head=page_head(),
            footer_links=[],
            app_kwargs={"middleware": [Middleware(FileBorder, work=page.work)]},
            state_session_capacity=_STATES_KEPT,
            show_error=False,
            ssr_mode=False,
            mcp_server=False,
            enable_monitoring=False,
            prevent_thread_lock=True,
            quiet=True,
        )
    except OSError as error:
        raise InvalidInput(
            f"expected to listen on {server.host}:{server.port}, got: {error}; "
            "choose another --port (0 takes a free one)"
        ) from error
    return blocks


def _address(server: PageServer, port: int) -> str:
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"http://{host}:{port}{server.root_path or ''}"


def _free_port(host: str) -> int:
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM end the server as Ctrl-C does, so that its folder is deleted."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not stop the tidying up
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
