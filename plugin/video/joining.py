"""Puts finished segments and the source's sound into one MP4; nothing is encoded again."""

from __future__ import annotations

import contextlib
import heapq
import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from ...core.errors import WriteFailed
from ...core.images import printable_path
from .library import require_av

__all__ = ["fits", "join_segments"]

_Timed = tuple[Fraction, int, int, Any]


def join_segments(
    segments: Sequence[Path], source: Path, target: Path, sentence: str = ""
) -> list[str]:
    """Write the result; the target appears whole or not at all.

    Args:
        segments: Finished segments, in order, at least one.
        source: The clip whose sound and subtitles are kept as they are. Its other metadata is not,
            since it may name people and places.
        target: The MP4, in an existing folder.
        sentence: What the file says of itself, as its comment; nothing where it is empty.

    Returns:
        What of the source an MP4 cannot hold, one sentence each.

    Raises:
        WriteFailed: If the disk refuses.
    """
    av = require_av()
    part = target.with_name(f".{target.name}.part")
    try:
        with contextlib.ExitStack() as stack:
            original = stack.enter_context(av.open(str(source)))
            first = stack.enter_context(av.open(str(segments[0])))
            options = {"movflags": "+faststart"}
            result = stack.enter_context(av.open(str(part), "w", format="mp4", options=options))
            picture = result.add_stream_from_template(first.streams.video[0])
            picture.time_base = first.streams.video[0].time_base
            kept, lost = _others(original, result)
            if sentence:
                result.metadata["comment"] = sentence
            sound = _copied(original, kept) if kept else iter(())
            for _, _, _, packet in heapq.merge(_pictures(segments, picture), sound):
                result.mux(packet)
        os.replace(part, target)  # noqa: PTH105 - as in core.files
    except (av.error.FFmpegError, OSError) as error:
        part.unlink(missing_ok=True)
        told = getattr(error, "strerror", None) or str(error)
        raise WriteFailed(
            f"expected to be able to write {printable_path(target)}, got: {told}; finished "
            "segments are kept, run the same command again"
        ) from error
    return lost


def _others(original: Any, result: Any) -> tuple[dict[int, Any], list[str]]:
    """The result's streams for the source's sound and subtitles, by the source's index."""
    kept, lost = {}, []
    for stream in (*original.streams.audio, *original.streams.subtitles):
        name = stream.codec_context.name if stream.codec_context else "unknown"
        if fits(stream, result):
            kept[stream.index] = result.add_stream_from_template(stream)
        else:
            lost.append(f"expected {stream.type} that an MP4 can hold, got {name}; it was left out")
    return kept, lost


def fits(stream: Any, result: Any) -> bool:
    """Whether a container can hold a stream as it is."""
    if stream.codec_context is None:
        return False
    codec = stream.codec_context.codec
    return not result.supported_codecs.isdisjoint({codec.name, codec.canonical_name})


def _pictures(segments: Sequence[Path], stream: Any) -> Iterator[_Timed]:
    """Every picture packet of the segments, by time."""
    av, count = require_av(), 0
    for path in segments:
        with av.open(str(path)) as container:
            for packet in container.demux(video=0):
                if packet.dts is None:
                    continue
                packet.stream = stream
                count += 1
                yield packet.dts * packet.time_base, 0, count, packet


def _copied(original: Any, kept: dict[int, Any]) -> Iterator[_Timed]:
    """The source's packets of the kept streams, by time; a damaged end is the end."""
    broken, count = require_av().error.FFmpegError, 0
    packets = original.demux([original.streams[index] for index in kept])
    while True:
        try:
            packet = next(packets, None)
        except broken:
            packet = None
        if packet is None:
            return
        if packet.dts is None:
            continue
        moment = packet.dts * packet.time_base
        packet.stream = kept[packet.stream.index]
        count += 1
        yield moment, 1, count, packet
