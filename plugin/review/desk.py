"""One batch on the desk: its faces, what people decided so far, and the pictures to decide by."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final, TypeVar

from ...core.errors import InvalidInput
from ...core.protocols import RGBImage
from ...guards.verdict import Decision
from .agreement import Agreement, agreement_of
from .overrides import Override, Place
from .overrides_file import OverrideBook, keep_override, read_overrides, withdraw_override
from .pictures import FaceCrops, find_crops, restore_again
from .reviewed import FaceFilter, ReviewedFace, read_batch, sort_faces

__all__ = ["LOG_NAME", "OVERRIDES_NAME", "ReviewDesk"]

LOG_NAME: Final = "decisions.jsonl"
OVERRIDES_NAME: Final = "overrides.jsonl"
_CROPS_KEPT: Final = 64
_RESTORATIONS_KEPT: Final = 16

Key = TypeVar("Key")
Kept = TypeVar("Kept")


class ReviewDesk:
    """A batch's output folder under review; several people may sit at it at once.

    Args:
        folder: What `restore -o` wrote; `decisions.jsonl` and `overrides.jsonl` lie in it.
        pictures: The only pictures that are read, by the SHA-256 of their bytes; None reads where
            the record says.
        restorers: The only restorers that run again; None runs what the record says.

    Raises:
        InvalidInput: If there is no `decisions.jsonl`.
    """

    def __init__(
        self,
        folder: Path,
        pictures: Mapping[str, Path] | None = None,
        restorers: Collection[str] | None = None,
    ) -> None:
        self.folder = folder
        self.log = folder / LOG_NAME
        self.overrides_path = folder / OVERRIDES_NAME
        if not self.log.is_file():
            raise InvalidInput(
                f"expected a folder that restore wrote, with {LOG_NAME} in it, got {folder}"
            )
        self._pictures = pictures
        self._restorers = restorers
        self._faces: tuple[tuple[int, int], tuple[ReviewedFace, ...]] | None = None
        self._crops: OrderedDict[Place, FaceCrops] = OrderedDict()
        self._restorations: OrderedDict[Place, RGBImage] = OrderedDict()

    def faces(self) -> tuple[ReviewedFace, ...]:
        """Every face of the batch in the order of its log; read again when the log has grown.

        Raises:
            InvalidInput: If the log cannot be read or a line is no decision.
        """
        try:
            facts = self.log.stat()
        except OSError as error:
            raise InvalidInput(
                f"expected {LOG_NAME} of the batch, got: {error.strerror}"
            ) from error
        stamp = (facts.st_mtime_ns, facts.st_size)
        if self._faces is None or self._faces[0] != stamp:
            self._faces = stamp, read_batch(self.log)
            self._crops.clear()
        return self._faces[1]

    def overrides(self) -> OverrideBook:
        """What people decided so far; raises InvalidInput where the file is none."""
        path = self.overrides_path
        return read_overrides(path) if path.exists() else OverrideBook()

    def select(self, wanted: FaceFilter, sorting: str) -> tuple[ReviewedFace, ...]:
        """The faces that a filter lets pass, sorted by one of `SORTINGS`."""
        book = self.overrides()
        chosen = [face for face in self.faces() if wanted.lets_pass(face, face.place in book)]
        return sort_faces(chosen, sorting)

    def decide(
        self,
        face: ReviewedFace,
        decision: Decision,
        *,
        share: float | None = None,
        note: str = "",
        who: str = "",
    ) -> Override:
        """Write a person's decision on a face down; arguments as those of `ReviewedFace.decide`.

        Raises:
            InvalidInput: If it is no decision that could be followed.
            WriteFailed: If the disk refuses.
        """
        override = face.decide(decision, share=share, note=note, who=who)
        keep_override(self.overrides_path, override)
        return override

    def withdraw(self, face: ReviewedFace) -> None:
        """Take the decision on a face back."""
        if self.overrides_path.exists():
            withdraw_override(self.overrides_path, face.place)

    def agreement(self) -> Agreement:
        """How far people agree with the guard so far."""
        return agreement_of(self.overrides().values())

    def crops(self, face: ReviewedFace) -> FaceCrops:
        """The face before and after, as `find_crops`; the last ones looked at are kept."""
        return _keep(
            self._crops,
            face.place,
            lambda: find_crops(face, self.folder, self._pictures),
            _CROPS_KEPT,
        )

    def restoration(self, face: ReviewedFace) -> RGBImage:
        """What the restorer gave, whatever the guard delivered of it.

        Returns:
            (512, 512, 3) uint8 RGB.

        Raises:
            InvalidInput: If the input is not there any more, nothing was restored, or the restorer
                is not one that may run.
            FaceFidelityError: As `restore_again`.
        """
        if self._restorers is not None and face.restorer not in self._restorers:
            raise InvalidInput(
                f"expected a restorer that may run here, got {face.restorer!r:.60}; look at this "
                "batch where it was made"
            )
        before = self.crops(face).before
        if before is None:
            raise InvalidInput(f"expected the input {face.name} where the batch found it, got none")
        return _keep(
            self._restorations,
            face.place,
            lambda: restore_again(face, before),
            _RESTORATIONS_KEPT,
        )


def _keep(store: OrderedDict[Key, Kept], key: Key, make: Callable[[], Kept], most: int) -> Kept:
    """What is stored under a key, made where it is not; the oldest give way."""
    found = store.get(key)
    if found is None:
        found = store[key] = make()
        while len(store) > most:
            store.popitem(last=False)
    return found
