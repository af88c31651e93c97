"""What stands in a feed: the newest pages of a list, as an anonymous visitor sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, UUID, uuid5

from pyramid.request import Request
from sqlalchemy import ColumnElement

from bibliopolis.content.head import page_url
from bibliopolis.content.listings import EVENT, NEWS, Listed, Listings
from bibliopolis.content.models import Content, ContentTranslation
from bibliopolis.content.pages import COLLECTION
from bibliopolis.content.resources import NodeInLanguage, home
from bibliopolis.errors import NotFoundHere
from bibliopolis.frame import Link
from bibliopolis.i18n import _
from bibliopolis.parameters import page_number
from bibliopolis.publicity import organization, whole
from bibliopolis.resources.access import Principals
from bibliopolis.resources.traversal import LanguageRoot
from bibliopolis.resources.types import ResourceTypes

from .feed import Entry, Feed

NAME = "feed"
SIZE = 25
KIND = "type"
KINDS: dict[str, Any] = {NEWS: _("News"), EVENT: _("Events"), COLLECTION: _("Reading collections")}
LISTED = (NEWS, EVENT, COLLECTION, "page")


@dataclass(frozen=True)
class Source:
    """Which pages a feed carries, and the page that shows them to people."""

    title: str
    page: str
    key: str
    condition: ColumnElement[bool]
    kind: str | None = None


def source_of(context: Any, request: Request) -> Source:
    """Return what the feed of a page carries; refuse what has no public title here."""
    kind = request.GET.get(KIND)
    if kind is not None and kind not in KINDS:
        raise NotFoundHere(_("There is no such feed."))
    node = context if isinstance(context, NodeInLanguage) else home(context, request)
    own = node.translations.get(request.page_language)
    is_live = own is not None and own.live_revision_id is not None
    if isinstance(context, NodeInLanguage) and not context.is_root and not is_live:
        raise NotFoundHere(_("This page has no feed in this language."))
    site = organization(request)["name"]
    below: ColumnElement[bool]
    if node.is_root:
        titles, below = [site], Content.parent_id.is_not(None)
    else:
        titles, below = [own.live_title if own else "", site], Content.parent_id == node.node.id
    if kind is not None:
        titles.insert(0, request.translate(KINDS[kind]))
    return Source(
        title=" · ".join(filter(None, titles)),
        page=whole(request, page_url(request, request.page_language, node.node.path)),
        key=f"feed {request.page_language} {kind or ''}",
        condition=below & Content.type.in_([kind] if kind else LISTED),
        kind=kind,
    )


def feed_of(context: Any, request: Request) -> Feed:
    """Return the page of the feed that was asked for."""
    source = source_of(context, request)
    listings = anonymous_listings(request)
    in_language = ContentTranslation.language == request.page_language
    total = listings.count(source.condition, in_language)
    last = max(1, -(-total // SIZE))
    number = min(page_number(request), last)
    found = listings.newest(source.condition, in_language, offset=(number - 1) * SIZE, limit=SIZE)
    entries = [_entry(request, one) for one in found]
    node = context if isinstance(context, NodeInLanguage) else home(context, request)
    return Feed(
        id=uuid5(_uuid(node.node.uid or request.host_url), source.key).urn,
        title=source.title,
        url=_address(request, source, number),
        page=source.page,
        language=request.page_language,
        author=organization(request)["name"],
        entries=entries,
        updated=max((one.updated for one in entries), default=node.node.created),
        links=_links(request, source, number, last),
    )


def anonymous_listings(request: Request) -> Listings:
    """Return lists of what everybody may see: a feed is the same for all and may be kept."""
    return Listings(
        db=request.db,
        clock=request.clock,
        types=request.find_service(ResourceTypes),
        principals=Principals(),
        languages=request.settings.all_languages,
        language=request.page_language,
    )


def offered(request: Request) -> Iterable[Link]:
    """Return the feeds of the page that is shown: of its own list, or of the whole site."""
    context = getattr(request, "context", None)
    if isinstance(context, LanguageRoot) and not request.view_name:
        address = page_url(request, request.page_language, "")
        for kind, title in KINDS.items():
            yield Link(title, f"{address}@@{NAME}?{urlencode({KIND: kind})}")
    elif (
        isinstance(context, NodeInLanguage)
        and context.type.name == "section"
        and not request.view_name
        and request.page_language in context.live_languages
    ):
        address = page_url(request, request.page_language, context.node.path)
        yield Link(context.live_title, f"{address}/@@{NAME}")


def _entry(request: Request, one: Listed) -> Entry:
    kind = request.translate(request.find_service(ResourceTypes)[one.type].title)
    tags = [str(tag) for tag in one.data.get("tags") or ()]
    when = ""
    if one.type == EVENT and one.starts is not None:
        only_day = one.shared.get("whole_day")
        when = (
            request.formats.date(one.starts) if only_day else request.formats.datetime(one.starts)
        )
    return Entry(
        # A page is another text in another language, at an address of its own.
        id=uuid5(_uuid(one.uid), one.language).urn,
        title=one.title,
        url=whole(request, page_url(request, one.language, one.path)),
        language=one.language,
        # What was saved long before it went live is news when it does.
        updated=max(one.updated, one.published or one.updated),
        published=one.published,
        summary=". ".join(filter(None, (when, one.summary))),
        categories=((one.type, kind), *((tag, tag) for tag in tags)),
    )


def _links(request: Request, source: Source, number: int, last: int) -> Sequence[tuple[str, str]]:
    if last == 1:
        return ()
    pages = {"first": 1, "last": last, "previous": number - 1, "next": number + 1}
    return tuple(
        (relation, _address(request, source, page))
        for relation, page in pages.items()
        if 1 <= page <= last
    )


def _address(request: Request, source: Source, number: int) -> str:
    asked: dict[str, Any] = {KIND: source.kind} if source.kind else {}
    if number > 1:
        asked["page"] = number
    query = f"?{urlencode(asked)}" if asked else ""
    return f"{source.page.rstrip('/')}/@@{NAME}{query}"


def _uuid(uid: str) -> UUID:
    """Return the UUID that our uids are; a site without pages goes by its address."""
    try:
        return UUID(hex=uid)
    except ValueError:
        return uuid5(NAMESPACE_URL, uid)
