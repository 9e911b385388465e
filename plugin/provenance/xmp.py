"""The label as an XMP packet, and back. The same label gives the same bytes."""

from __future__ import annotations

import math
import re
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from ...core.images import PictureMetadata
from .labels import AI_EDITED, MOST_FACES, FaceLabel, PictureLabel

__all__ = ["metadata_of", "parse_xmp"]

_SPACES: Final = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "ff": "urn:facefidelity:provenance:1",
}
_DECLARED: Final = " ".join(
    f'xmlns:{prefix}="{_SPACES[prefix]}"' for prefix in ("xmp", "dc", "Iptc4xmpExt", "ff")
)
_HEAD: Final = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_TAIL: Final = '\n<?xpacket end="r"?>'
_STATES: Final = ("edited", "unchanged", "enlarged")


def metadata_of(label: PictureLabel) -> PictureMetadata:
    """Write a label as metadata of a picture."""
    facts = [
        _tag("xmp:CreatorTool", label.tool),
        _said(label.sentence),
        _tag("ff:state", label.state),
        _tag("ff:inputSha256", label.input_sha256),
        _tag("ff:policy", label.policy),
        _tag("ff:faceCount", str(label.face_count)),
        f"<ff:faces><rdf:Seq>{''.join(map(_face_item, label.faces))}</rdf:Seq></ff:faces>",
    ]
    if label.source_type is not None:
        facts.insert(0, _tag("Iptc4xmpExt:DigitalSourceType", label.source_type))
    if label.source_type == AI_EDITED and label.restorers:
        facts.insert(1, _tag("Iptc4xmpExt:AISystemUsed", ", ".join(label.restorers)))
    about = (
        f'<rdf:Description rdf:about="" {_DECLARED}>\n' + "\n".join(facts) + "\n</rdf:Description>"
    )
    packet = (
        f'{_HEAD}<x:xmpmeta xmlns:x="{_SPACES["x"]}"><rdf:RDF xmlns:rdf="{_SPACES["rdf"]}">\n'
        f"{about}\n</rdf:RDF></x:xmpmeta>{_TAIL}"
    )
    return PictureMetadata(packet.encode("utf-8"), label.sentence)


def parse_xmp(packet: bytes) -> PictureLabel | None:
    """Read a label from a packet that may come from anywhere.

    Args:
        packet: XMP in UTF-8, not trusted: no document type and no entity of its own is followed.

    Returns:
        The label; None where the packet is no XML or holds no label of ours.
    """
    if re.search(rb"<!(DOCTYPE|ENTITY)", packet):
        return None
    try:
        root = ElementTree.fromstring(packet.strip(b"\0 \r\n\t"))  # noqa: S314 - no document type
        about = root.find(".//rdf:Description[ff:state]", _SPACES)
        return None if about is None else _label(about)
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError):
        return None


def _label(about: ElementTree.Element) -> PictureLabel:
    state = _text(about, "ff:state")
    if state not in _STATES:
        raise ValueError(f"expected one of {', '.join(_STATES)}, got another state")
    faces = about.findall("ff:faces/rdf:Seq/rdf:li", _SPACES)[:MOST_FACES]
    return PictureLabel(
        state,  # type: ignore[arg-type]  # mypy does not narrow a str by a tuple of literals
        _text(about, "xmp:CreatorTool"),
        _text(about, "ff:inputSha256"),
        _text(about, "ff:policy"),
        int(_text(about, "ff:faceCount")),
        tuple(_face(one) for one in faces),
        about.findtext("Iptc4xmpExt:DigitalSourceType", None, _SPACES),
    )


def _face(item: ElementTree.Element) -> FaceLabel:
    blend = float(_text(item, "ff:blend"))
    if not math.isfinite(blend):
        raise ValueError("expected a finite blend")
    return FaceLabel(
        _text(item, "ff:verdict"), blend, _text(item, "ff:restorer"), _text(item, "ff:by")
    )


def _text(parent: ElementTree.Element, name: str) -> str:
    found = parent.findtext(name, None, _SPACES)
    if found is None:
        raise LookupError(name)
    return found


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _said(sentence: str) -> str:
    item = f'<rdf:li xml:lang="x-default">{escape(sentence)}</rdf:li>'
    return f"<dc:description><rdf:Alt>{item}</rdf:Alt></dc:description>"


def _face_item(face: FaceLabel) -> str:
    facts = (
        ("ff:verdict", face.verdict),
        ("ff:blend", f"{face.blend:g}"),
        ("ff:restorer", face.restorer),
        ("ff:by", face.by),
    )
    return f'<rdf:li rdf:parseType="Resource">{"".join(_tag(*fact) for fact in facts)}</rdf:li>'
