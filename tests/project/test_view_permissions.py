"""Every view against every role: one table, kept in docs/ and tried on the demo city.

The table is what the resources themselves say; the second half asks the site for every page as
everybody and sees that it answers accordingly. After a wanted change write the table anew with
``UPDATE_PERMISSIONS=1 make test T=tests/project/test_view_permissions.py``.
"""

import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fixtures.demo import signed_in
from fixtures.marc_files import marc_record
from fixtures.people import PASSWORD, PASSWORDS
from pyramid.interfaces import IExceptionResponse, IRequestExtensions
from pyramid.request import Request, apply_request_extensions
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.traversal import ResourceTreeTraverser
from sqlalchemy import select

from bibliopolis.accounts.models import Person
from bibliopolis.catalogue.import_run import Rejection
from bibliopolis.catalogue.marc import Place
from bibliopolis.circulation.models import Hold, HoldState, Loan, LoanState
from bibliopolis.circulation.whatif.models import ReportState, WhatIfReport
from bibliopolis.consultations.models import Enquiry, EnquiryState
from bibliopolis.consultations.services import Tickets
from bibliopolis.consultations.services.tickets import THREAD
from bibliopolis.content.resources import NodeInLanguage
from bibliopolis.intake.harvest.declared import Source
from bibliopolis.intake.models import QuarantinedRecord
from bibliopolis.intake.quarantine import Quarantine
from bibliopolis.intake.runs import Runs
from bibliopolis.libraries.models import Library
from bibliopolis.participation.models import SavedSearch
from bibliopolis.readers.models import Reader
from bibliopolis.readers.services import Readers
from bibliopolis.resources.access import Grant, Permission, Principals, Role
from bibliopolis.resources.traversal import Site

TABLE = Path(__file__).resolve().parent.parent.parent / "docs" / "permissions.md"

# An address for every kind of resource; pages and holds in each state that gives other rights.
SAMPLES = {
    "the root": "/",
    "front page": "/en",
    "front page, for editors": "/en/home",
    "published page": "/en/for-readers/card",
    "page in review": "/ru/news/winter-hours",
    "search page": "/en/catalogue",
    "record": "/en/catalogue/1",
    "libraries": "/en/libraries",
    "library": "/en/libraries/central",
    "account": "/en/account",
    "second factor of a person": "/en/account/second-factor",
    "programs of a person": "/en/account/programs",
    "saved searches of a person": "/en/account/searches",
    "saved search": "/en/account/searches/{saved}",
    "notices of a reader": "/en/account/notices",
    "holds of a reader": "/en/account/holds",
    "hold in the queue": "/en/account/holds/{queued}",
    "hold ready to collect": "/en/account/holds/{ready}",
    "fulfilled hold": "/en/account/holds/{fulfilled}",
    "calendar of a reader": "/en/account/calendar",
    "calendar at an address": "/en/account/calendar/guessed.ics",
    "loans of a reader": "/en/account/loans",
    "loan": "/en/account/loans/{on_loan}",
    "desk": "/en/desk",
    "desk of a library": "/en/desk/central",
    "asking": "/en/ask",
    "form of a topic": "/en/ask/city",
    "question by its ticket": "/en/ask/question/{ticket}",
    "questions of a person": "/en/account/enquiries",
    "one's own question": "/en/account/enquiries/{mine}",
    "staff area": "/en/staff",
    "queue of questions": "/en/staff/enquiries",
    "new question": "/en/staff/enquiries/{new}",
    "question in work": "/en/staff/enquiries/{in_work}",
    "question that waits": "/en/staff/enquiries/{waiting}",
    "answered question": "/en/staff/enquiries/{answered}",
    "closed question": "/en/staff/enquiries/{closed}",
    "stray letters": "/en/staff/stray-letters",
    "topics of questions": "/en/staff/topics",
    "making a topic": "/en/staff/topics/+new",
    "topic of questions": "/en/staff/topics/city",
    "people": "/en/staff/people",
    "person": "/en/staff/people/1",
    "groups": "/en/staff/groups",
    "group": "/en/staff/groups/1",
    "audit log": "/en/staff/audit",
    "outbox": "/en/staff/outbox",
    "organisations": "/en/staff/libraries",
    "founding an organisation": "/en/staff/libraries/+new",
    "organisation": "/en/staff/libraries/central",
    "types": "/en/@types",
    "type": "/en/@types/page",
    "readers at the desk": "/en/staff/readers",
    "reader at the desk": "/en/staff/readers/{reader}",
    "searches in vain": "/en/staff/sought",
    "refusals": "/en/staff/refusals",
    "what if": "/en/staff/whatif",
    "what-if report": "/en/staff/whatif/{whatif}",
    "vocabularies": "/en/@vocabularies",
    "vocabulary": "/en/@vocabularies/audiences",
    "imports": "/en/staff/imports",
    "import": "/en/staff/imports/1",
    "harvests": "/en/staff/imports/harvests",
    "source of harvests": "/en/staff/imports/harvests/national-library",
    "quarantine": "/en/staff/imports/quarantine",
    "refused record": "/en/staff/imports/quarantine/{quarantined}",
    "workflows": "/en/staff/workflows",
    "workflow": "/en/staff/workflows/editorial",
}
PEOPLE = {
    Role.EVERYONE: None,
    Role.SIGNED_IN: "nobody-special",
    Role.READER: "reader",
    Role.TRANSLATOR: "translator",
    Role.EDITOR: "editor",
    Role.REVIEWER: "reviewer",
    Role.MANAGER: "manager",
    Role.CONSULTANT: "consultant",
    Role.LIBRARIAN: "librarian",
    Role.ADMINISTRATOR: "admin",
}
# What a person has the right to, but this page does not have.
NOTHING_THERE = {
    ("account", "second-step"),  # it comes after the password
    ("account", "stop-alerts"),  # the link of a letter goes on
    ("calendar at an address", ""),  # its address is a secret
    ("organisation", "closing"),  # its address says which
    ("organisation", "closing.csv"),
    ("page in review", "translate"),  # it is in its source language
    ("page in review", "feed"),  # a feed carries what is public
}
NAMES_MORE = {"file", "@closings"}  # its address goes on with the name of a file, or an id
LED_TO_SIGN_IN = "/account/sign-in"


