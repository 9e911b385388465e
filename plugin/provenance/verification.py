"""Reads back what a picture says of itself, and how far that can be trusted."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from ...core.errors import InvalidInput, MissingExtra
from ...core.images import MAX_PIXELS, read_xmp
from ...core.images.decoding import file_limit_bytes
from ...core.images.source import read_regular_file
from .labels import PictureLabel
from .signing import OFFLINE, load_c2pa, mime_of
from .xmp import parse_xmp

__all__ = ["Provenance", "Signature", "SignatureState", "read_anchors", "verify_picture"]

SignatureState: TypeAlias = Literal["trusted", "intact", "broken", "unchecked"]

_STATES: Final[dict[str, SignatureState]] = {"Trusted": "trusted", "Valid": "intact"}
_UNTRUSTED: Final = "signingCredential.untrusted"
_LARGEST_PEM: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Signature:
    """A C2PA manifest in a picture.

    Attributes:
        state: "trusted": nothing was changed and the signer is one of the given anchors';
            "intact": nothing was changed, who signed is not known here; "broken": changed after
            it was signed, or wrong otherwise; "unchecked": c2pa-python is not installed.
        signer: Organisation and name of the certificate; empty where it cannot be read.
        tool: What wrote the manifest.
        actions: What it says was done, in order.
        source_type: IPTC's digital source type of those actions, None where none says one.
        problems: Codes of what is wrong; empty unless broken.
        parent: Whether it names the picture that it was made from.
    """

    state: SignatureState
    signer: str = ""
    tool: str = ""
    actions: tuple[str, ...] = ()
    source_type: str | None = None
    problems: tuple[str, ...] = ()
    parent: bool = False


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a picture says of itself.

    Attributes:
        label: From its XMP, None where there is none of ours.
        signature: None where nobody signed.
        foreign_xmp: Whether there is XMP without a label of ours.
    """

    label: PictureLabel | None
    signature: Signature | None
    foreign_xmp: bool = False

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it: no signature, or one that was checked and holds."""
        return self.signature is None or self.signature.state in {"trusted", "intact"}

    @property
    def sentence(self) -> str:
        """How far this can be trusted, for people."""
        if self.signature is not None:
            return _signed_sentence(self.signature)
        if self.label is not None:
            return (
                "Not signed: anybody can change or remove this label, so it is a statement and "
                "no proof."
            )
        return "Nothing here says where this picture comes from; that proves nothing either way."

    def as_record(self) -> dict[str, Any]:
        """As plain data."""
        label, signed = self.label, self.signature
        return {
            "label": label
            and {
                "state": label.state,
                "sentence": label.sentence,
                "source_type": label.source_type,
                "tool": label.tool,
                "policy": label.policy,
                "input_sha256": label.input_sha256,
                "face_count": label.face_count,
                "faces": [
                    {
                        "verdict": one.verdict,
                        "blend": one.blend,
                        "restorer": one.restorer,
                        "by": one.by,
                    }
                    for one in label.faces
                ],
            },
            "signature": signed
            and {
                "state": signed.state,
                "signer": signed.signer,
                "tool": signed.tool,
                "actions": list(signed.actions),
                "source_type": signed.source_type,
                "parent": signed.parent,
                "problems": list(signed.problems),
            },
            "tamper_evident": signed is not None and signed.state in {"trusted", "intact"},
            "sentence": self.sentence,
        }


def verify_picture(path: Path, anchors: str | None = None) -> Provenance:
    """Read label and signature of a picture file.

    Args:
        path: The picture.
        anchors: Certificates in PEM whose signers are trusted; None for none.

    Raises:
        InvalidInput: If it is no picture that can be read, and nothing signed either.
    """
    data = read_regular_file(path, file_limit_bytes(MAX_PIXELS))
    signature = _signature(data, anchors)
    try:
        data, packet = read_xmp(path)
    except InvalidInput:
        if signature is None or signature.state != "broken":
            raise
        return Provenance(None, signature)  # damaged after signing: the signature says so
    label = None if packet is None else parse_xmp(packet)
    return Provenance(label, signature, packet is not None and label is None)


def read_anchors(path: Path) -> str:
    """Read certificates that are trusted.

    Raises:
        InvalidInput: If the file cannot be read or is no PEM.
    """
    text = read_regular_file(path, _LARGEST_PEM).decode("ascii", "replace")
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise InvalidInput(f"expected certificates in PEM at {path}, got something else")
    return text


def _signature(data: bytes, anchors: str | None) -> Signature | None:
    if b"jumb" not in data or b"c2pa" not in data:
        return None
    try:
        c2pa = load_c2pa()
    except MissingExtra:
        return Signature("unchecked")
    settings = {**OFFLINE, "trust": {"trust_anchors": anchors}} if anchors else OFFLINE
    try:
        with c2pa.Context.from_dict(settings) as context:
            reader = c2pa.Reader.try_create(mime_of(data), io.BytesIO(data), context=context)
            if reader is None:
                return None
            with reader:
                return _read(json.loads(reader.json()))
    except (c2pa.C2paError, ValueError, LookupError, TypeError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        return Signature("broken", problems=(first,))


def _read(store: dict[str, Any]) -> Signature:
    active = store["manifests"][store["active_manifest"]]
    said = active.get("signature_info") or {}
    codes = tuple(dict.fromkeys(one["code"] for one in store.get("validation_status") or ()))
    state = _STATES.get(store.get("validation_state", ""), "broken")
    actions = [
        action
        for assertion in active.get("assertions", ())
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion["data"]["actions"]
    ]
    types = [one["digitalSourceType"] for one in actions if "digitalSourceType" in one]
    tools = active.get("claim_generator_info") or [{}]
    return Signature(
        state,
        " / ".join(str(said[key]) for key in ("issuer", "common_name") if said.get(key)),
        f"{tools[0].get('name', '')} {tools[0].get('version', '')}".strip(),
        tuple(str(one.get("action", "")) for one in actions),
        types[-1] if types else None,
        tuple(code for code in codes if code != _UNTRUSTED) if state == "broken" else (),
        any(one.get("relationship") == "parentOf" for one in active.get("ingredients", ())),
    )


def _signed_sentence(signature: Signature) -> str:
    if signature.state == "trusted":
        return f"Signed by {signature.signer}, whom you trust, and unchanged since."
    if signature.state == "intact":
        return (
            f"Signed by {signature.signer} and unchanged since; whether that name is true is not "
            "known here, --trust-anchors says whom you trust."
        )
    if signature.state == "broken":
        why = ", ".join(signature.problems) or "the signature does not hold"
        return f"The signature is broken: this is not what was signed ({why})."
    return "Signed, but not checked: run pip install 'facefidelity[provenance]' and ask again."
