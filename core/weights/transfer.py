"""One HTTP request that brings a file, or the rest of it.

Says how the request ended and leaves retries, mirrors and hashes to ``download.py``. Only http
and https are spoken, and never more than the registered size is written.
"""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from io import RawIOBase
from typing import Final, TypeAlias

from ..errors import InvalidInput
from .part import PartFile, disk_failure

__all__ = ["DownloadLimits", "Ending", "Progress", "TransferEnd", "transfer"]

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (bytes here so far, bytes in all)."""

_CHUNK_BYTES: Final = 1 << 18
_TRANSIENT: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """How patient a download is.

    Attributes:
        stall_seconds: A server silent for this long is given up for this attempt.
        attempts: Attempts in a row without real progress before an address is given up.
        backoff_seconds: Pause before the second attempt; doubles each time, up to 30 s.
    """

    stall_seconds: float = 30.0
    attempts: int = 5
    backoff_seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.stall_seconds <= 0 or self.attempts < 1 or self.backoff_seconds < 0:
            raise InvalidInput(
                f"expected stall_seconds > 0, attempts >= 1, backoff_seconds >= 0, got {self}"
            )

    def pause_seconds(self, failures: int) -> float:
        """Pause after so many failures in a row (1 or more)."""
        return float(min(30.0, self.backoff_seconds * 2 ** (failures - 1)))


class Ending(Enum):
    """How a request ended."""

    COMPLETE = "complete"
    """The part has its registered size."""
    INTERRUPTED = "interrupted"
    """It may go on with another request to the same address."""
    REFUSED = "refused"
    """This address will not give the file."""


@dataclass(frozen=True, slots=True)
class TransferEnd:
    """How a request ended, and why in words."""

    ending: Ending
    reason: str = ""


def transfer(
    url: str, part: PartFile, size_bytes: int, stall_seconds: float, progress: Progress
) -> TransferEnd:
    """Bring what ``part`` still lacks from one address.

    Args:
        url: http(s) address.
        part: The unfinished file; smaller than ``size_bytes``.
        size_bytes: Registered size of the whole file.
        stall_seconds: Give up when the server is silent for this long.
        progress: Called after each piece.

    Returns:
        How it ended. Whatever arrived stays in ``part``.

    Raises:
        DownloadFailed: If the disk is full or refuses.
    """
    offset = part.size_bytes()
    request = urllib.request.Request(url, headers=_headers(url, part, offset))  # noqa: S310
    try:
        response = _opener().open(request, timeout=stall_seconds)
    except urllib.error.HTTPError as error:
        with closing(error):
            return _answered_with_error(error.code, part)
    except (OSError, http.client.HTTPException) as error:
        return TransferEnd(Ending.INTERRUPTED, _network_reason(error, stall_seconds))
    with closing(response):
        start, useless = _start_of(response, offset, size_bytes)
        if useless is not None:
            if useless.ending is Ending.INTERRUPTED:
                part.discard()
            return useless
        with part.open_at(start) as stream:
            part.remember(url, _strong_validator(response))
            return _receive(
                response, stream, part, _Span(start, size_bytes, stall_seconds), progress
            )


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    size_bytes: int
    stall_seconds: float


def _opener() -> urllib.request.OpenerDirector:
    """An opener that knows http, https, proxies and redirects: no file:, ftp: or data:."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _headers(url: str, part: PartFile, offset: int) -> dict[str, str]:
    headers = {"User-Agent": "facefidelity", "Accept": "*/*"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
        validator = part.validator(url)
        if validator is not None:
            headers["If-Range"] = validator
    return headers


def _strong_validator(response: http.client.HTTPResponse) -> str | None:
    """ETag or date that may stand in If-Range (a weak ETag may not, RFC 9110 13.1.5)."""
    etag = response.headers.get("ETag")
    if etag and not etag.startswith("W/"):
        return etag
    return response.headers.get("Last-Modified")


def _answered_with_error(code: int, part: PartFile) -> TransferEnd:
    if code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        part.discard()
        return TransferEnd(Ending.INTERRUPTED, "the server refused to resume (HTTP 416)")
    ending = Ending.INTERRUPTED if code in _TRANSIENT else Ending.REFUSED
    return TransferEnd(ending, f"the server answered HTTP {code}")


def _network_reason(error: BaseException, stall_seconds: float) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"the server was silent for {stall_seconds:g} s"
    return f"the connection failed ({cause})"


def _start_of(
    response: http.client.HTTPResponse, offset: int, size_bytes: int
) -> tuple[int, TransferEnd | None]:
    """Where the body belongs in the file, or why the body is of no use.

    INTERRUPTED says that a fresh start of the same address may help.
    """
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if found is None or int(found[1]) != offset:
            return 0, TransferEnd(Ending.INTERRUPTED, "the server resumed at the wrong place")
        start, total = offset, found[2]
    elif response.status == http.HTTPStatus.OK:
        start, total = 0, response.headers.get("Content-Length", "*")
    else:
        return 0, TransferEnd(Ending.REFUSED, f"the server answered HTTP {response.status}")
    if total.isdecimal() and int(total) != size_bytes:
        offered = f"the server offers {int(total):,} bytes, {size_bytes:,} are registered"
        return 0, TransferEnd(Ending.REFUSED, offered)
    return start, None


def _write(stream: RawIOBase, piece: bytes, part: PartFile) -> None:
    rest = memoryview(piece)
    try:
        while rest:
            rest = rest[stream.write(rest) :]
    except OSError as error:
        raise disk_failure(error, part.path) from error


def _receive(
    response: http.client.HTTPResponse,
    stream: RawIOBase,
    part: PartFile,
    span: _Span,
    progress: Progress,
) -> TransferEnd:
    done = span.start
    while done < span.size_bytes:
        try:
            piece = response.read1(min(_CHUNK_BYTES, span.size_bytes - done))
        except (OSError, http.client.HTTPException) as error:
            return TransferEnd(Ending.INTERRUPTED, _network_reason(error, span.stall_seconds))
        if not piece:
            return TransferEnd(
                Ending.INTERRUPTED,
                f"the server stopped after {done:,} of {span.size_bytes:,} bytes",
            )
        _write(stream, piece, part)
        done += len(piece)
        progress(done, span.size_bytes)
    return TransferEnd(Ending.COMPLETE)
