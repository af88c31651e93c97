"""What an import tells, kept as plain values and read again."""

from bibliopolis.catalogue.import_run import Report, plain_text, said_text
from bibliopolis.catalogue.marc import Place
from bibliopolis.i18n import _, _n


def test_a_plural_is_told_in_words():
    assert plain_text(_n("${n} file", "${n} files", 1)) == "1 file"
    assert plain_text(_n("${n} file of ${kind}", "${n} files of ${kind}", 3, {"kind": "PDF"})) == (
        "3 files of PDF"
    )


def test_the_lists_of_a_report_are_kept_with_their_words_and_values():
    report = Report()
    report.remark(Place("a.mrc", 2, 70), "n2", _("copy ${barcode}", mapping={"barcode": "B1"}))
    report.reject(Place("a.mrc", 3, 140), "", "the directory is damaged")

    again = Report.of_json(report.as_json())
    again.remark(Place("a.mrc", 9, 900), "n9", "later")

    assert again.as_json()["remarks"][0] == report.as_json()["remarks"][0]
    assert [one.place.ordinal for one in again.remarks] == [2, 9]
    assert again.rejections[0].text == "the directory is damaged"
    kept = said_text(report.as_json()["remarks"][0])
    assert (str(kept), kept.mapping) == ("copy ${barcode}", {"barcode": "B1"})
