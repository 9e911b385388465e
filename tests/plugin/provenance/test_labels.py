"""What a label claims of a picture, and that the picture keeps it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facefidelity.core.errors import InvalidInput
from facefidelity.core.images import (
    MAX_PIXELS,
    Picture,
    PictureMetadata,
    encode_picture,
    read_picture,
    read_xmp,
    write_picture,
)
from facefidelity.plugin.provenance import (
    FaceLabel,
    Labelling,
    PictureLabel,
    label_of_pair,
    label_of_restoration,
    verify_picture,
)
from facefidelity.plugin.provenance.labels import AI_EDITED, ALGORITHM_EDITED, MOST_FACES, TOOL
from facefidelity.plugin.provenance.xmp import metadata_of, parse_xmp
from facefidelity.restorers.registry import restorer_info, restorer_names

ACCEPTED = ("ACCEPT", 1.0, "realesrgan")
REFUSED = ("REJECT", 0.0, "realesrgan")


def label_of(source: Picture, result) -> PictureLabel:
    return label_of_restoration(result, source.pixels, source.sha256, "balanced")


def test_a_restored_face_is_labelled_as_ai_edited(source: Picture, guarded) -> None:
    label = label_of(source, guarded(ACCEPTED, REFUSED))
    assert (label.state, label.source_type) == ("edited", AI_EDITED)
    assert label.sentence == (
        f"AI-edited: 1 of 2 faces restored with realesrgan, judged by {TOOL} (policy balanced)."
    )
    assert [(one.verdict, one.blend) for one in label.faces] == [("ACCEPT", 1.0), ("REJECT", 0.0)]
    assert label.input_sha256 == source.sha256


def test_a_share_is_told(source: Picture, guarded) -> None:
    label = label_of(source, guarded(("BLEND", 0.45, "realesrgan")))
    assert (label.state, label.faces[0].blend) == ("edited", 0.45)


@pytest.mark.parametrize("decision", ["REJECT", "FAILED", "NOT_ASSESSABLE", None])
def test_a_picture_without_a_delivered_face_claims_no_edit(
    source: Picture, guarded, decision: str | None
) -> None:
    label = label_of(source, guarded(*([(decision, 0.0, "realesrgan")] if decision else [])))
    assert (label.state, label.source_type, label.restorers) == ("unchanged", None, ())
    assert label.sentence == f"Reviewed by {TOOL}: unchanged."
    assert b"digitalsourcetype" not in metadata_of(label).xmp


def test_an_enlarged_picture_is_not_called_unchanged(source: Picture, guarded) -> None:
    label = label_of(source, guarded(REFUSED, grow=2))
    assert (label.state, label.source_type) == ("enlarged", None)
    assert "no face was changed, the picture was enlarged" in label.sentence


def test_what_was_restored_elsewhere_is_taken_to_be_generative(source: Picture, guarded) -> None:
    other = replace(guarded(("REJECT", 0.0, "unknown")), pixels=255 - source.pixels)
    label = label_of_pair(other, source.pixels, source.sha256, "observe")
    assert (label.state, label.source_type) == ("edited", AI_EDITED)
    assert "a program unknown to us" in label.sentence
    same = label_of_pair(guarded(REFUSED), source.pixels, source.sha256, "balanced")
    assert (same.state, same.source_type) == ("unchanged", None)


@pytest.mark.parametrize("name", [name for name in restorer_names() if name != "identity"])
def test_only_filters_are_no_generative_model(source: Picture, guarded, name: str) -> None:
    label = label_of(source, guarded(("ACCEPT", 1.0, name)))
    classical = restorer_info(name).kind == "classical"
    assert label.source_type == (ALGORITHM_EDITED if classical else AI_EDITED)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
def test_a_written_picture_keeps_its_label_and_its_bytes_repeat(
    source: Picture, guarded, tmp_path: Path, suffix: str
) -> None:
    result = guarded(ACCEPTED)
    label, paths = label_of(source, result), [tmp_path / f"{n}{suffix}" for n in "ab"]
    for path in paths:
        Labelling().write(path, result.pixels, label, source)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert verify_picture(paths[0]).label == label
    plain = encode_picture(result.pixels, suffix)
    (tmp_path / f"plain{suffix}").write_bytes(plain)
    bare = read_picture(tmp_path / f"plain{suffix}")
    np.testing.assert_array_equal(read_picture(paths[0]).pixels, bare.pixels)


def test_no_name_of_a_file_is_in_a_label(source: Picture, guarded, tmp_path: Path) -> None:
    Labelling().write(
        tmp_path / "x.png", source.pixels, label_of(source, guarded(ACCEPTED)), source
    )
    assert b"Mustermann" not in (tmp_path / "x.png").read_bytes()


def test_without_labels_nothing_is_said(source: Picture, guarded, tmp_path: Path) -> None:
    label = label_of(source, guarded(ACCEPTED))
    data = Labelling(labels=False).encode(source.pixels, ".png", label, source)
    assert data == encode_picture(source.pixels, ".png")
    (tmp_path / "x.png").write_bytes(data)
    found = verify_picture(tmp_path / "x.png")
    assert (found.label, found.signature, found.holds) == (None, None, True)
    assert "proves nothing either way" in found.sentence


def test_the_packet_is_what_other_readers_expect(source: Picture, guarded) -> None:
    xmp = metadata_of(label_of(source, guarded(ACCEPTED))).xmp
    root = ET.fromstring(xmp)  # noqa: S314 - our own
    iptc = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
    assert root.findtext(f".//{iptc}DigitalSourceType") == AI_EDITED
    assert root.findtext(f".//{iptc}AISystemUsed") == "realesrgan"
    assert xmp.startswith(b'<?xpacket begin="\xef\xbb\xbf"')


def test_a_crowd_fits_into_a_label(source: Picture, guarded) -> None:
    crowd = guarded(*[("ACCEPT", 1.0, "&" * 200)] * 3000)
    label = label_of(source, crowd)
    assert (label.face_count, len(label.faces)) == (3000, MOST_FACES)
    assert encode_picture(source.pixels, ".jpg", None, metadata_of(label))
    assert parse_xmp(metadata_of(label).xmp) == label


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co", "Zl", "Zp"]), max_size=80)
FACES = st.builds(
    FaceLabel,
    st.sampled_from(["ACCEPT", "BLEND", "REJECT"]),
    st.integers(0, 10_000).map(lambda n: n / 10_000),
    WORDS,
    st.sampled_from(["guard", "person"]),
)


@settings(max_examples=60, deadline=None)
@given(WORDS, st.lists(FACES, max_size=5), st.sampled_from(["edited", "unchanged", "enlarged"]))
def test_every_label_is_read_back_as_it_was(policy: str, faces: list, state: str) -> None:
    source = AI_EDITED if state == "edited" else None
    label = PictureLabel(state, TOOL, "ab" * 32, policy, len(faces), tuple(faces), source)
    again = parse_xmp(metadata_of(label).xmp)
    assert again == label


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"no xml",
        b"<a/>",
        b"\xff\xfe\x00",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
        b"<a>" * 20_000,
    ],
)
def test_a_packet_from_anywhere_is_no_label_and_no_crash(packet: bytes) -> None:
    assert parse_xmp(packet) is None


def test_a_label_with_a_foreign_state_or_number_is_none(source: Picture, guarded) -> None:
    good = metadata_of(label_of(source, guarded(ACCEPTED))).xmp
    for old, new in ((b">edited<", b">invented<"), (b">1</ff:blend", b">nan</ff:blend")):
        assert old in good
        assert parse_xmp(good.replace(old, new)) is None


def test_metadata_that_no_jpeg_holds_is_refused() -> None:
    with pytest.raises(InvalidInput, match="expected 1 to 65000 bytes of XMP"):
        PictureMetadata(b"x" * 65_001, "")


def test_a_damaged_picture_is_named(tmp_path: Path, source: Picture) -> None:
    write_picture(tmp_path / "x.png", source.pixels)
    (tmp_path / "x.png").write_bytes((tmp_path / "x.png").read_bytes()[:-40])
    with pytest.raises(InvalidInput, match="damaged"):
        verify_picture(tmp_path / "x.png")
    with pytest.raises(InvalidInput, match="at most"):
        read_xmp(source.path, max_pixels=100)
    assert read_xmp(source.path, max_pixels=MAX_PIXELS)[1] is None
