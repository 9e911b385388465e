"""Signatures: what they cover, what breaks them, and what is refused; all without a network."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, MissingExtra
from facefidelity.core.images import Picture, read_picture
from facefidelity.plugin.provenance import Labelling, label_of_restoration, verify_picture
from facefidelity.plugin.provenance import signing as signing_module
from facefidelity.plugin.provenance.labels import AI_EDITED
from facefidelity.plugin.provenance.signing import load_identity
from facefidelity.plugin.provenance.verification import read_anchors

pytest.importorskip("c2pa", reason="needs c2pa-python (the provenance extra)")

SUFFIXES = [".png", ".jpg", ".webp", ".tif"]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def signed(source: Picture, guarded, signer, tmp_path: Path, offline: None):
    def make(suffix: str = ".png", decision: str = "ACCEPT") -> Path:
        result = guarded((decision, float(decision == "ACCEPT"), "realesrgan"))
        label = label_of_restoration(result, source.pixels, source.sha256, "balanced")
        identity = load_identity(signer.certificate, signer.key)
        path = tmp_path / f"signed{suffix}"
        Labelling(identity=identity).write(path, result.pixels, label, source)
        return path

    return make


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_signature_is_read_back_with_what_was_done(signed, signer, source, suffix: str) -> None:
    path = signed(suffix)
    found = verify_picture(path)
    assert found.signature.state == "intact"
    assert found.signature.actions == ("c2pa.opened", "c2pa.edited")
    assert found.signature.source_type == AI_EDITED
    assert found.signature.parent
    assert "Tests of facefidelity / signer" in found.sentence
    assert found.label.state == "edited"
    assert found.as_record()["tamper_evident"] is True
    trusted = verify_picture(path, read_anchors(signer.authority))
    assert trusted.signature.state == "trusted"
    if suffix != ".jpg":
        np.testing.assert_array_equal(read_picture(path).pixels, source.pixels)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_one_changed_bit_breaks_it(signed, suffix: str) -> None:
    path = signed(suffix)
    data = bytearray(path.read_bytes())
    at = data.index(b"of facefidelity") if suffix == ".tif" else data.index(b"ff:policy") + 12
    data[at] ^= 1
    path.write_bytes(data)
    found = verify_picture(path)
    assert found.signature.state == "broken"
    assert not found.holds
    assert found.signature.problems


def test_an_unchanged_picture_is_signed_without_an_edit(signed) -> None:
    signature = verify_picture(signed(decision="REJECT")).signature
    assert (signature.actions, signature.source_type) == (("c2pa.opened",), None)


def test_the_chain_goes_on_when_a_signed_picture_is_restored(
    signed, signer, guarded, tmp_path: Path
) -> None:
    first = read_picture(signed())
    label = label_of_restoration(
        guarded(("ACCEPT", 1.0, "realesrgan")), first.pixels, first.sha256, "balanced"
    )
    identity = load_identity(signer.certificate, signer.key)
    Labelling(identity=identity).write(tmp_path / "again.png", first.pixels, label, first)
    data = (tmp_path / "again.png").read_bytes()
    assert verify_picture(tmp_path / "again.png").signature.state == "intact"
    assert data.count(b"org.facefidelity.verdicts") > first.path.read_bytes().count(
        b"org.facefidelity.verdicts"
    )


def test_neither_key_nor_name_of_the_input_is_told(signed, signer, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    identity = load_identity(signer.certificate, signer.key)
    secret = signer.key.read_text().splitlines()[1]
    path = signed()
    assert secret not in repr(identity) + str(identity) + caplog.text
    assert b"Mustermann" not in path.read_bytes()
    assert secret.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n-----END PRIVATE KEY-----\n", "something"),
        (b"SECRET \xff", "UTF-8"),
        (b"", "something"),
    ],
)
def test_a_wrong_key_is_refused_and_not_repeated(
    signer, tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(InvalidInput, match=told) as failure:
        load_identity(signer.certificate, path)
    assert "SECRET" not in str(failure.value)


def test_a_key_of_a_kind_that_nobody_knows_is_refused(signer, tmp_path: Path) -> None:
    """Found by fuzzing: an unknown algorithm is another exception of the parser's."""
    from base64 import b64decode, b64encode

    lines = signer.key.read_text().split("-----")
    der = bytearray(b64decode(lines[2]))
    der[der.index(bytes.fromhex("2a8648ce3d0201")) + 6] = 99
    path = tmp_path / "key.pem"
    lines[2] = f"\n{b64encode(der).decode()}\n"
    path.write_text("-----".join(lines))
    path.chmod(0o600)
    with pytest.raises(InvalidInput, match="without a passphrase"):
        load_identity(signer.certificate, path)


def test_a_key_that_others_may_read_is_refused(signer, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(signer.key.read_bytes())
    path.chmod(0o644)
    with pytest.raises(InvalidInput, match="chmod 600"):
        load_identity(signer.certificate, path)


def test_a_key_of_another_certificate_is_refused(signer) -> None:
    with pytest.raises(InvalidInput, match="another key"):
        load_identity(signer.authority, signer.key)
    with pytest.raises(InvalidInput, match="certificate chain in PEM"):
        load_identity(signer.key, signer.key)


def test_keys_of_every_kind_that_c2pa_knows(signer, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    algorithm = signing_module._algorithm
    assert algorithm(ec.generate_private_key(ec.SECP384R1())) == "ES384"
    assert algorithm(ec.generate_private_key(ec.SECP521R1())) == "ES512"
    assert algorithm(ed25519.Ed25519PrivateKey.generate()) == "ED25519"
    assert algorithm(rsa.generate_private_key(65537, 2048)) == "PS256"
    with pytest.raises(InvalidInput, match="C2PA signs with no other"):
        algorithm(ec.generate_private_key(ec.SECP256K1()))


def test_an_input_that_changed_meanwhile_is_not_named_as_parent(
    source: Picture, guarded, signer
) -> None:
    identity = load_identity(signer.certificate, signer.key)
    label = label_of_restoration(guarded(), source.pixels, source.sha256, "balanced")
    source.path.write_bytes(source.path.read_bytes() + b"x")
    with pytest.raises(InvalidInput, match="changed meanwhile"):
        Labelling(identity=identity).encode(source.pixels, ".png", label, source)


def test_without_c2pa_signing_says_what_to_install_and_verifying_says_unchecked(
    signed, signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = signed()
    monkeypatch.setitem(__import__("sys").modules, "c2pa", None)
    with pytest.raises(MissingExtra, match=r"facefidelity\[provenance\]"):
        load_identity(signer.certificate, signer.key)
    found = verify_picture(path)
    assert found.signature.state == "unchecked"
    assert not found.holds
    assert found.label is not None
    assert "not checked" in found.sentence
