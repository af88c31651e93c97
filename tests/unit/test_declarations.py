"""Declarations are read strictly, and each mistake is one line that says where."""

from __future__ import annotations

import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bibliopolis.declarations import MAX_DEPTH, Node, meant, read
from bibliopolis.errors import ConfigurationError


@pytest.fixture
def declare(tmp_path):
    def write(text: str) -> Node:
        file = tmp_path / "page.yaml"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return read(file)

    return write


def _line(error) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message.partition("page.yaml")[2]


def test_a_value_knows_its_line(declare):
    node = declare("name: page\ntitle: Page\n").items()["title"]

    assert node.text() == "Page"
    assert node.line == 2


def test_an_unknown_key_names_the_one_that_was_meant(declare):
    with pytest.raises(ConfigurationError) as error:
        declare("name: page\ntitel: Page\n").mapping({"name", "title"})

    assert _line(error) == ":2: unknown key “titel”; did you mean “title”?"


def test_a_missing_key_is_named(declare):
    with pytest.raises(ConfigurationError) as error:
        declare("name: page\n").mapping({"name", "title"}, {"title"})

    assert _line(error) == ":1: the key “title” is missing"


@pytest.mark.parametrize("word", ["on", "off", "yes", "no", "true", "No"])
def test_a_key_that_yaml_reads_as_a_boolean_is_refused(declare, word):
    with pytest.raises(ConfigurationError) as error:
        declare(f"name: page\n{word}: Page\n").items()

    assert _line(error).startswith(f":2: YAML reads {word} as true or false; write '{word}'")


def test_a_value_that_yaml_reads_as_a_boolean_is_not_a_text(declare):
    with pytest.raises(ConfigurationError, match="YAML reads no as"):
        declare("title: no").items()["title"].text()


def test_quotes_make_it_a_word_again(declare):
    assert declare("'no': 'on'").items()["no"].text() == "on"


def test_a_key_written_twice_is_refused(declare):
    with pytest.raises(ConfigurationError) as error:
        declare("name: page\nname: other\n").items()

    assert _line(error) == ":2: the key “name” is written twice"


@pytest.mark.parametrize(
    ("text", "wanted", "message"),
    [
        ("[a]", "items", "keys with values are expected here, not a list"),
        ("a: 1", "sequence", "a list is expected here, not keys with values"),
        ("5", "text", "text is expected here, not a number"),
        ("~", "text", "text is expected here, not nothing"),
        ("''", "text", "text is expected here, and this is empty"),
        ("[a]", "text", "text is expected here, not a list"),
        ("a", "boolean", "true or false is expected here, not text"),
        ("a", "integer", "a whole number is expected here, not text"),
        ("1.5", "integer", "a whole number is expected here, not a number with a fraction"),
    ],
)
def test_a_wrong_kind_is_told_apart(declare, text, wanted, message):
    with pytest.raises(ConfigurationError) as error:
        getattr(declare(text), wanted)()

    assert _line(error) == f":1: {message}"


def test_a_number_below_the_minimum_is_refused(declare):
    with pytest.raises(ConfigurationError, match="from 1 is expected here, not 0"):
        declare("0").integer(1)


def test_a_name_must_be_known(declare):
    with pytest.raises(ConfigurationError, match="unknown state “drft”; did you mean “draft”"):
        declare("drft").name({"draft", "published"}, "state")


def test_a_name_stands_once_in_a_list(declare):
    with pytest.raises(ConfigurationError) as error:
        declare("- a\n- a\n").names({"a"}, "role")

    assert _line(error) == ":2: “a” is in this list twice"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", ":1: this is not YAML: "),
        ("a: 1\n b: 2\n", ":2: this is not YAML: "),
        ("a: 1\n---\nb: 2\n", ":2: one file holds one declaration"),
        ("a: &x 1\nb: *x\n", ":1: anchors and aliases (& and *) are not used here"),
        ("a: !!python/name:os.system x\n", ":1: tags (!) are not used here"),
        ("", ":1: the file is empty"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), ":1: nested more than 12 levels deep"),
        ("a: 1\nb: \x07\n", ": this is not YAML: "),
    ],
)
def test_what_is_not_a_declaration_is_refused(declare, text, message):
    with pytest.raises(ConfigurationError) as error:
        declare(text)

    assert _line(error).startswith(message)


def test_thousands_of_levels_are_refused_without_a_crash(declare):
    with pytest.raises(ConfigurationError):
        declare("[" * 50_000)


def test_a_huge_file_is_refused(declare):
    with pytest.raises(ConfigurationError, match="at most 256 KiB"):
        declare("#" * 300_000)


def test_bytes_that_are_not_utf_8_are_placed(tmp_path):
    file = tmp_path / "page.yaml"
    file.write_bytes(b"name: page\ntitle: \xff\n")

    with pytest.raises(ConfigurationError) as error:
        read(file)

    assert _line(error) == ":2: this is not UTF-8"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"page.yaml: the file cannot be read"):
        read(tmp_path / "page.yaml")


def test_names_are_listed_when_none_is_near():
    assert meant("zzz", {"draft", "published"}) == "known are: draft, published"


_names = st.text(string.ascii_lowercase, min_size=1, max_size=8).map(lambda name: "x" + name)
_values = st.recursive(
    st.integers() | st.booleans() | st.text(string.ascii_letters + " äЖ'\"#:", max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(_names, _values, min_size=1, max_size=4))
def test_plain_data_is_what_yaml_says(tmp_path_factory, value):
    file = tmp_path_factory.mktemp("declarations") / "page.yaml"
    file.write_text(yaml.safe_dump(value, allow_unicode=True), "utf-8")

    assert read(file).data() == value
