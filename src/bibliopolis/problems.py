"""What a person or a program gets when something goes wrong: the one place that knows HTTP.

Exception views run before the rollback, on a session that may be broken: nothing here touches
``request.db``, and the page's layout asks for nothing that would. Programs get the same as
``application/problem+json`` (RFC 9457).
"""

from __future__ import annotations

import logging
from typing import Any

from pyramid.config import Configurator
from pyramid.csrf import get_csrf_token
from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken, PredicateMismatch
from pyramid.httpexceptions import HTTPException
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response
from pyramid_retry import is_last_attempt
from pyramid_tm import is_tm_active
from sqlalchemy.exc import OperationalError

from bibliopolis import errors
from bibliopolis.frame import Link
from bibliopolis.given_back import given_back, page_of_the_form
from bibliopolis.i18n import _

log = logging.getLogger(__name__)

TITLES = {
    400: _("This request cannot be understood"),
    401: _("Nobody is signed in"),
    403: _("You may not do this"),
    404: _("There is no such page"),
    405: _("This page cannot do that"),
    406: _("This cannot be had in that form"),
    409: _("This is not possible now"),
    410: _("This page has been taken away"),
    412: _("This has been changed meanwhile"),
    413: _("This is too large"),
    415: _("This cannot be read in that form"),
    429: _("These are too many attempts"),
    500: _("Something went wrong on our side"),
    503: _("Too many are at work here just now"),
}
ADVICE = {
    400: _("Go back, check what you entered and try again."),
    401: _("Sign in first; programs send a token in the header Authorization."),
    403: _("Sign in with an account that may, or ask the people who run the site."),
    404: _("Check the address, or search for what you need."),
    405: _("Go back and use the buttons of the page."),
    406: _("Ask for application/json or text/html."),
    409: _("Load the page again to see how things stand now."),
    410: _("Perhaps the search finds what took its place."),
    412: _("Read it again, and then repeat the change."),
    413: _("Send something smaller."),
    415: _("Send JSON, with the header Content-Type: application/json."),
    429: _("Wait a little, then try again."),
    500: _("We have noted it. Please try again in a few minutes."),
    503: _("Nothing was changed. Please try again in a moment."),
}
STATUS: tuple[tuple[type[errors.BibliopolisError], int], ...] = (
    (errors.Unprocessable, 422),
    (errors.InvalidInput, 400),
    (errors.NotSignedIn, 401),
    (errors.NotAllowed, 403),
    (errors.NotFoundHere, 404),
    (errors.Conflict, 409),
    (errors.SeenOlder, 412),
    (errors.Gone, 410),
)


