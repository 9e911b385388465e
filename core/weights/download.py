"""Bring one registered file: attempts, mirrors, the check, and the move to its place.

The hash is checked on ``NAME.part`` before the move, so a file under its final name was whole and
right when it got there. A wrong one is put aside as ``NAME.rejected``.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Final

from ..errors import ChecksumMismatch, DownloadFailed
from .part import PartFile
from .registry import WeightsFile
from .transfer import DownloadLimits, Ending, Progress, TransferEnd, transfer
from .verification import sha256_of

__all__ = ["download"]

_LOG: Final = logging.getLogger(__name__)
_REAL_PROGRESS_BYTES: Final = 1 << 20


def download(
    file: WeightsFile, final: Path, limits: DownloadLimits, progress: Progress | None = None
) -> None:
    """Bring a file to its place, resuming what an earlier call left.

    Args:
        file: What to bring.
        final: Where it belongs; nothing may stand there yet, its folder must exist.
        limits: How patient to be.
        progress: Called with (bytes here, bytes in all); None for silence.

    Raises:
        DownloadFailed: If no address gave the whole file, or the disk refused. What arrived is
            kept as ``NAME.part``.
        ChecksumMismatch: If the whole file arrived with a wrong hash.
    """
    part = PartFile(final)
    if part.size_bytes() > file.size_bytes:
        part.discard()
    part.require_space(file.size_bytes)
    reasons = []
    for url in file.addresses:
        end = _from_address(url, part, file.size_bytes, limits, progress or _silence)
        if end.ending is Ending.COMPLETE:
            return _accept(file, part, final)
        reasons.append(f"{url}: {end.reason}")
    raise DownloadFailed(
        f"could not download {file.name}: {'; '.join(reasons)}; "
        f"{part.size_bytes():,} of {file.size_bytes:,} bytes are kept, run the same command again "
        f"to resume, or fetch the file elsewhere and place it at {final}"
    )


def _silence(done_bytes: int, total_bytes: int) -> None:
    """Progress that nobody watches."""
    del done_bytes, total_bytes


def _from_address(
    url: str, part: PartFile, size_bytes: int, limits: DownloadLimits, progress: Progress
) -> TransferEnd:
    """Try one address until it gave everything, refused, or stood still too often.

    Attempts are counted anew after each further MiB, so a shaky line may take many; since the
    mark only rises, the loop ends.
    """
    failures, best = 0, part.size_bytes()
    while part.size_bytes() < size_bytes:
        end = transfer(url, part, size_bytes, limits.stall_seconds, progress)
        if end.ending is not Ending.INTERRUPTED:
            return end
        here = part.size_bytes()
        if here >= best + _REAL_PROGRESS_BYTES:
            failures, best = 0, here
        failures += 1
        if failures >= limits.attempts:
            return end
        _LOG.info("%s: %s; trying again", url, end.reason)
        time.sleep(limits.pause_seconds(failures))
    return TransferEnd(Ending.COMPLETE)


def _accept(file: WeightsFile, part: PartFile, final: Path) -> None:
    try:
        digest = sha256_of(part.path)
    except OSError as error:
        raise DownloadFailed(
            f"cannot read back {part.path}: {error.strerror or error}; check the disk, delete that "
            "file and pull again"
        ) from error
    if digest != file.sha256:
        part.reject()
        raise ChecksumMismatch(
            f"the download of {file.name} is not the registered file: expected SHA-256 "
            f"{file.sha256}, got {digest}; it was put aside as {part.rejected} and is not used; "
            "pull again, or fetch the file from a source that you trust"
        )
    part.finish(final)
