"""What a page says of itself to machines, by the ``schema_org:`` of its type's declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from pyramid.request import Request

from bibliopolis.publicity import (
    About,
    breadcrumbs,
    item_list,
    organization,
    shortened,
    whole,
)

from .head import page_url
from .pages import PublicPage
from .resources import NodeInLanguage

SCHEMA = "https://schema.org/"
Words = Callable[[PublicPage, Request], Mapping[str, Any]]


def about_page(
    context: NodeInLanguage, request: Request, page: PublicPage, crumbs: Any, url: str
) -> About:
    """Return what a live page says of itself."""
    picture = page.values.get("picture")
    words = {
        "@type": context.type.schema_org or "WebPage",
        "@id": url,
        "url": url,
        "name": page.title,
        "description": shortened(page.values.get("summary")),
        "inLanguage": page.language.tag,
        "image": whole(request, picture["scales"]["wide"]) if picture else None,
        **_dates(page),
        **BUILDERS.get(context.type.schema_org or "", _nothing_more)(page, request),
    }
    return About(
        title=page.title,
        url=url,
        kind="article" if context.type.schema_org == "NewsArticle" else "website",
        description=shortened(page.values.get("summary")),
        image=words["image"],
        image_alt=str(page.values.get("picture_alt") or "") if picture else "",
        data=(words, breadcrumbs(request, crumbs)),
    )


def about_front(request: Request, title: Any, lede: Any) -> About:
    """Return what the front page says of the site."""
    url = whole(request, page_url(request, request.language, ""))
    search = whole(request, request.frame.search)
    publisher = organization(request)
    site = {
        "@type": "WebSite",
        "@id": url,
        "url": url,
        "name": publisher["name"],
        "description": shortened(request.translate(lede)),
        "inLanguage": request.language,
        "publisher": publisher,
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{search}?q={{words}}"},
            "query-input": "required name=words",
        },
    }
    return About(
        title=request.translate(title), url=url, description=site["description"], data=(site,)
    )


def _dates(page: PublicPage) -> dict[str, Any]:
    return {"datePublished": page.published.isoformat(timespec="seconds")} if page.published else {}


def _nothing_more(page: PublicPage, request: Request) -> Mapping[str, Any]:
    return {}


def _event(page: PublicPage, request: Request) -> Mapping[str, Any]:
    values = page.values
    whole_day = bool(values.get("whole_day"))
    places = [
        {"@type": "Library", "name": one["title"], "url": whole(request, one["url"])}
        for one in values.get("library") or ()
    ]
    return {
        "startDate": _moment(request, values.get("starts"), whole_day),
        "endDate": _moment(request, values.get("ends"), whole_day),
        "eventStatus": f"{SCHEMA}EventScheduled",
        "eventAttendanceMode": f"{SCHEMA}OfflineEventAttendanceMode" if places else None,
        "location": places[0] if len(places) == 1 else places,
        "organizer": organization(request),
        "inLanguage": list(page.held_in) or page.language.tag,
    }


def _news(page: PublicPage, request: Request) -> Mapping[str, Any]:
    day = page.values.get("day")
    return {
        "headline": page.title[:110],
        **({"datePublished": day.isoformat()} if isinstance(day, date) else {}),
        "publisher": organization(request),
    }


def _list(page: PublicPage, request: Request) -> Mapping[str, Any]:
    items = [
        (item["card"].title, item["card"].url)
        for block in page.blocks
        if block.type == "resources"
        for item in block.content["items"]
    ]
    for listing in (page.pages, page.news, page.events):
        items += [
            (one.title, page_url(request, request.language, one.path))
            for one in (listing.items if listing else ())
        ]
    return {"mainEntity": item_list(request, items) if items else None}


def _moment(request: Request, value: Any, whole_day: bool) -> str | None:
    """Return a moment in the city's time, or only its day."""
    if not isinstance(value, datetime):
        return None
    here = request.clock.local(value)
    return here.date().isoformat() if whole_day else here.isoformat(timespec="seconds")


BUILDERS: Mapping[str, Words] = {"Event": _event, "NewsArticle": _news, "CollectionPage": _list}
