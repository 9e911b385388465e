"""Makes a certificate chain for trying out signatures: an authority of one's own, and a signer.

    python benchmarks/certificates.py FOLDER

writes chain.pem, key.pem and authority.pem. Nobody trusts such an authority but who is told to.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 30


def make_chain(organisation: str = "Tests of facefidelity") -> tuple[bytes, bytes]:
    """The signer's certificate and the authority's, and the signer's key, all in PEM."""
    root, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _name(organisation, "authority")
    authority = (
        _begin(issuer, issuer, root.public_key())
        .add_extension(x509.BasicConstraints(True, None), True)
        .add_extension(_usage(False), True)
        .sign(root, hashes.SHA256())
    )
    signer = (
        _begin(_name(organisation, "signer"), issuer, leaf.public_key())
        .add_extension(x509.BasicConstraints(False, None), True)
        .add_extension(_usage(True), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), False)
        .sign(root, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    chain = signer.public_bytes(pem) + authority.public_bytes(pem)
    return chain, leaf.private_bytes(pem, *form)


def authority_of(chain: bytes) -> bytes:
    """The authority's certificate alone."""
    mark = b"-----BEGIN CERTIFICATE-----"
    return mark + chain.split(mark)[-1]


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    start = datetime.now(timezone.utc) - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
    )


def _name(organisation: str, name: str) -> x509.Name:
    words = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, name))
    return x509.Name([x509.NameAttribute(oid, word) for oid, word in words])


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(signs, False, False, False, False, not signs, not signs, False, False)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    made_chain, made_key = make_chain()
    (folder / "chain.pem").write_bytes(made_chain)
    (folder / "authority.pem").write_bytes(authority_of(made_chain))
    (folder / "key.pem").touch(mode=0o600)
    (folder / "key.pem").write_bytes(made_key)
