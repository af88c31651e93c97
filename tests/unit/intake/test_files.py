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


def zipped(method=zipfile.ZIP_DEFLATED, **files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


LONG = RECORDS * 20


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
        (gzip.compress(gzip.compress(RECORDS)), "packed twice"),
        (gzip.compress(zipped(catalogue=RECORDS)), "packed twice"),
        (zipped(catalogue=gzip.compress(RECORDS)), "packed twice"),
        (zipped(zipfile.ZIP_BZIP2, catalogue=RECORDS), "a method that is not read"),
        (zipped(zipfile.ZIP_LZMA, catalogue=RECORDS), "a method that is not read"),
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


@pytest.mark.parametrize("packed", [gzip.compress(RECORDS), zipped(catalogue=RECORDS)])
def test_a_packed_file_with_any_byte_damaged_is_kept_or_refused_never_an_error(files, packed):
    for at in range(0, len(packed), 3):
        damaged = bytearray(packed)
        damaged[at] ^= 0xFF
        try:
            files.keep(UID, io.BytesIO(bytes(damaged)))
        except InvalidInput:
            assert list(files.folder.iterdir()) == []


@pytest.mark.parametrize("sent", [LONG, gzip.compress(LONG), zipped(catalogue=LONG)])
def test_a_full_disk_is_not_the_fault_of_the_file(files, sent):
    files.folder.mkdir()
    files.path(UID).symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left"):
        files.keep(UID, io.BytesIO(sent))
    assert list(files.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("C:\\export\\base.iso", "base.iso"), ("../../etc/passwd", "passwd"), ("", "?")],
)
def test_names_lose_the_folders_of_whoever_sent_them(sent, kept):
    assert plain_name(sent) == kept
