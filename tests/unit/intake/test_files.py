"""Files that staff send: unpacked within limits, whatever they claim to be."""

import gzip
import io
import zipfile

import pytest
from fixtures.marc_files import iso2709, marc_record

from bibliopolis.errors import InvalidInput
from bibliopolis.intake.files import ImportFiles, plain_name

UID = "0" * 32
RECORDS = iso2709(marc_record(number) for number in range(20))


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.fixture
def files(tmp_path):
    return ImportFiles(tmp_path, 1_000_000)


@pytest.mark.parametrize(
    "sent", [RECORDS, gzip.compress(RECORDS), zipped(catalogue=RECORDS)], ids=["as is", "gz", "zip"]
)
def test_a_file_is_kept_unpacked(files, sent):
    assert files.keep(UID, io.BytesIO(sent)) == len(RECORDS)
    assert files.path(UID).read_bytes() == RECORDS


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 ...", "This is a file of ${kind}"),
        (b"MZ\x90\x00", "This is a file of ${kind}"),
        (gzip.compress(bytes(5_000_000)), "The file is too large"),
        (zipped(bomb=bytes(5_000_000)), "The file is too large"),
        (zipped(one=RECORDS, two=RECORDS), "in the archive: send exactly one"),
        (gzip.compress(RECORDS)[:-20], "damaged or locked"),
        (b"PK\x03\x04 no archive at all", "damaged or locked"),
        (b"x" * 1_000_001, "The file is too large"),
    ],
)
def test_what_cannot_be_kept_is_told_and_leaves_nothing(files, sent, said):
    with pytest.raises(InvalidInput) as refusal:
        files.keep(UID, io.BytesIO(sent))

    reason = refusal.value.reason
    assert said in getattr(reason, "plural", str(reason))
    assert list(files.folder.iterdir()) == []


def test_a_zip_that_lies_about_its_size_is_counted_while_it_is_unpacked(files):
    packed = bytearray(zipped(bomb=bytes(5_000_000)))
    # What the archive says of the size, in its two places.
    honest = (5_000_000).to_bytes(4, "little")
    packed = packed.replace(honest, (10).to_bytes(4, "little"))

    # Python's reader stops where the archive says that the file ends, and sees that it is damaged.
    with pytest.raises(InvalidInput):
        files.keep(UID, io.BytesIO(bytes(packed)))
    assert list(files.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("C:\\export\\base.iso", "base.iso"), ("../../etc/passwd", "passwd"), ("", "?")],
)
def test_names_lose_the_folders_of_whoever_sent_them(sent, kept):
    assert plain_name(sent) == kept
