import gettext
import os

from bibliopolis.cli.catalogues import compile_stale

CATALOGUE = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || \
n%100>=20) ? 1 : 2);\\n"

msgid "Book"
msgstr "Книга"
"""


def test_a_catalogue_is_compiled_once_and_again_when_it_changes(tmp_path):
    folder = tmp_path / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "bibliopolis.po"
    source.write_text(CATALOGUE)

    first = compile_stale(tmp_path)
    second = compile_stale(tmp_path)
    later = source.stat().st_mtime + 10
    os.utime(source, (later, later))
    third = compile_stale(tmp_path)

    assert first == third == [folder / "bibliopolis.mo"]
    assert second == []
    with (folder / "bibliopolis.mo").open("rb") as stream:
        assert gettext.GNUTranslations(stream).gettext("Book") == "Книга"


def test_a_site_without_catalogues_compiles_nothing(tmp_path):
    assert compile_stale(tmp_path / "locales") == []
