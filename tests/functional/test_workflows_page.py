"""Staff see how things move here, as a drawing and as tables that say the same."""

import pytest
from lxml import etree


@pytest.fixture
def staff(make_person, sign_in):
    make_person("anna", editor="lang:ru")
    return sign_in("anna")


def test_every_workflow_is_drawn_and_told_in_tables(staff):
    page = staff.get("/en/staff/workflows")

    for name in ("editorial", "hold"):
        panel = page.html.find(id=name)
        assert panel.find("svg", role="img").find("title").text
        captions = [table.caption.text for table in panel.find_all("table")]
        assert captions == ["Who may do what in each state", "Steps"]
    steps = page.html.find(id="editorial").find_all("table")[1]
    assert "a comment is needed" in steps.text
    assert "In review → to Draft" in " ".join(steps.text.split()).replace("→to", "→ to")


def test_a_drawing_can_be_taken_away_as_a_file(staff):
    page = staff.get("/en/staff/workflows")
    link = page.html.find(id="hold").find("a", download="hold.svg")

    answer = staff.get(link["href"])

    assert answer.content_type == "image/svg+xml"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hold.svg"'
    assert etree.fromstring(answer.body).tag.endswith("svg")


def test_under_arabic_the_drawings_run_from_right_to_left(staff):
    page = staff.get("/ar/staff/workflows")

    assert page.html.find("svg", role="img")["direction"] == "rtl"


def test_a_workflow_that_is_not_there_is_not_found(staff):
    staff.get("/en/staff/workflows/nothing/svg", status=404)


def test_who_does_not_work_here_sees_no_workflows(web, make_person, sign_in):
    make_person("boris")

    visitor = sign_in("boris")

    visitor.get("/en/staff/workflows", status=403)
    visitor.get("/en/staff/workflows/hold/svg", status=403)
