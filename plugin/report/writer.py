"""Collects a run picture by picture and writes its page in one step.

Fragments wait in a nameless temporary file beside the target, so that memory stays flat and
nothing is left behind however the run ends.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import weakref
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final

from ...core.errors import InvalidInput
from ...core.images import write_picture
from ...core.protocols import RGBImage
from ...guards.policy import Policy
from ..results import GuardedImage
from .cards import failure_section, picture_section
from .heatmap import drift_picture
from .page import Contents, page_around
from .wording import NO_FACE, UNREADABLE

__all__ = ["ReportWriter"]

_CHUNK_BYTES: Final = 1 << 20


class ReportWriter:
    """Writes one self-contained HTML page about many pictures.

    The drift of each judged face also lies beside it: ``report_drift/picture-1-1.png``.

    Pixels are encoded when they are added and are not kept. `write` may be called again after
    more was added. As a context manager it lets go of its temporary file on leaving; it does
    not write by itself. Not for several threads at once.
    """

    def __init__(self, path: Path, title: str, policy: Policy, *, pictures: bool = True) -> None:
        """Open the temporary file beside ``path``; the page itself is not touched yet.

        Args:
            path: Where the page will lie; its folder is made.
            title: Heading of the page.
            policy: Whose limits are shown beside the measurements.
            pictures: Whether pictures are on the page and drift beside it.

        Raises:
            InvalidInput: If ``path`` is a folder, or nothing can be written beside it.
        """
        if path.is_dir():
            raise InvalidInput(
                f"expected a file for the report, got the folder {path}; name a file in it"
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._spool: BinaryIO = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115
        except OSError as error:
            raise _refused(path, error) from error
        self._closer = weakref.finalize(self, self._spool.close)
        self._end = 0
        self._path = path
        self._title = title
        self._policy = policy
        self._pictures = pictures
        self._contents = Contents()

    def add_picture(
        self,
        source: str,
        output: str | None,
        result: GuardedImage,
        before: RGBImage | None = None,
        policy: Policy | None = None,
    ) -> None:
        """Add one picture and all its faces.

        Args:
            source: Its name, as it came.
            output: Where the result was written, None if it was not.
            result: The picture after the guard.
            before: (H, W, 3) uint8 RGB, the whole picture as it came; without it the page shows
                the whole picture after the guard only.
            policy: Whose limits are shown beside its faces; the page's where None.

        Raises:
            InvalidInput: If pixels are not RGB uint8, or the disk refuses; the report then is
                as it was before the call.
            WriteFailed: If the drift of a face cannot be written beside the report.
        """
        anchor = self._contents.next_anchor()
        if self._pictures:
            self._write_drift(anchor, result)
        section = picture_section(
            anchor,
            source,
            result,
            policy or self._policy,
            output=output,
            before=before,
            pictures=self._pictures,
        )
        keys = tuple(guarded.verdict.decision.value for guarded in result.faces)
        self._append(anchor, source, keys or (NO_FACE,), section)

    def add_pair(
        self,
        before: str,
        after: str,
        result: GuardedImage,
        output: str | None = None,
        before_pixels: RGBImage | None = None,
        policy: Policy | None = None,
    ) -> None:
        """Add two pictures of one scene, before and after a restorer that ran elsewhere.

        Args:
            before: Name of the picture before.
            after: Name of the picture after.
            result: What the guard makes of the two.
            output: Where the guarded picture was written, None if it was not.
            before_pixels: As ``before`` of `add_picture`.
            policy: As there.

        Raises:
            InvalidInput: As `add_picture`.
        """
        self.add_picture(f"{before} → {after}", output, result, before_pixels, policy)

    def add_failure(self, source: str, message: str) -> None:
        """Add an input for which there is no result.

        Args:
            source: Its name, as it came.
            message: What went wrong, and what to do.

        Raises:
            InvalidInput: If the disk refuses.
        """
        anchor = self._contents.next_anchor()
        self._append(anchor, source, (UNREADABLE,), failure_section(anchor, source, message))

    def write(self) -> None:
        """Write the page in one step: whole, or as it was before.

        Raises:
            InvalidInput: If the disk refuses, or the writer was closed.
        """
        self._require_open()
        head, tail = page_around(self._title, self._policy, self._contents)
        part = self._path.with_name(f".report-{os.getpid()}-{secrets.token_hex(4)}.part")
        try:
            with part.open("xb") as stream:
                stream.write(head.encode("utf-8"))
                self._copy_pictures(stream)
                stream.write(tail.encode("utf-8"))
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(self._path)
        except OSError as error:
            raise _refused(self._path, error) from error
        finally:
            part.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the temporary file; what was not written is gone."""
        self._closer()

    def __enter__(self) -> ReportWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write_drift(self, anchor: str, result: GuardedImage) -> None:
        """Write the drift of each judged face beside the page, as PNG."""
        folder = self._path.with_name(f"{self._path.stem}_drift")
        for number, face in enumerate(result.faces, start=1):
            if face.maps is None or face.restoration is None:
                continue
            try:
                folder.mkdir(exist_ok=True)
            except OSError as error:
                raise _refused(self._path, error) from error
            pixels = drift_picture(face.restoration.hq, face.maps.drift)
            write_picture(folder / f"{anchor}-{number}.png", pixels)

    def _append(self, anchor: str, name: str, keys: tuple[str, ...], section: str) -> None:
        """Put a section behind the last whole one; the next overwrites one left half-written."""
        self._require_open()
        body = section.encode("utf-8")
        try:
            self._spool.seek(self._end)
            self._spool.write(body)
            self._spool.flush()
        except OSError as error:
            raise _refused(self._path, error) from error
        self._end += len(body)
        self._contents.add(anchor, name, keys)

    def _copy_pictures(self, stream: BinaryIO) -> None:
        self._spool.truncate(self._end)
        self._spool.seek(0)
        shutil.copyfileobj(self._spool, stream, _CHUNK_BYTES)

    def _require_open(self) -> None:
        if not self._closer.alive:
            raise InvalidInput(f"expected an open report, got the closed one of {self._path}")


def _refused(path: Path, error: OSError) -> InvalidInput:
    reason = error.strerror or str(error)
    return InvalidInput(
        f"expected to write the report {path}, got: {reason}; free the disk or name another file"
    )
