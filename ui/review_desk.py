"""What the review's callbacks do: from the filters to the faces, from a key to a decision."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

import cv2
import gradio as gr
import numpy as np

from ..core.errors import InvalidInput
from ..core.protocols import RGBImage
from ..guards.blending import Mixture, mix
from ..guards.verdict import Decision
from ..plugin.review.desk import ReviewDesk
from ..plugin.review.reviewed import FaceFilter, ReviewedFace
from .review_words import agreement_markup, face_head, face_words, rows_of, thumb_title

__all__ = ["SHOWN", "ReviewRoom"]

SHOWN: Final = ("Delivered", "Restoration", "Mixture")
"""What may lie beside the input: what was delivered, what the restorer gave, both mixed."""
_THUMBS: Final = 40
_THUMB_PX: Final = 144
_NO_FACES: Final = "<p class='nothing'>No face fits; widen the filters.</p>"

_NOTHING_SHOWN: Final = (None, _NO_FACES, None, "", False, "", SHOWN[0])

Numbered = list[tuple[int, ReviewedFace]]


class ReviewRoom:
    """The batches that the operator opened to the page, and those that visitors upload.

    An upload is known by a name that cannot be guessed, and lives as long as its session keeps it.

    Args:
        folders: Output folders of `restore`.

    Raises:
        InvalidInput: If one of them holds no decisions.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._desks: dict[str, ReviewDesk] = {}
        self._uploads: WeakValueDictionary[str, ReviewDesk] = WeakValueDictionary()
        for folder in folders:
            name = folder.resolve().name or "batch"
            known = sum(one == name or one.startswith(f"{name} (") for one in self._desks)
            self._desks[f"{name} ({known + 1})" if known else name] = ReviewDesk(folder)

    def take(self, desk: ReviewDesk) -> str:
        """Take an uploaded batch in; its name."""
        name = f"upload-{secrets.token_urlsafe(24)}"
        self._uploads[name] = desk
        return name

    def overrides_of_upload(self, batch: str | None) -> Path | None:
        """The overrides of an uploaded batch; None where there are none, or it is no upload."""
        desk = self._uploads.get(batch or "")
        found = desk is not None and desk.overrides_path.is_file()
        return desk.overrides_path if desk is not None and found else None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the operator's batches, no two alike."""
        return tuple(self._desks)

    def refresh(self, *said: Any) -> tuple[Any, ...]:
        """Table, agreement and the face that is looked at, after a filter or the tab changed."""
        *wanted, current = said
        if not wanted[0]:
            return ([], "", *_NOTHING_SHOWN)
        faces = self._select(*wanted)
        desk = self._desk(wanted[0])
        return (*self._left(desk, faces), *self._view(desk, faces, _position(faces, current)))

    def thumbs(self, *wanted: Any) -> tuple[list[tuple[RGBImage, str]], list[int]]:
        """The first faces as pictures of what was delivered, with their numbers."""
        if not wanted[0]:
            return [], []
        faces, desk = self._select(*wanted)[:_THUMBS], self._desk(wanted[0])
        book = desk.overrides()
        pictures = []
        for _, face in faces:
            crops = desk.crops(face)
            pixels = crops.after if crops.after is not None else crops.before
            pictures.append((_thumb(pixels), thumb_title(face, book)))
        return pictures, [number for number, _ in faces]

    def pick_row(self, batch: str, event: gr.SelectData) -> tuple[Any, ...]:
        """Look at the face of a row of the table."""
        return self._look(batch, int(event.row_value[0]))

    def pick_thumb(self, batch: str, listed: list[int], event: gr.SelectData) -> tuple[Any, ...]:
        """Look at a face of the gallery."""
        return self._look(batch, listed[int(event.index)])

    def move(self, step: int, *said: Any) -> tuple[Any, ...]:
        """Look at the next or the previous face of those that pass the filters."""
        *wanted, current = said
        faces = self._select(*wanted)
        position = _position(faces, current)
        if faces and current is not None and faces[position][0] == current:
            position = max(0, min(len(faces) - 1, position + step))
        return self._view(self._desk(wanted[0]), faces, position)

    def decide(self, decision: Decision, *said: Any) -> tuple[Any, ...]:
        """Write down what the person decides on the face that is looked at."""
        *here, share, own, who, note = said
        batch, current = here[0], here[-1]
        desk, face = self._face(batch, current)
        asked = share if decision is Decision.BLEND and not own else None
        desk.decide(face, decision, share=asked, note=note.strip(), who=who.strip())
        return self._after_decision(here)

    def withdraw(self, *here: Any) -> tuple[Any, ...]:
        """Take the decision on the face that is looked at back."""
        desk, face = self._face(here[0], here[-1])
        desk.withdraw(face)
        return self._after_decision(list(here))

    def show(
        self, batch: str, current: int | None, shown: str, share: float
    ) -> tuple[RGBImage, RGBImage]:
        """The input beside what the person wants to see of the face."""
        desk, face = self._face(batch, current)
        crops = desk.crops(face)
        if crops.before is None or (shown == SHOWN[0] and crops.after is None):
            raise InvalidInput(f"expected pictures of {face.name}, got none: {crops.problem}")
        if shown == SHOWN[0] and crops.after is not None:
            return crops.before, crops.after
        hq = desk.restoration(face)
        return crops.before, hq if shown == SHOWN[1] else mix(crops.before, hq, Mixture(share))

    def _after_decision(self, here: list[Any]) -> tuple[Any, ...]:
        """As `refresh`; where the face no longer passes the filters, the one in its place."""
        *wanted, current = here
        faces = self._select(*wanted)
        numbers = [number for number, _ in faces]
        if current in numbers:
            return self.refresh(*here)
        wanted[-1] = False  # where it was while nobody had decided on it
        before = [number for number, _ in self._select(*wanted)]
        earlier = set(before[: before.index(current)]) if current in before else set()
        position = min(sum(number in earlier for number in numbers), max(len(faces) - 1, 0))
        desk = self._desk(here[0])
        return (*self._left(desk, faces), *self._view(desk, faces, position))

    def _desk(self, batch: str) -> ReviewDesk:
        found = self._desks.get(batch) or self._uploads.get(batch)
        if found is None:
            raise InvalidInput(f"expected a batch of this page, got {batch!r:.60}")
        return found

    def _face(self, batch: str, current: int | None) -> tuple[ReviewDesk, ReviewedFace]:
        desk = self._desk(batch)
        faces = desk.faces()
        if current is None or not 1 <= current <= len(faces):
            raise InvalidInput("expected a face to be chosen, got none; choose one in the table")
        return desk, faces[current - 1]

    def _select(self, *wanted: Any) -> Numbered:
        batch, decisions, reason, name, least, most, sorting, undecided = wanted
        desk = self._desk(batch)
        passed = FaceFilter(
            decisions=frozenset(map(Decision, decisions or ())),
            reason=reason or "",
            name=(name or "").strip(),
            risk=(least, most),
            undecided=bool(undecided),
        )
        numbers = {id(face): number for number, face in enumerate(desk.faces(), start=1)}
        return [(numbers[id(face)], face) for face in desk.select(passed, sorting)]

    def _left(self, desk: ReviewDesk, faces: Numbered) -> tuple[list[list[Any]], str]:
        return rows_of(faces, desk.overrides()), agreement_markup(desk.agreement())

    def _look(self, batch: str, number: int) -> tuple[Any, ...]:
        desk, face = self._face(batch, number)
        return self._view(desk, [(number, face)], 0)

    def _view(self, desk: ReviewDesk, faces: Numbered, position: int) -> tuple[Any, ...]:
        if not faces:
            return _NOTHING_SHOWN
        number, face = faces[position]
        override = desk.overrides().get(face.place)
        crops = desk.crops(face)
        after = crops.after if crops.after is not None else crops.before
        mixed = face.mixture is not None
        return (
            number,
            face_head(face, number, len(desk.faces()), override),
            None if crops.before is None else (crops.before, after),
            face_words(face, override, crops.problem),
            gr.Checkbox(mixed, interactive=mixed),
            override.note if override else "",
            SHOWN[0],
        )


def _position(faces: Numbered, current: int | None) -> int:
    return next((i for i, (number, _) in enumerate(faces) if number == current), 0)


def _thumb(pixels: RGBImage | None) -> RGBImage:
    if pixels is None:
        return np.full((_THUMB_PX, _THUMB_PX, 3), 128, np.uint8)
    size = (_THUMB_PX, _THUMB_PX)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