@dataclass(frozen=True)
class View:
    """A view as the introspector knows it."""

    context: Any
    name: str
    method: str
    accept: str | None
    permission: str
    function: str

    def fits(self, resource: Any) -> bool:
        """Say whether it is a view of this resource."""
        return isinstance(resource, self.context)


@pytest.fixture(scope="module")
def site(demo_site):
    with demo_site.transaction() as request:
        request.db.add(
            Person(
                name="nobody-special",
                email="nobody-special@example.org",
                password_hash=PASSWORDS.hash(PASSWORD),
                language="en",
                created=request.clock.now(),
            )
        )
        keep_refused(request.find_service(Quarantine), request)
    return demo_site


def keep_refused(quarantine, request):
    """Keep a record that a file of the demo's first library had."""
    library_id = request.db.scalar(select(Library.id).where(Library.code == "central"))
    place = Place("catalogue.mrc", 7, 4000)
    refused = Rejection(place, "", "the record has no fields", b"00026nam a22000250  4500")
    quarantine.keep(library_id, "0" * 32, [refused], {})
    run = request.find_service(Runs).bring(library_id, "a.mrc", BytesIO(marc_record(1).as_marc()))
    assert run.id == 1
    source = Source("national-library", "National", "https://oai.example.org", "marc21", "central")
    request.registry["bibliopolis.harvest_sources"] = {source.name: source}


@pytest.fixture(scope="module")
def views(site):
    """Views of resources, a page and its JSON twin being one line."""
    found = []
    for item in site.app.registry.introspector.get_category("views", ()):
        view = item["introspectable"]
        context = view["context"]
        if view["route_name"] or not isinstance(context, type):
            continue
        if context is IExceptionResponse or issubclass(context, BaseException):
            continue
        (permission,) = (
            related["value"]
            for related in item["related"]
            if related.category_name == "permissions"
        )
        methods = view["request_methods"] or "GET"
        found.append(
            View(
                context,
                view["name"],
                methods if isinstance(methods, str) else "/".join(methods),
                view["accept"],
                permission,
                getattr(view["callable"], "__name__", ""),
            )
        )
    return found


@pytest.fixture(scope="module")
def addresses(site):
    """The sample addresses, with the numbers of holds filled in."""
    with site.transaction() as request:
        numbers = {
            str(state): request.db.scalar(
                select(Hold.uid).where(Hold.state == state).order_by(Hold.id)
            )
            for state in HoldState
        }
        out = select(Loan.uid).where(Loan.state == LoanState.ON_LOAN).order_by(Loan.id)
        numbers["on_loan"] = request.db.scalar(out)
        numbers["quarantined"] = request.db.scalar(select(QuarantinedRecord.id))
        numbers["reader"] = request.db.scalar(select(Reader.uid).order_by(Reader.id))
        numbers["saved"] = request.db.scalar(select(SavedSearch.uid).order_by(SavedSearch.id))
        numbers["whatif"] = report_of(request)
        for state in EnquiryState:
            asked = select(Enquiry).where(Enquiry.state == state).order_by(Enquiry.id)
            enquiry = request.db.scalars(asked).first()
            numbers[str(state)] = enquiry.id
            if state == EnquiryState.WAITING:
                numbers["ticket"] = request.find_service(Tickets).write(enquiry, THREAD)
                numbers["mine"] = enquiry.uid
    return {name: path.format(**numbers) for name, path in SAMPLES.items()}


def report_of(request):
    """Return the uid of a report; the demo has none."""
    now = request.clock.now()
    report = WhatIfReport(title="Sample", draft="", since=now, until=now, created=now, changes={})
    report.state = ReportState.STOPPED
    request.db.add(report)
    request.db.flush()
    return report.uid


