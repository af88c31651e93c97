"""The thread as its asker sees it: in the account, or by the ticket of a letter."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.db import new_uid
from bibliopolis.errors import Conflict, InvalidInput, NotAllowed
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parameters import batch, batching, offset, pager
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

from .asking import replies_not_too_often
from .forms import LONGEST_QUESTION, once, read_message
from .models import EnquiryState
from .presenters import enquiry_json, facts_of, line_of, my_url, thread_json, thread_page
from .resources import AskersThread, MyEnquiries, MyEnquiry
from .services import Attachments, Enquiries, EnquiryLists, Topics
from .views import checked_files

PAGE = 20


@view_config(
    context=MyEnquiries,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="consultations/my_enquiries.pt",
)
def show_my_enquiries(context: MyEnquiries, request: Request) -> dict[str, Any]:
    """Show all one's own questions, the newest first."""
    total, rows = request.find_service(EnquiryLists).asked_by(
        request.principals.person_id, offset(request, PAGE), PAGE
    )
    return {
        "lines": [line_of(request, one, my_url(request, one)) for one in rows],
        "total": total,
        "pager": pager(request, total, PAGE),
        "crumbs": [
            (_("Home"), request.frame.home),
            (_("My account"), f"{request.frame.home}/account"),
            (_("My questions"), None),
        ],
    }


@view_config(
    context=MyEnquiries,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def my_enquiries_as_json(context: MyEnquiries, request: Request) -> dict[str, Any]:
    """Tell a program of the visitor's questions, and of nobody else's."""
    asked, size = batch(request.GET)
    start = asked or 0
    total, rows = request.find_service(EnquiryLists).asked_by(
        request.principals.person_id, start, size
    )
    here = request.address(context, absolute=True)
    return {
        "@id": here,
        "@type": "Enquiries",
        "items_total": total,
        "items": [
            enquiry_json(request, line_of(request, one, my_url(request, one))) for one in rows
        ],
        **batching(here, total, start, size),
    }


@view_config(
    context=AskersThread,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    renderer="consultations/thread.pt",
)
def show_thread(context: AskersThread, request: Request) -> dict[str, Any]:
    """Show what was asked and answered, and the form to say more."""
    return _thread(context, request, {}, {})


@view_config(
    context=AskersThread,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def thread_as_json(context: AskersThread, request: Request) -> dict[str, Any]:
    """Tell a program what was asked and answered."""
    enquiry = context.enquiry
    here = request.address(context)
    return {
        **enquiry_json(request, line_of(request, enquiry, here)),
        **thread_json(request, enquiry, here, notes=False, for_staff=False),
    }


@view_config(
    context=AskersThread,
    name="reply",
    permission=Permission.VIEW,
    request_method="POST",
    renderer="consultations/thread.pt",
)
def reply(context: AskersThread, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Say more; the state may have changed meanwhile, and what was written must not be lost."""
    try:
        text = read_message(request.POST, LONGEST_QUESTION)
        replies_not_too_often(request, context.enquiry)
        with request.db.begin_nested():
            files = checked_files(request)
            uid = once(request.POST)
            request.find_service(Enquiries).reply(context.enquiry.id, text, uid, files)
    except InvalidInput as error:
        return _thread(context, request, request.POST, error.errors, 400)
    except (Conflict, NotAllowed) as error:
        request.db.refresh(context.enquiry)
        reason = error.reasons[0] if isinstance(error, Conflict) else error.reason
        return _thread(context, request, request.POST, {"text": reason}, 409)
    flash(request, _("Your message is on its way."))
    return HTTPSeeOther(location=request.address(context))


@view_config(context=AskersThread, name="close", permission=Permission.CLOSE, request_method="POST")
def close(context: AskersThread, request: Request) -> HTTPSeeOther:
    """End the thread: the asker needs no more."""
    request.find_service(Enquiries).close(context.enquiry.id)
    flash(request, _("The question is closed."))
    return HTTPSeeOther(location=request.address(context))


def _thread(
    context: AskersThread,
    request: Request,
    values: Any,
    errors: dict[str, Any],
    status: int = 200,
) -> dict[str, Any]:
    request.response.status_int = status
    # The address of a thread by ticket is its key.
    request.response.cache_control.no_store = True
    enquiry, here = context.enquiry, request.address(context)
    part = thread_page(request, enquiry, here, notes=False, for_staff=False)
    in_account = isinstance(context, MyEnquiry)
    account = f"{request.frame.home}/account"
    first = (
        [(_("My account"), account), (_("My questions"), f"{account}/enquiries")]
        if in_account
        else [(_("Ask a librarian"), f"{request.frame.home}/ask")]
    )
    may_reply = request.principals.may(Permission.REPLY, context)
    return {
        "line": line_of(request, enquiry, here),
        "enquiry": enquiry,
        "part": part,
        "files": request.find_service(Attachments).of(enquiry),
        "facts": facts_of(request, enquiry, request.find_service(Topics).by_id(enquiry.topic_id)),
        "values": values,
        "errors": errors,
        "problems": problems_of(errors),
        "may_reply": may_reply and enquiry.forgotten is None,
        "may_close": may_reply and enquiry.state != EnquiryState.ANSWERED,
        "waits": enquiry.state == EnquiryState.WAITING,
        "is_answered": enquiry.state == EnquiryState.ANSWERED,
        "once": values.get("once") or new_uid(),
        "url": here,
        "crumbs": [(_("Home"), request.frame.home), *first, (enquiry.title or "…", None)],
    }
