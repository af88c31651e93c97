import colander
import deform
import pytest
from bs4 import BeautifulSoup
from deform import widget

from bibliopolis.widgets import press_sequence_button


class Person(colander.MappingSchema):
    name = colander.SchemaNode(colander.String(), title="Name")


class People(colander.SequenceSchema):
    person = Person(title="Person")


class Words(colander.SequenceSchema):
    word = colander.SchemaNode(colander.String(), title="Word")


XY = (("x", "X"), ("y", "Y"))


class Everything(colander.MappingSchema):
    title = colander.SchemaNode(colander.String(), title="Title", description="As on the cover")
    text = colander.SchemaNode(colander.String(), widget=widget.TextAreaWidget(), missing="")
    kind = colander.SchemaNode(
        colander.String(),
        widget=widget.SelectWidget(values=(("a", "A"), ("b", "B"))),
        missing="",
    )
    many = colander.SchemaNode(
        colander.Set(),
        widget=widget.CheckboxChoiceWidget(values=XY),
        missing=(),
    )
    one = colander.SchemaNode(
        colander.String(),
        widget=widget.RadioChoiceWidget(values=XY),
        missing="",
    )
    flag = colander.SchemaNode(colander.Boolean(), missing=False)
    day = colander.SchemaNode(colander.Date(), missing=None)
    moment = colander.SchemaNode(colander.DateTime(), missing=None)
    secret = colander.SchemaNode(colander.String(), widget=widget.HiddenWidget(), missing="")
    words = Words(widget=widget.SequenceWidget(orderable=True), missing=())
    people = People(missing=())


FILLED = {
    "title": "<Идиот>",
    "kind": "b",
    "many": {"y"},
    "one": "x",
    "flag": True,
    "words": ["a", "b"],
    "people": [{"name": "Лев"}],
}


@pytest.fixture
def form(make_request):
    return deform.Form(
        Everything(), buttons=("save",), renderer=make_request("/ru").form_renderer, formid="f"
    )


def controls(page: BeautifulSoup) -> list[tuple[str, str]]:
    """What a browser without scripts would send."""
    sent = []
    for one in page.select("input, textarea, select"):
        if one.get("type") in ("checkbox", "radio") and not one.has_attr("checked"):
            continue
        if one.name == "select":
            sent.append((one["name"], one.select_one("[selected]")["value"]))
        elif one.name == "textarea":
            sent.append((one["name"], one.text.removeprefix("\n")))
        else:
            sent.append((one["name"], one.get("value", "")))
    return sent


def test_what_is_shown_comes_back(form):
    page = BeautifulSoup(form.render(FILLED), "lxml")

    sent = form.validate(controls(page))

    assert {name: sent[name] for name in FILLED} == FILLED


def test_widgets_have_no_scripts_and_no_styles(form):
    page = BeautifulSoup(form.render(FILLED), "lxml")

    assert not page.select("script, style, [style], [onclick]")


def test_errors_are_summed_up_and_lead_to_the_fields(form):
    with pytest.raises(deform.ValidationFailure) as failure:
        form.validate([("title", "")])

    page = BeautifulSoup(failure.value.render(), "lxml")

    link = page.select_one("#errors a")
    wrong = page.select_one(link["href"])
    assert wrong["name"] == "title"
    assert wrong["aria-invalid"] == "true"
    for described in wrong["aria-describedby"].split():
        assert page.find(id=described)


def test_every_control_has_a_name(form):
    page = BeautifulSoup(form.render(FILLED), "lxml")

    labelled = {label["for"] for label in page.select("label[for]")}
    for one in page.select("input:not([type=hidden]), textarea, select"):
        assert one["id"] in labelled


@pytest.mark.parametrize(
    ("verb", "after", "words"),
    [
        ("add", None, ["a", "b", ""]),
        ("remove", "a", ["b"]),
        ("down", "a", ["b", "a"]),
        ("up", "b", ["b", "a"]),
    ],
)
def test_buttons_change_a_sequence_without_a_script(form, verb, after, words):
    sent = controls(BeautifulSoup(form.render(FILLED), "lxml"))
    if after is None:
        place = sent.index(("__end__", "words:sequence"))
    else:
        place = sent.index(("word", after)) + 1
    sent.insert(place, ("__sequence__", verb))

    assert press_sequence_button(form, sent)

    page = BeautifulSoup(form.render(), "lxml")
    assert [one["value"] for one in page.select("[name=word]")] == words
    assert page.select_one("[name=title]")["value"] == "<Идиот>"


def test_items_that_are_mappings_are_added_too(form):
    sent = controls(BeautifulSoup(form.render(FILLED), "lxml"))
    sent.insert(sent.index(("__end__", "people:sequence")), ("__sequence__", "add"))

    assert press_sequence_button(form, sent)

    page = BeautifulSoup(form.render(), "lxml")
    assert [one["value"] for one in page.select("[name=name]")] == ["Лев", ""]


def test_sending_a_form_presses_no_sequence_button(form):
    assert not press_sequence_button(form, [("title", "x"), ("save", "save")])
