"""What belongs to a page besides itself: the way to it, its languages, what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from bibliopolis.content.head import head_of, staff_url
from bibliopolis.content.json import absolute
from bibliopolis.content.listings import Listings
from bibliopolis.content.models import NEUTRAL
from bibliopolis.content.resources import NodeInLanguage, home
from bibliopolis.resources.access import Permission
from bibliopolis.resources.traversal import LanguageRoot
from bibliopolis.resources.types import ResourceTypes

from .schemas import FLAG, TEXT, shape

LINK = shape({"@id": TEXT, "title": TEXT})
ACTION = shape({"@id": TEXT, "id": TEXT, "title": TEXT})
LANGUAGE = shape({"@id": TEXT, "language": TEXT, "review_state": {"type": ["string", "null"]}})


def _links(item: Any, **more: Any) -> dict[str, Any]:
    return shape({"@id": TEXT, "items": {"type": "array", "items": item}, **more})


SCHEMAS: dict[str, Any] = {
    "actions": shape(
        {"@id": TEXT, "object": {"type": "array", "items": ACTION}},
    ),
    "breadcrumbs": _links(LINK, root=TEXT),
    "navigation": _links(shape({"@id": TEXT, "title": TEXT, "language": TEXT})),
    "translations": _links(LANGUAGE),
    "types": {
        "type": "array",
        "items": shape({"@id": TEXT, "id": TEXT, "title": TEXT, "addable": FLAG}),
    },
}


def node_of(context: NodeInLanguage | LanguageRoot, request: Request) -> NodeInLanguage:
    """Return the page; a language itself is its front page."""
    return home(context, request) if isinstance(context, LanguageRoot) else context


def address_of(context: NodeInLanguage, request: Request, name: str) -> str:
    """Return the address of a component."""
    return f"{absolute(request, context.node.path).rstrip('/')}/@{name}"


def breadcrumbs(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Return the way to a page; pages above that are not public are not named."""
    items = []
    above: Any = context
    while isinstance(above, NodeInLanguage):
        if above.live_title and not above.is_root:
            address = absolute(request, above.node.path)
            items.append({"@id": address, "title": above.live_title})
        above = above.__parent__
    return {
        "@id": address_of(context, request, "breadcrumbs"),
        "root": absolute(request, ""),
        "items": items[::-1],
    }


def navigation(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Return the sections of the site."""
    return {
        "@id": address_of(context, request, "navigation"),
        "items": [
            {"@id": absolute(request, one.path), "title": one.title, "language": one.language}
            for one in request.find_service(Listings).first_levels.sections
        ],
    }


def translations(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Return the languages a visitor sees; those who write see those begun, with their states."""
    staff = context.known_to_staff
    return {
        "@id": address_of(context, request, "translations"),
        "items": [
            {
                "@id": absolute(request, context.node.path).replace(
                    f"/{context.language}/", f"/{tag}/", 1
                ),
                "language": tag,
                "review_state": one.state if context.may(Permission.VIEW, tag) else None,
            }
            for tag, one in sorted(context.translations.items())
            if tag != NEUTRAL and (staff or one.live_revision_id is not None)
        ],
    }


def types(context: NodeInLanguage, request: Request) -> list[dict[str, Any]]:
    """Return what the visitor may add here."""
    if not context.may(Permission.ADD):
        return []
    room = f"{request.host_url}{request.frame.home}/@types"
    return [
        {
            "@id": f"{room}/{one.name}",
            "id": one.name,
            "title": request.translate(one.title),
            "addable": True,
        }
        for one in request.find_service(ResourceTypes).addable_to(context.type.name)
        if one.workflow is not None
    ]


def actions(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Return the pages for those who write here; visitors have none."""
    links = head_of(context, request, "").links if context.known_to_staff else ()
    return {
        "@id": address_of(context, request, "actions"),
        "object": [
            {
                "@id": request.host_url
                + staff_url(request, context.language, context.node.path, name),
                "id": name,
                "title": request.translate(words),
            }
            for name, words, _icon, _url in links
        ],
    }


SUMMARIES: dict[str, tuple[Callable[..., Any], str]] = {
    "actions": (actions, "The pages of the site for writing this page"),
    "breadcrumbs": (breadcrumbs, "The way to a page"),
    "navigation": (navigation, "The sections of the site"),
    "translations": (translations, "The languages of a page"),
    "types": (types, "What can be added below a page"),
}


def _service(provider: Callable[..., Any]) -> Callable[..., Any]:
    def show(context: NodeInLanguage | LanguageRoot, request: Request) -> Any:
        return provider(node_of(context, request), request)

    show.__name__ = provider.__name__
    return show


def includeme(config: Configurator) -> None:
    """Let each component be asked for by itself, too."""
    for name, (provider, summary) in SUMMARIES.items():
        view = _service(provider)
        facts = {"answer": SCHEMAS[name], "problems": (401, 403, 410), "tag": "components"}
        places: list[tuple[type, str]] = [(NodeInLanguage, "/{language}/{path}")]
        if name != "types":  # below a language these are all the types there are
            places.append((LanguageRoot, "/{language}"))
        for context, path in places:
            config.add_operation(
                view,
                "GET",
                f"{path}/@{name}",
                summary,
                context=context,
                name=f"@{name}",
                permission=Permission.VIEW,
                facts=facts,
            )
        config.add_json_component(name, provider, NodeInLanguage)
