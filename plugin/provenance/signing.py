"""Signs a delivered picture: a C2PA manifest with the label's facts and the input as its parent.

Nothing goes over the network: no time-stamp authority is asked and nothing is fetched. What is
signed holds a random identifier, so two signatures of one picture differ in their bytes.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ... import __version__
from ...core.errors import InvalidInput, MissingExtra
from ...core.images import MAX_PIXELS, Picture, printable_path
from ...core.images.decoding import file_limit_bytes
from ...core.images.source import read_regular_file
from ...core.private import read_private_text
from .labels import FaceLabel, PictureLabel

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

__all__ = [
    "MIME_TYPES",
    "OFFLINE",
    "VERDICTS_ASSERTION",
    "SigningIdentity",
    "load_c2pa",
    "load_identity",
    "mime_of",
]

MIME_TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
VERDICTS_ASSERTION: Final = "org.facefidelity.verdicts"
OFFLINE: Final[dict[str, Any]] = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}
"""Settings of c2pa: no thumbnail of a face, no network."""

_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_LARGEST_PEM: Final = 1 << 20
_PARENT: Final = "parent"
_CURVES: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_LEAST_RSA_BITS: Final = 2048


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """Who signs. The key never appears in the text of this object, in an error or in a log.

    Attributes:
        algorithm: By its name in C2PA: ES256, ES384, ES512, PS256 or ED25519.
    """

    algorithm: str
    _certificates: bytes = field(repr=False)
    _key: bytes = field(repr=False)

    def sign(self, data: bytes, *, suffix: str, label: PictureLabel, source: Picture) -> bytes:
        """Embed a signed manifest.

        Args:
            data: An encoded picture.
            suffix: That of its file.
            label: What was done.
            source: The picture that it was made from; its file is read again.

        Returns:
            The picture with the manifest in it; the pixels are the same.

        Raises:
            InvalidInput: If the format takes no manifest, the certificates are refused, or the
                input's file is not what it was.
            MissingExtra: If c2pa-python is not installed.
        """
        mime = MIME_TYPES.get(suffix.lower())
        if mime is None:
            raise InvalidInput(
                f"expected a format that can be signed ({', '.join(MIME_TYPES)}), got {suffix!r}; "
                "choose another --ext or leave --sign away"
            )
        c2pa = load_c2pa()
        parent = _parent_bytes(source)
        out = io.BytesIO()
        try:
            with c2pa.Context.from_dict(OFFLINE) as context, self._signer() as signer:
                builder = c2pa.Builder(_manifest(label, mime, parent is not None), context)
                with builder:
                    if parent is not None:
                        _add_parent(builder, label, *parent)
                    builder.sign(signer, mime, io.BytesIO(data), out)
        except c2pa.C2paError as error:
            raise InvalidInput(
                "expected a certificate chain and a key that C2PA accepts (an end-entity "
                f"certificate first, no self-signed one), got: {_first_line(error)}"
            ) from error
        return out.getvalue()

    def _signer(self) -> Any:
        c2pa = load_c2pa()
        algorithm = getattr(c2pa.C2paSigningAlg, self.algorithm)
        info = c2pa.C2paSignerInfo(algorithm, self._certificates, self._key, None)
        return c2pa.Signer.from_info(info)


def mime_of(data: bytes) -> str:
    """The kind of a file by its first bytes, whatever its name says."""
    for magic, mime in _MAGIC:
        if data.startswith(magic) and (mime != "image/webp" or data[8:12] == b"WEBP"):
            return mime
    return "application/octet-stream"


def load_identity(certificate: Path, key: Path) -> SigningIdentity:
    """Read a certificate chain and its private key.

    Args:
        certificate: PEM, the signer's certificate first.
        key: PEM without a passphrase, a file that only its owner may read.

    Raises:
        InvalidInput: If one of them cannot be used, or they do not belong together. No message
            holds anything of the key.
        MissingExtra: If c2pa-python is not installed.
    """
    load_c2pa()
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    shown = printable_path(certificate)
    chain = read_regular_file(certificate, _LARGEST_PEM)
    try:
        first = x509.load_pem_x509_certificates(chain)[0].public_key()
    except (ValueError, IndexError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidInput(
            f"expected a certificate chain in PEM at {shown}, got something else"
        ) from error
    text = read_private_text(key, "a private key in PEM", printable_path(key)).encode()
    try:
        private = load_pem_private_key(text, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        reason = "one with a passphrase" if "password" in str(error).lower() else "something else"
        raise InvalidInput(
            f"expected a private key in PEM without a passphrase at {printable_path(key)}, "
            f"got {reason}"
        ) from None  # the parser's words might quote the file
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*form) != first.public_bytes(*form):
        raise InvalidInput(
            f"expected the key of the first certificate in {shown}, got another key; put the "
            "signer's own certificate first"
        )
    return SigningIdentity(_algorithm(private), chain, text)


def _algorithm(key: PrivateKeyTypes) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ED25519"
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _LEAST_RSA_BITS:
        return "PS256"
    raise InvalidInput(
        "expected a key on the curves P-256, P-384, P-521 or Ed25519, or RSA of 2048 bits and "
        "more, got another kind; C2PA signs with no other"
    )


def _manifest(label: PictureLabel, mime: str, has_bytes: bool) -> dict[str, Any]:
    parameters = {
        "org.facefidelity.restorers": ", ".join(label.restorers),
        "org.facefidelity.policy": label.policy,
    }
    tool = {"name": "facefidelity", "version": __version__}
    actions: list[dict[str, Any]] = [
        {"action": "c2pa.opened", "parameters": {"ingredientIds": [_PARENT]}}
    ]
    if label.state == "edited":
        done = {"action": "c2pa.edited", "digitalSourceType": label.source_type}
        actions.append(
            {**done, "softwareAgent": tool, "description": label.sentence, "parameters": parameters}
        )
    elif label.state == "enlarged":
        actions.append({"action": "c2pa.resized", "softwareAgent": tool})
    facts = {
        "state": label.state,
        "input_sha256": label.input_sha256,
        "policy": label.policy,
        "face_count": label.face_count,
        "faces": [_face(one) for one in label.faces],
    }
    return {
        "claim_generator_info": [tool],
        "title": f"reviewed picture{_suffix_of(mime)}",
        "format": mime,
        "ingredients": [] if has_bytes else [_ingredient(label)],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": VERDICTS_ASSERTION, "data": facts},
        ],
    }


def _face(face: FaceLabel) -> dict[str, Any]:
    return {
        "verdict": face.verdict,
        "blend": face.blend,
        "restorer": face.restorer,
        "decided_by": face.by,
    }


def _ingredient(label: PictureLabel) -> dict[str, Any]:
    """The input as an ingredient; its name is left out, since it may name a person."""
    return {
        "title": "input",
        "relationship": "parentOf",
        "label": _PARENT,
        "instance_id": _PARENT,
        "description": f"SHA-256 {label.input_sha256}",
    }


def _add_parent(builder: Any, label: PictureLabel, data: bytes, mime: str) -> None:
    """Name the parent; what it says of its own origin is carried along."""
    builder.add_ingredient(_ingredient(label), mime, io.BytesIO(data))


def _parent_bytes(source: Picture) -> tuple[bytes, str] | None:
    """The input's bytes and kind; None where it was made in memory."""
    if source.path is None:
        return None
    data = read_regular_file(source.path, file_limit_bytes(MAX_PIXELS))
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise InvalidInput(
            f"expected the input to stay as it was read, but {printable_path(source.path)} was "
            "changed meanwhile; do it again"
        )
    return data, mime_of(data)


def _suffix_of(mime: str) -> str:
    return next(suffix for suffix, known in MIME_TYPES.items() if known == mime)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def load_c2pa() -> Any:
    """The module c2pa.

    Raises:
        MissingExtra: If c2pa-python is not installed.
    """
    try:
        import c2pa
    except ImportError as error:
        raise MissingExtra("signing and checking signatures", "provenance") from error
    return c2pa