def status_of(error: errors.BibliopolisError) -> int:
    """Return the HTTP status of a domain error; what is not in the table is a conflict."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 409)


def wants_json(request: Request) -> bool:
    """Say whether the answer should be JSON: the client prefers it to a page."""
    offers = request.accept.acceptable_offers(["text/html", "application/json"])
    return bool(offers) and offers[0][0] == "application/json"


def problem(
    request: Request,
    status: int,
    detail: Any = None,
    reasons: tuple[Any, ...] = (),
    fields: dict[str, Any] | None = None,
    advice: Any = True,
    ways: tuple[Link, ...] = (),
    again: bool = False,
    blocks: tuple[Any, ...] = (),
    code: str | None = None,
) -> Response:
    """Return the problem as a page of the theme or as ``application/problem+json``.

    The page gives back the sentences a person had typed: they were not kept. ``advice`` is another
    than the usual one, or none (False) where the detail says what to do; ``ways`` lead on. With
    ``again`` a form that is whole can be sent once more as it was, with a fresh token. ``blocks``
    are reasons with a code and what would help; ``code`` is that of the problem itself.
    """
    title = TITLES.get(status, TITLES[500 if status >= 500 else 400])
    what_to_do = ADVICE.get(status, ADVICE[500 if status >= 500 else 400])
    if wants_json(request):
        translate = request.translate
        said = translate(detail if detail is not None else what_to_do)
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": translate(title),
            "status": status,
            "detail": said,
            "message": said,  # where clients made for Plone look
        }
        if code:
            body["code"] = code
        if blocks:
            body["blocks"] = [block_json(request, block) for block in blocks]
        if reasons:
            body["reasons"] = [translate(reason) for reason in reasons]
        if fields:
            body["errors"] = [
                {"field": name, "message": translate(text)} for name, text in fields.items()
            ]
        response = Response(json_body=body, content_type="application/problem+json")
    else:
        back = given_back(request)
        values = {
            "status": status,
            "title": title,
            "advice": what_to_do if advice is True else advice or None,
            "detail": detail,
            "reasons": () if blocks or reasons == (detail,) else reasons,
            "blocks": blocks,
            "written": back.texts,
            "again": back.fields if again and back.is_whole else None,
            "ways": ways,
        }
        response = render_to_response("problem.pt", values, request=request)
    response.status_int = status
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="bibliopolis"'
    response.cache_control.no_store = True
    return response


def block_json(request: Request, block: Any) -> dict[str, Any]:
    """Return a reason of a rule as programs get it: a code, and what a person may be told."""
    translate = request.translate
    return {
        "code": str(block.code),
        "message": translate(block.message),
        "remedy": translate(block.remedy) if block.remedy else None,
    }


def domain_problem(error: errors.BibliopolisError, request: Request) -> Response:
    """Answer a refusal of the domain, with all its reasons."""
    reasons = error.reasons if isinstance(error, errors.Conflict) else ()
    blocks = error.blocks if isinstance(error, errors.Blocked) else ()
    fields = error.errors if isinstance(error, errors.InvalidInput) else None
    code = error.code if isinstance(error, errors.Unprocessable) else None
    status = status_of(error)
    ways = _way_back(request) if status in (400, 409) else ()
    return problem(
        request, status, error.reason, reasons, fields, ways=ways, blocks=blocks, code=code
    )


def http_problem(error: HTTPException, request: Request) -> Response:
    """Answer what Pyramid raises; redirections pass as they are."""
    if error.status_int < 400:
        return error
    answer = problem(request, error.status_int)
    for name in ("Accept-Patch", "Accept-Post", "Allow", "Retry-After"):
        if name in error.headers:
            answer.headers[name] = error.headers[name]
    return answer


def mismatch_problem(error: PredicateMismatch, request: Request) -> Response:
    """Answer a method that this page does not have, and name those it has."""
    methods = _methods_here(request)
    if not methods or request.method in methods:
        return http_problem(error, request)
    answer = problem(request, 405)
    answer.headers["Allow"] = ", ".join(sorted(methods))
    return answer


def _methods_here(request: Request) -> frozenset[str]:
    """Return the methods of the views this address might have meant."""
    route = getattr(request, "matched_route", None)
    found: set[str] = set()
    for item in request.registry.introspector.get_category("views", ()):
        view = item["introspectable"]
        context = view["context"]
        here = (
            view["name"] == request.view_name
            and view["route_name"] == (route.name if route else None)
            and not view["exception_only"]
            and (context is None or (isinstance(context, type) and _is(request.context, context)))
        )
        if here:
            methods = view["request_methods"] or ("GET", "HEAD", "POST")
            found.update((methods,) if isinstance(methods, str) else methods)
    return frozenset(found | {"HEAD"} if "GET" in found else found)


def _is(resource: Any, context: type) -> bool:
    if issubclass(context, BaseException):
        return False
    return isinstance(resource, context)


def csrf_problem(error: Exception, request: Request) -> Response:
    """Answer a form that was not ours, or too old; a program has no form, and needs a token.

    Signing in and out changes the token, so that forms of other tabs are too old then: whoever
    has typed there sends it again by one more click, and sees as whom.
    """
    if request.content_type == "application/json":
        return problem(request, 401)
    get_csrf_token(request)
    ways = _way_back(request)
    back = given_back(request)
    if not back.is_whole:
        said = _("This form has expired. Go back, load the page again and send it anew.")
        return problem(request, 400, said, advice=False, ways=ways)
    said = _("This form has expired: you have signed in or out since it was opened.")
    visitor = getattr(request, "visitor", None)
    advice = _("Nothing is lost. Look it over and send it again.")
    if visitor is not None:
        advice = _(
            "Nothing is lost. Look it over and send it again, as ${name}.",
            mapping={"name": visitor.name},
        )
    return problem(request, 400, said, advice=advice, ways=ways, again=True)


def _way_back(request: Request) -> tuple[Link, ...]:
    """Return the link to the page of a form that was refused, where the browser tells it."""
    page = page_of_the_form(request) if request.method == "POST" else None
    return (Link(_("Back to the page of the form"), page),) if page else ()


def unreadable_problem(error: Exception, request: Request) -> Response:
    """Answer an address or a parameter that is no valid text."""
    return problem(request, 400, _("The address contains characters that cannot be read."))


def database_problem(error: OperationalError, request: Request) -> Response:
    """Answer a change that waited too long for SQLite's one writer; anything else is unexpected."""
    if "database is locked" not in str(error.orig):
        return unexpected_problem(error, request)
    log.warning("the database was locked too long for %s %s", request.method, request.path)
    answer = problem(request, 503, again=True)
    answer.headers["Retry-After"] = "5"
    return answer


def unexpected_problem(error: Exception, request: Request) -> Response:
    """Answer what nobody foresaw; the log has the details, the visitor does not."""
    if _is_tried_again(request, error):
        log.info("trying %s %s again: %s", request.method, request.path, type(error).__name__)
    else:
        log.exception("unexpected error at %s %s", request.method, request.path)
    return problem(request, 500)


def _is_tried_again(request: Request, error: Exception) -> bool:
    # The transaction marks such an error only when it ends, after this view.
    if is_last_attempt(request) or not is_tm_active(request):
        return False
    return bool(request.tm.get().isRetryableError(error))


def includeme(config: Configurator) -> None:
    """Register the exception views."""
    for kind, view in (
        (errors.BibliopolisError, domain_problem),
        (HTTPException, http_problem),
        (PredicateMismatch, mismatch_problem),
        (BadCSRFToken, csrf_problem),
        (BadCSRFOrigin, csrf_problem),
        (UnicodeDecodeError, unreadable_problem),
        (OperationalError, database_problem),
        (Exception, unexpected_problem),
    ):
        config.add_exception_view(view, context=kind)
