"""Pictures that lie in an object store: named by URL, read by the store's own library.

fsspec finds that library; for S3 and Google's store pyarrow's own client stands in where neither
s3fs nor gcsfs is installed.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ...core.errors import InvalidInput, MissingExtra
from ...core.images import PICTURE_SUFFIXES, Picture, decode_picture, printable_path, read_picture
from ...core.images.decoding import MAX_PIXELS, file_limit_bytes

__all__ = [
    "StoreUrl",
    "list_store",
    "parse_source",
    "path_of",
    "read_source",
    "read_store",
    "source_sha256",
]

# Nothing that fetches from arbitrary machines or runs code: a list may come from anybody.
_STORES: Final = frozenset(
    {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "hdfs", "webhdfs", "memory"}
)
_ARROW_STORES: Final = {
    "s3": "S3FileSystem",
    "s3a": "S3FileSystem",
    "gs": "GcsFileSystem",
    "gcs": "GcsFileSystem",
}
_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
_PART_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """Where a picture, a folder or a list lies in a store.

    It stands where a path would: `os.fspath` and `str` give the URL.

    Attributes:
        url: scheme://bucket/key.
    """

    url: str

    def __fspath__(self) -> str:
        return self.url

    def __str__(self) -> str:
        return self.url

    @property
    def scheme(self) -> str:
        """Which kind of store, in lower case."""
        return self.url.partition("://")[0].lower()

    @property
    def place(self) -> PurePosixPath:
        """Bucket and key as a relative path."""
        return PurePosixPath(self.url.partition("://")[2].lstrip("/"))

    @property
    def suffix(self) -> str:
        """Of the name, with its dot."""
        return self.place.suffix


def parse_source(text: str) -> Path | StoreUrl:
    """Tell a path from a URL; ``file://`` is a path.

    Raises:
        InvalidInput: If the URL is of no store that is read, or holds a password.
    """
    found = _URL.fullmatch(text)
    if found is None:
        return Path(text)
    scheme, rest = found[1].lower(), found[2]
    if scheme == "file":
        return Path(url2pathname(urlsplit(text).path))
    if scheme not in _STORES:
        raise InvalidInput(
            f"expected a path or a URL of {', '.join(sorted(_STORES))} or file, got {scheme}://; "
            "fetch the files first"
        )
    if "@" in rest.partition("/")[0] and scheme not in {"abfs", "abfss"}:
        raise InvalidInput(
            f"expected a {scheme}:// URL without a name or password, got one with @; URLs stand in "
            "the records: give the key by the store's own environment variables or files"
        )
    return StoreUrl(f"{scheme}://{rest}")


def path_of(source: Path | StoreUrl) -> Path:
    """The path, or bucket and key as one: for rules that look at names alone."""
    return source if isinstance(source, Path) else Path(source.place)


def list_store(folder: StoreUrl) -> Iterator[StoreUrl]:
    """The pictures below a folder of a store, sorted by name, level by level.

    Args:
        folder: A folder, or one file, which is given whatever its suffix.

    Yields:
        URLs; hidden names are left out. What is not there is given as it is: reading names it.

    Raises:
        InvalidInput: If the store cannot be listed.
        MissingExtra: If its library is not installed.
    """
    system, path = _open_store(folder)
    try:
        found = [] if system.isfile(path) else system.find(path)
    except (OSError, ValueError) as error:
        raise InvalidInput(_failure(folder, error)) from error
    root = path.strip("/")
    names = (name.strip("/") for name in found)
    below = sorted((posixpath.relpath(name, root).split("/"), name) for name in names)
    pictures = [
        StoreUrl(f"{folder.scheme}://{name}")
        for parts, name in below
        if PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES
        and not any(part.startswith(".") for part in parts)
    ]
    yield from pictures if found else [folder]


def read_source(source: Path | StoreUrl) -> Picture:
    """Read a picture from wherever it lies, as `read_picture` does.

    Raises:
        InvalidInput: If it cannot be read or is no picture.
        MissingExtra: If the library of its store is not installed.
    """
    if isinstance(source, Path):
        return read_picture(source)
    return decode_picture(read_store(source, file_limit_bytes(MAX_PIXELS)), printable_path(source))


def read_store(source: StoreUrl, limit_bytes: int) -> bytes:
    """Read a whole object.

    Args:
        source: Which.
        limit_bytes: Refuse more than this many bytes; no more are fetched.

    Raises:
        InvalidInput: If it is missing, empty, too large or unreadable.
        MissingExtra: If the library of its store is not installed.
    """
    system, path = _open_store(source)
    try:
        with system.open(path, "rb") as file:
            data: bytes = file.read(limit_bytes + 1)
    except (OSError, ValueError) as error:
        raise InvalidInput(_failure(source, error)) from error
    shown = printable_path(source)
    if len(data) > limit_bytes:
        raise InvalidInput(
            f"expected a file of at most {limit_bytes >> 20} MiB, got a larger one: {shown}; make "
            "it smaller"
        )
    if not data:
        raise InvalidInput(
            f"expected a file with content, got an empty one: {shown}; copy it again"
        )
    return data


def source_sha256(source: StoreUrl) -> str | None:
    """SHA-256 of an object as it is now; None where it cannot be read."""
    digest = hashlib.sha256()
    try:
        system, path = _open_store(source)
        with system.open(path, "rb") as file:
            while part := file.read(_PART_BYTES):
                digest.update(part)
    except (OSError, ValueError):
        return None
    return digest.hexdigest()


def _open_store(source: StoreUrl) -> tuple[Any, str]:
    """The file system that fsspec gives for a URL, and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtra("reading from an object store", "ray") from error
    try:
        system, path = url_to_fs(source.url)
    except ImportError as error:
        if source.scheme not in _ARROW_STORES:
            raise InvalidInput(
                f"expected the library that reads {source.scheme}://, it is not installed "
                f"({error}); install it"
            ) from error
        system, path = _arrow_store(source.scheme), str(source.place)
    return system, str(path)


def _arrow_store(scheme: str) -> Any:
    """Pyarrow's own client of a store, in fsspec's words."""
    try:
        from fsspec.implementations.arrow import ArrowFSWrapper
        from pyarrow import fs
    except ImportError as error:
        raise MissingExtra(f"reading {scheme}://", "ray") from error
    return ArrowFSWrapper(getattr(fs, _ARROW_STORES[scheme])())


def _failure(source: StoreUrl, error: OSError | ValueError) -> str:
    shown = printable_path(source)
    if isinstance(error, FileNotFoundError):
        return f"expected a file, got nothing at {shown}; check the URL"
    if isinstance(error, PermissionError):
        return f"expected a readable file, got permission denied: {shown}; check the store's keys"
    reason = " ".join(str(error).split())[:200]
    return f"expected a readable file, got an error ({reason}): {shown}; check the store"