def resource_at(site, within, path, principals):
    """Return what lies at an address, for somebody."""
    request = Request.blank(
        path,
        environ={"tm.active": True, "tm.manager": within.tm, "bibliopolis.db": within.db},
    )
    request.registry = site.app.registry
    apply_request_extensions(request, request.registry.queryUtility(IRequestExtensions))
    request.principals = principals
    found = ResourceTreeTraverser(Site(request))(request)
    assert found["view_name"] == "", f"{path}: nothing is called {found['view_name']}"
    return found["context"]


def needed(view, resource):
    """Return the permission a view asks for; the page's own view asks its resource itself."""
    if view.permission == NO_PERMISSION_REQUIRED and isinstance(resource, NodeInLanguage):
        return Permission.VIEW
    return view.permission


def roles_with(view, resource):
    """Return the roles that may use a view; whoever is signed in is everyone, too."""
    if needed(view, resource) == NO_PERMISSION_REQUIRED:
        return frozenset(Role)
    roles = frozenset(resource.allowed_roles(needed(view, resource)))
    if Role.EVERYONE in roles:
        return frozenset(Role)
    return frozenset(Role) - {Role.EVERYONE} if Role.SIGNED_IN in roles else roles


def may_use(view, resource, principals):
    permission = needed(view, resource)
    return permission == NO_PERMISSION_REQUIRED or principals.may(permission, resource)


def test_every_kind_of_resource_has_a_sample(site, views, addresses):
    with site.transaction() as request:
        found = {
            type(resource_at(site, request, path, Principals())) for path in addresses.values()
        }

    missing = {
        view.context.__name__
        for view in views
        if not any(issubclass(kind, view.context) for kind in found)
    }
    assert missing == set()


def test_the_table_in_the_documentation_is_true(site, views, addresses):
    with site.transaction() as request:
        table = write_table(site, request, views, addresses)
    if os.environ.get("UPDATE_PERMISSIONS"):
        TABLE.write_text(table, encoding="utf-8")

    assert TABLE.read_text(encoding="utf-8") == table, (
        "what people may do has changed: see the docstring of this test"
    )


def write_table(site, request, views, addresses):
    columns = [role for role in Role if role != Role.READER]
    columns.insert(2, Role.READER)
    lines = [
        "# Who may do what",
        "",
        "Written by `tests/project/test_view_permissions.py`, which says how to write it anew.",
        "A dot: whoever holds the role there may. The roles up to “owner” follow from who asks,",
        "the others are granted for the whole site, a part of it, a language or a library.",
        "",
        "| resource | view | method | permission | "
        + " | ".join(str(role).replace("_", " ") for role in columns)
        + " |",
        "|---|---|---|---|" + ":-:|" * len(columns),
    ]
    for sample, path in addresses.items():
        resource = resource_at(site, request, path, Principals())
        rows = {
            (view.name, view.method, needed(view, resource)): roles_with(view, resource)
            for view in views
            if view.fits(resource)
        }
        for (name, method, permission), roles in sorted(rows.items()):
            shown = "none needed" if permission == NO_PERMISSION_REQUIRED else str(permission)
            marks = ["•" if role in roles else "" for role in columns]
            cells = [sample, f"`{name}`" if name else "", method, shown, *marks]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def principals_of(request, name):
    if name is None:
        return Principals()
    person = request.db.scalar(select(Person).where(Person.email == f"{name}@example.org"))
    grants = frozenset(Grant.parse(held.role, held.scope) for held in person.grants)
    reader_id = request.find_service(Readers).reader_id_of(person.id)
    return Principals(person.id, reader_id, grants)


@pytest.mark.parametrize("role", PEOPLE)
def test_every_page_answers_as_the_table_says(site, views, addresses, role):
    name = PEOPLE[role]
    web = signed_in(site, name) if name else site.web()
    wrong = []
    for sample, path in addresses.items():
        with site.transaction() as request:
            principals = principals_of(request, name)
            resource = resource_at(site, request, path, principals)
            asked = [
                (view, may_use(view, resource, principals))
                for view in views
                if view.fits(resource) and view.method == "GET"
            ]
        for view, may in asked:
            address = f"{path.rstrip('/')}/@@{view.name}" if view.name else path
            headers = {"Accept": view.accept} if view.accept else {}
            answer = web.get(address, headers=headers, status="*")
            refused = answer.status_int in (401, 403, 404, 410) or LED_TO_SIGN_IN in (
                answer.headers.get("Location", "")
            )
            given = answer.status_int < 300
            nothing = (sample, view.name) in NOTHING_THERE or view.name in NAMES_MORE
            if answer.status_int >= 500 or (refused and may and not nothing) or (given and not may):
                wrong.append((sample, address, view.accept, answer.status_int, may))

    assert wrong == [], "\n".join(map(str, wrong))
