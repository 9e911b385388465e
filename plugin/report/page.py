"""The page around the pictures: header with counts, contents, and the notes at its foot."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from ... import __version__
from ...guards.policy import Policy
from ...guards.verdict import Decision
from .cards import badge
from .charts import decision_strip
from .markup import Markup, fill, join, static_text, tag
from .wording import DECISION_MEANING, LABELS, UNREADABLE

__all__ = ["Contents", "page_around"]

_PLACE: Final = Markup("<!-- the pictures stand here -->")


@dataclass(slots=True)
class Contents:
    """What the page holds so far.

    Attributes:
        counts: Faces by decision; pictures without a face and failed inputs under their own key.
        entries: (anchor, name, decisions of its faces in order) of each picture.
    """

    counts: Counter[str] = field(default_factory=Counter)
    entries: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    def next_anchor(self) -> str:
        """Id of the next picture on the page."""
        return f"picture-{len(self.entries) + 1}"

    def add(self, anchor: str, name: str, keys: tuple[str, ...]) -> None:
        """Count one picture."""
        self.entries.append((anchor, name, keys))
        self.counts.update(keys)

    @property
    def faces(self) -> int:
        """How many faces there are."""
        return sum(self.counts[decision.value] for decision in Decision)

    @property
    def sentence(self) -> str:
        """Everything in one sentence."""
        pictures = len(self.entries) - self.counts[UNREADABLE]
        replaced, mixed = self.counts["ACCEPT"], self.counts["BLEND"]
        return (
            f"{_many(self.faces, 'face')} in {_many(pictures, 'picture')}: "
            f"{replaced} replaced, {mixed} mixed, {self.faces - replaced - mixed} untouched."
        )


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _filters(contents: Contents) -> Markup:
    """Badges that count and, with scripts on, filter; a decision nobody got shows its zero."""
    entries = [("", "All", sum(contents.counts.values()))]
    entries += [
        (key, label, contents.counts[key])
        for key, label in LABELS.items()
        if contents.counts[key] or key in Decision.__members__
    ]
    buttons = (
        tag(
            "button",
            tag("span", f"{count:,}", class_="count"),
            " ",
            tag("span", label),
            type="button",
            class_=f"filter tone-{key or 'ALL'}",
            data_show=key,
            data_count=count,
            aria_pressed="false" if key else "true",
            disabled=True,
        )
        for key, label, count in entries
    )
    return join(buttons, "\n")


def _contents_list(contents: Contents) -> Markup:
    items = []
    for anchor, name, keys in contents.entries:
        tally = Counter(keys)
        words = ", ".join(f"{count} {LABELS[key].lower()}" for key, count in tally.items())
        dots = (tag("span", class_=f"dot tone-{key}", aria_hidden="true") for key in tally)
        link = tag("a", tag("bdi", name), href=f"#{anchor}")
        note = tag("span", *dots, words, class_="tally")
        items.append(tag("li", link, note, data_has=" ".join(tally)))
    return join(items, "\n")


def page_around(title: str, policy: Policy, contents: Contents) -> tuple[str, str]:
    """Build the page without its pictures.

    Args:
        title: Heading of the page, as it came.
        policy: Whose limits the page shows.
        contents: What the pictures hold.

    Returns:
        What stands before the pictures, and what stands after them.
    """
    style, script = static_text("report.css"), static_text("report.js")
    meanings = (
        join([tag("dt", badge(key)), tag("dd", DECISION_MEANING[key])])
        for key in LABELS
        if key in Decision.__members__
    )
    page = fill(
        "page.html",
        title=title,
        version=__version__,
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        summary=contents.sentence,
        strip=decision_strip([(key, contents.counts[key]) for key in LABELS]),
        filters=_filters(contents),
        policy_name=policy.name,
        policy_summary=policy.summary,
        contents=_contents_list(contents),
        pictures=_PLACE,
        decisions=join(meanings, "\n"),
    )
    head, _, tail = page.partition(_PLACE)
    return head, tail
