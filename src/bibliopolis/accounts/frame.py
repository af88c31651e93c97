"""What accounts puts into the frame of every page: who is here, and the staff side's sections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from pyramid.request import Request

from bibliopolis.accounts.resources import may_enter_staff_area, may_manage_site
from bibliopolis.frame import Account, Link, RailGroup
from bibliopolis.i18n import _, _n
from bibliopolis.outbox import Outbox, heartbeats


def account(request: Request) -> Account:
    """Return who is here with a menu, or the way to sign in and back to this page."""
    home = request.frame.home
    visitor = request.visitor
    if visitor is None:
        return Account(_("Sign in"), sign_in_url(request))
    links = [Link(_("My account"), f"{home}/account")]
    if may_enter_staff_area(request):
        links.append(Link(_("Staff side"), f"{home}/staff"))
    if request.owes_second_factor:
        links.append(Link(_("Set up the second step"), f"{home}/account/second-factor"))
    return Account(visitor.name, f"{home}/account", tuple(links), f"{home}/account/sign-out")


def rail(request: Request) -> Iterable[RailGroup]:
    """Return the staff side's own sections."""
    if not may_enter_staff_area(request):
        return
    here = f"{request.frame.home}/staff"
    yield RailGroup(_("Work"), (Link(_("Overview"), here, "house", exact=True),))


def administration_rail(request: Request) -> Iterable[RailGroup]:
    """Return what keeps the site going: people for administrators, workflows for all staff."""
    if not may_enter_staff_area(request):
        return
    here = f"{request.frame.home}/staff"
    links = [Link(_("Workflows"), f"{here}/workflows", "diagram-3")]
    if may_manage_site(request):
        links = [
            Link(_("People"), f"{here}/people", "people"),
            Link(_("Groups"), f"{here}/groups", "person-plus"),
            Link(_("Audit log"), f"{here}/audit", "journal-text"),
            Link(_("Outbox"), f"{here}/outbox", "inbox"),
            *links,
        ]
    yield RailGroup(_("Administration"), tuple(links))


def sign_in_url(request: Request) -> str:
    """Return the way to sign in and come back here afterwards."""
    form = f"{request.frame.home}/account/sign-in"
    if request.method not in {"GET", "HEAD"} or request.path_info.endswith("/account/sign-in"):
        return form
    return f"{form}?{urlencode({'came_from': request.path_qs})}"


def trouble_panel(request: Request) -> Mapping[str, Any] | None:
    """Tell an administrator what has failed, or that nobody works; silent when all is well."""
    if not may_manage_site(request):
        return None
    failed, _rows = request.find_service(Outbox, context=None).failures(0, 1)
    works = any(lives for _name, _seen, lives in heartbeats(request.db, request.clock.now()))
    if works and not failed:
        return None
    return {
        "title": _("Needs attention"),
        "count": failed,
        "works": works,
        "failed": _n("${n} task failed", "${n} tasks failed", failed) if failed else None,
        "outbox_url": f"{request.frame.home}/staff/outbox",
    }
