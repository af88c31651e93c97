"""The document of the REST API is true: schemathesis calls everything in it, as everybody.

Whatever is sent, the site answers with a status and a body that the document tells of, and never
with a failure of its own.
"""

import shutil

import pytest
import schemathesis
from fixtures.people import PASSWORD, PASSWORDS
from fixtures.programs import Program
from fixtures.sites import SITE, CommittingSite
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from bibliopolis import configure
from bibliopolis.circulation.emergency.models import EmergencyClosing
from bibliopolis.circulation.models import Hold, Loan, Transit
from bibliopolis.circulation.whatif.models import WhatIfReport
from bibliopolis.consultations.models import Asker, Enquiry, EnquiryState, Topic
from bibliopolis.consultations.services import Tickets
from bibliopolis.consultations.services.tickets import THREAD
from bibliopolis.db import make_engine
from bibliopolis.request_class import make_app
from bibliopolis.resources.operations import REGISTRY

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 6
PEOPLE = [None, "reader", "editor", "librarian", "consultant"]
JSON = "application/json"


@pytest.fixture(scope="module")
def city(demo_site, tmp_path_factory):
    """A copy of the demo city, which the tests may write into."""
    data = tmp_path_factory.mktemp("openapi") / "data"
    demo_site.engine.dispose()  # what is still in the journal goes into the file
    shutil.copytree(demo_site.data, data)
    url = f"sqlite:///{data / 'bibliopolis.sqlite'}"
    engine = make_engine(url)
    kept = ("bibliopolis.clock", "bibliopolis.search_index")
    registered = {
        "bibliopolis.engine": engine,
        "bibliopolis.passwords": PASSWORDS,
        **{name: demo_site.app.registry[name] for name in kept},
    }
    settings = {
        "bibliopolis.site": str(SITE),
        "bibliopolis.data": str(data),
        "bibliopolis.database": url,
        "bibliopolis.secret": "for tests only",
    }
    yield CommittingSite(make_app(configure(settings, registered)), url, data)
    engine.dispose()


@pytest.fixture(scope="module")
def document(city):
    return schemathesis.openapi.from_wsgi("/@openapi", city.app)


@pytest.fixture(scope="module")
def sign_in(city):
    """Give a new token to one of the people; nobody has none."""
    web = city.web()

    def sign_in(name):
        if name is None:
            return None
        credentials = {"login": f"{name}@example.org", "password": PASSWORD}
        return Program(web).post("/@login", credentials).json["token"]

    return sign_in


@pytest.fixture(scope="module")
def answers():
    """What was answered, by operation."""
    return {}


@pytest.fixture(scope="module")
def known(city):
    """What is there, for the places of an address that the document cannot tell."""
    with city.transaction() as request:
        holds = request.db.scalars(select(Hold.uid).order_by(Hold.id).limit(5)).all()
        # On its way from one of the two libraries to the other: both have its slip.
        travels = request.db.scalars(
            select(Transit.item_id).where(Transit.received.is_(None)).order_by(Transit.id)
        ).all()
        out = select(Loan.uid).where(Loan.closed.is_(None))
        loans = request.db.scalars(out.order_by(Loan.id).limit(5)).all()
        asked = request.db.scalars(
            select(Enquiry)
            .join(Asker)
            .where(Enquiry.state != EnquiryState.UNCONFIRMED)
            .order_by(Asker.email != "reader@example.org", Enquiry.id)
            .limit(5)
        ).all()
        topics = request.db.scalars(select(Topic.code).order_by(Topic.id)).all()
        tickets = request.find_service(Tickets)
        closing = request.db.scalars(select(EmergencyClosing.id)).one()
        threads = [(one.uid, str(one.id), tickets.write(one, THREAD)) for one in asked]
        now = request.clock.now()
        report = WhatIfReport(
            title="Closer", draft="rules: []", since=now, until=now, created=now, changes={}
        )
        request.db.add(report)
        request.db.flush()
    paths = ["news", "news/winter-hours", "for-readers/card", "home", "events/dostoevsky-walk"]
    return {
        "path": st.sampled_from(paths),
        "hold": st.sampled_from(holds),
        "closing": st.just(str(closing)),
        "report": st.just(report.uid),
        "item": st.sampled_from(travels),
        "loan": st.sampled_from(loans),
        "enquiry": st.sampled_from([uid for uid, _number, _ticket in threads]),
        "question": st.sampled_from([number for _uid, number, _ticket in threads]),
        "ticket": st.sampled_from([ticket for _uid, _number, ticket in threads]),
        "topic": st.sampled_from(topics),
        "library": st.sampled_from(["central", "fontanka"]),
        "record": st.integers(1, 5),
        "transition": st.sampled_from(
            ["publish", "reject", "retract", "cancel", "take", "answer", "reply", "hand_back"]
        ),
    }


def call(case, token):
    headers = {"Accept": JSON, "Accept-Encoding": "identity"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return case.call(headers=headers)


def try_out(operation, known, token, answers):
    """Call an operation with made-up values, and often with the name of something that is there."""
    places = {one.name: known[one.name] for one in operation.path_parameters if one.name in known}
    often = st.one_of(st.just({}), *[st.fixed_dictionaries(places)] * 3)
    queries = {one.name: known[one.name] for one in operation.query if one.name in known}
    asked = st.one_of(st.just({}), *[st.fixed_dictionaries(queries)] * 3)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), there=often, about=asked)
    def run(case, there, about):
        case.path_parameters.update(there)
        case.query = {**(case.query or {}), **about}
        answer = call(case, token)
        answers.setdefault(operation.label, set()).add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    run()


@pytest.mark.parametrize("name", PEOPLE)
def test_nothing_is_answered_that_the_document_does_not_tell(
    document, sign_in, known, answers, name
):
    wrong = []
    for found in document.get_all_operations():
        operation = found.ok()
        # A new token for each: some operations end it.
        try:
            try_out(operation, known, sign_in(name), answers)
        except (AssertionError, BaseExceptionGroup) as error:
            wrong.append(f"{operation.label}: {told(error)}")

    assert not wrong, "\n\n".join(wrong)


def told(error):
    return "; ".join(map(str, getattr(error, "exceptions", [error])))


def test_the_calls_have_reached_what_they_are_about(answers):
    # Changes that succeed are the matter of the stories: made-up bodies seldom are good ones.
    reading = {label: found for label, found in answers.items() if label.startswith("GET")}

    assert {label for label, found in reading.items() if 200 not in found} == set()
    assert set.union(*answers.values()) >= {200, 204, 400, 401, 403, 404, 409}


def test_a_status_that_the_document_keeps_back_is_noticed(city, known):
    document = Program(city.web()).get("/@openapi").json
    del document["paths"]["/{language}/{path}"]["get"]["responses"]["200"]
    schema = schemathesis.openapi.from_dict(document)
    schema.app = city.app

    with pytest.raises((AssertionError, BaseExceptionGroup), match="Undocumented"):
        try_out(schema["/{language}/{path}"]["GET"], known, None, {})


def test_every_view_for_programs_is_in_the_document(city):
    """A room that lets a view answer in JSON describes it in ``interchange/rest/described.py``."""
    known = {one.view for one in city.app.registry[REGISTRY]}
    missing = set()
    for item in city.app.registry.introspector.get_category("views"):
        view = item["introspectable"]
        if view["accept"] == JSON and view["callable"] not in known:
            missing.add(f"{view['callable'].__module__}.{view['callable'].__name__}")

    assert missing == set()
