"""``facefidelity verify``: what pictures say of themselves, and how far that can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .formats import FormatOption, OutputFormat, print_json_line
from .options import InputsArgument, complain, tracked

if TYPE_CHECKING:
    from ..provenance import Provenance

__all__ = ["verify"]


def verify(
    inputs: InputsArgument,
    trust_anchors: Annotated[
        Path | None,
        typer.Option(
            "--trust-anchors",
            metavar="PEM",
            help="Certificates whose signers you trust.",
            readable=False,
        ),
    ] = None,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Read a picture's label and check its signature; folders are read recursively.

    Exit code 1: a signature is broken or could not be checked, or a file could not be read.

    Example: facefidelity verify restored/ --trust-anchors our_ca.pem
    """
    from ...core.errors import FaceFidelityError, InvalidInput
    from ...core.images import find_pictures, printable_path
    from ..provenance.verification import read_anchors, verify_picture

    anchors = read_anchors(trust_anchors) if trust_anchors else None
    found = find_pictures(inputs)
    if not found:
        raise InvalidInput("expected pictures to verify, found none; name files or a folder")
    failed = False
    for one in tracked(found, found, "verifying"):
        name = printable_path(one.path)
        try:
            provenance = verify_picture(one.path, anchors)
        except FaceFidelityError as error:
            failed = True
            complain(name, str(error))
            continue
        failed |= not provenance.holds
        if format is OutputFormat.json:
            print_json_line(path=name, **provenance.as_record())
        else:
            _show(name, provenance)
    return 1 if failed else 0


def _show(name: str, provenance: Provenance) -> None:
    print(name)
    if provenance.label is not None:
        print(f"  says: {provenance.label.sentence}")
        print(f"  made from the input with SHA-256 {provenance.label.input_sha256}")
        for number, face in enumerate(provenance.label.faces):
            share = f", {100 * face.blend:.0f} % of the restoration" if face.blend else ""
            who = ", decided by a person" if face.by == "person" else ""
            print(f"  face {number}: {face.verdict}{share} ({face.restorer}){who}")
    signed = provenance.signature
    if signed is not None and signed.actions:
        parent = ", made from another picture" if signed.parent else ""
        print(f"  signed: {', '.join(signed.actions)} by {signed.tool}{parent}")
    print(f"  {provenance.sentence}")
