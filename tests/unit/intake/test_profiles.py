"""Profiles say what the files of a library's system mean; a slip stops the start with its line."""

import io

import pytest
from fixtures.iso_bytes import iso_bytes
from fixtures.sites import SITE

from bibliopolis.catalogue.marc import read_stream
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.errors import ConfigurationError
from bibliopolis.intake.profiles import load_profiles, wanted_of

PROFILE = """\
profiles:
  koha:
    title: Koha of the district
    libraries: [okhta]
    format: marc21
    language: ru
    items:
      field: "952"
      status: {subfield: '7', codes: {'3': on_order, '4': damaged}}
      locations:
        RR: {shown: Reading room, status: reading_room}
"""
TYPED = f"{PROFILE}      types: {{subfield: 'y', codes: {{DVD: film, TOY: game}}}}\n"
CODES = ("DVD", "TOY", "dvd", "XX")


def profiles(tmp_path, text):
    folder = tmp_path / "policies"
    folder.mkdir(exist_ok=True)
    (folder / "imports.yaml").write_text(text, "utf-8")
    return load_profiles(tmp_path)


def test_codes_of_copies_mean_what_the_profile_says(tmp_path):
    wanted = wanted_of(profiles(tmp_path, PROFILE), "koha", {})
    record = iso_bytes(
        [
            ("001", "1"),
            ("245", "10", ("a", "Title")),
            ("952", "  ", ("p", "B1"), ("7", "3")),
            ("952", "  ", ("p", "B2"), ("c", "RR")),
            ("952", "  ", ("p", "B3"), ("c", "RR"), ("7", "4")),
            ("952", "  ", ("p", "B4"), ("c", "AB")),
        ]
    )

    [reading] = read_stream(io.BytesIO(record), "file", wanted)

    assert [(one.barcode, one.location, one.status) for one in reading.data.items] == [
        ("B1", "", ItemStatus.ON_ORDER),
        ("B2", "Reading room", ItemStatus.READING_ROOM),
        ("B3", "Reading room", ItemStatus.DAMAGED),
        ("B4", "AB", ItemStatus.LENDABLE),
    ]
    assert reading.data.languages == ("ru",)


def test_codes_of_item_types_mean_what_the_profile_says(tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "item_types.yaml").write_text("types: {game: {title: Game}}", "utf-8")
    wanted = wanted_of(profiles(tmp_path, TYPED), "koha", {})
    copies = [("952", "  ", ("p", f"B{n}"), ("y", code)) for n, code in enumerate(CODES)]
    record = iso_bytes([("001", "1"), ("245", "10", ("a", "Title")), *copies])

    [reading] = read_stream(io.BytesIO(record), "file", wanted)

    assert [one.item_type for one in reading.data.items] == ["film", "game", "", ""]


def test_what_is_said_of_a_file_goes_before_its_profile(tmp_path):
    found = profiles(tmp_path, PROFILE)

    assert wanted_of(found, "koha", {"items_tag": "999"}).items_tag == "999"
    assert wanted_of(found, "koha", {"items_tag": ""}).items_tag == "952"
    assert found["koha"].serves("okhta")
    assert not found["koha"].serves("central")


@pytest.mark.parametrize(
    ("wrong", "right", "line", "said"),
    [
        ("encodings: utf-8", "format: marc21", 5, "unknown key “encodings”"),
        ("format: marc22", "format: marc21", 5, "did you mean “marc21”?"),
        ("field: 952", 'field: "952"', 8, "something like '952' is expected here, not a number"),
        ("codes: {'3': ordered", "codes: {'3': on_order", 9, "unknown status “ordered”"),
        ("language: russian", "language: ru", 6, "something like ru is expected here"),
        ("status: reading}", "status: reading_room}", 11, "unknown status “reading”"),
    ],
)
def test_a_slip_is_told_with_its_line(tmp_path, wrong, right, line, said):
    assert right in PROFILE

    with pytest.raises(ConfigurationError) as refusal:
        profiles(tmp_path, PROFILE.replace(right, wrong))

    assert f"imports.yaml:{line}: " in str(refusal.value)
    assert said in str(refusal.value)


def test_an_item_type_the_site_does_not_have_is_told_with_its_line(tmp_path):
    with pytest.raises(ConfigurationError, match=r"imports.yaml:12: unknown item type “game”"):
        profiles(tmp_path, TYPED)


def test_a_site_without_profiles_has_none_and_ours_can_be_read(tmp_path):
    assert load_profiles(tmp_path) == {}
    assert {"irbis", "koha", "rusmarc"} <= load_profiles(SITE).keys()
