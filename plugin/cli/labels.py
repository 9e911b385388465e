"""Options on what written pictures and records say: labels, signatures, redaction, trust."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

if TYPE_CHECKING:
    from ..provenance import Labelling

__all__ = [
    "CertificateOption",
    "KeyOption",
    "NoLabelOption",
    "RedactOption",
    "SignOption",
    "TrustOption",
    "open_labelling",
]

_UNLABELLED: Final = (
    "warning: --no-label writes pictures that do not say that faces in them were restored by a "
    "program; who passes them on has to say it, in many places by law."
)

NoLabelOption: TypeAlias = Annotated[
    bool,
    typer.Option("--no-label", help="Do not write into the pictures what was done to them."),
]
SignOption: TypeAlias = Annotated[
    bool,
    typer.Option("--sign", help="Sign each picture (C2PA); needs --certificate and --key."),
]
CertificateOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--certificate",
        metavar="PEM",
        help="With --sign: the signer's certificate, then those that issued it.",
        readable=False,
    ),
]
KeyOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="PEM",
        help="With --sign: its private key, in a file that only its owner reads.",
        readable=False,
    ),
]
RedactOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--redact", help="No file names, people's names and pictures in records and report."
    ),
]
TrustOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--trust", help="Load weights by path even where facefidelity does not know their hash."
    ),
]


def open_labelling(
    no_label: bool, sign: bool, certificate: Path | None, key: Path | None
) -> Labelling:
    """How written pictures are labelled, from the command line; warns where they are not.

    Raises:
        InvalidInput: If options contradict each other or a file cannot be used.
        MissingExtra: If it is to be signed and c2pa-python is not installed.
    """
    from ...core.errors import InvalidInput
    from ..provenance import Labelling

    if not sign:
        if certificate or key:
            raise InvalidInput("expected --sign beside --certificate and --key, got none")
        if no_label:
            print(_UNLABELLED, file=sys.stderr)
        return Labelling(labels=not no_label)
    if no_label:
        raise InvalidInput("expected --sign or --no-label, got both; a signature is a label")
    if certificate is None or key is None:
        raise InvalidInput(
            "expected --certificate PEM and --key PEM beside --sign, got "
            f"{'--certificate' if certificate else '--key' if key else 'neither'}"
            f"{' only' if certificate or key else ''}; sign with a certificate of your own"
        )
    from ..provenance.signing import load_identity

    return Labelling(identity=load_identity(certificate, key))
