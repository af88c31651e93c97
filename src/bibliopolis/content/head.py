"""What stands above every editors' page: its place, its state, its languages, its views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import LANGUAGES, Language, _
from bibliopolis.resources.access import Permission

from .models import ContentTranslation
from .resources import HOME, NodeInLanguage
from .revisions import outdated


@dataclass(frozen=True)
class State:
    """A state in a shape, a colour and words: ``css`` of ``s-pill`` and ``s-ldot``."""

    pill: str
    dot: str
    words: Any


NONE = State("is-withdrawn", "is-none", _("Not translated"))
DRAFT = State("is-draft", "is-draft", _("Draft"))
REVIEW = State("is-review", "is-rev", _("In review"))
AHEAD = State("is-ahead", "is-live", _("On the site, an edit lies ahead"))
AHEAD_IN_REVIEW = State("is-review", "is-rev", _("On the site, an edit is in review"))
LIVE = State("is-published", "is-live", _("On the site"))
OLD = State("is-old", "is-old", _("On the site, outdated: the source text has changed"))
TAKEN_DOWN = State("is-withdrawn", "is-draft", _("Taken down"))


def state_of(translation: ContentTranslation | None, is_outdated: bool = False) -> State:
    """Return the state of a language of a page, as people speak of it."""
    if translation is None:
        return NONE
    in_review = translation.state == "in_review"
    if translation.live_revision_id is None:
        if in_review:
            return REVIEW
        return TAKEN_DOWN if translation.published is not None else DRAFT
    if translation.live_revision_id != translation.working_revision_id:
        return AHEAD_IN_REVIEW if in_review else AHEAD
    return OLD if is_outdated else LIVE


@dataclass(frozen=True)
class LanguageTab:
    """The page in one of the site's languages."""

    language: Language
    state: State
    url: str | None
    """None where the visitor may not work in this language."""
    current: bool
    is_source: bool


@dataclass(frozen=True)
class Head:
    """The head of an editors' page."""

    title: str
    kind: Any
    state: State
    crumbs: tuple[tuple[Any, str], ...]
    languages: tuple[LanguageTab, ...]
    links: tuple[tuple[str, Any, str, str], ...]
    """(name of the view, words, icon, address)"""


def staff_url(request: Request, language: str, path: str, view: str = "contents") -> str:
    """Return the address of an editors' page of a node."""
    return f"{request.script_name}/{language}/{path or HOME}/@@{view}"


def way_to_work(context: NodeInLanguage, request: Request) -> str | None:
    """Return where the visitor works on a page in its language, None where they may not."""
    if context.translation is not None:
        may, view = context.may(Permission.VIEW_WORKING), "preview"
    else:
        may, view = context.may(Permission.EDIT), "translate"
    return staff_url(request, context.language, context.node.path, view) if may else None


def page_url(request: Request, language: str, path: str) -> str:
    """Return the public address of a node."""
    return (
        f"{request.script_name}/{language}/{path}" if path else f"{request.script_name}/{language}/"
    )


def compare_url(context: NodeInLanguage, request: Request) -> str | None:
    """Return where the working revision stands beside the live one, where they differ."""
    one = context.translation
    if one is None or one.live is None or one.working is None or one.live is one.working:
        return None
    history = staff_url(request, context.language, context.node.path, "history")
    return f"{history}?revision={one.working.number}&with={one.live.number}"


def head_of(context: NodeInLanguage, request: Request, view: str) -> Head:
    """Return the head of one of the page's own editors' pages."""
    old = outdated(context.translations.values(), context.source)
    path, language = context.node.path, context.language
    return Head(
        title=_("Front page") if context.is_root else context.working_title,
        kind=context.type.title,
        state=state_of(context.translation, language in old),
        crumbs=_crumbs(context, request),
        languages=tuple(
            LanguageTab(
                LANGUAGES[tag],
                state_of(context.translations.get(tag), tag in old),
                staff_url(request, tag, path, _view_in(context, tag, view))
                if context.may(Permission.VIEW_WORKING, tag)
                else None,
                tag == language,
                tag == context.node.source_language,
            )
            for tag in request.settings.all_languages
        ),
        links=tuple(
            (name, words, icon, staff_url(request, language, path, name))
            for name, words, icon in _links(context, request)
        ),
    )


def _view_in(context: NodeInLanguage, tag: str, view: str) -> str:
    """Return which view another language opens in: a translation beside its source."""
    if view not in ("edit", "translate"):
        return view
    if not context.may(Permission.EDIT, tag):
        return "preview"
    return "edit" if tag == context.node.source_language else "translate"


def _links(context: NodeInLanguage, request: Request) -> list[tuple[str, Any, str]]:
    links: list[tuple[str, Any, str]] = []
    is_source = context.language == context.node.source_language
    if request.has_permission(Permission.EDIT, context):
        if is_source or context.source is None:
            links.append(("edit", _("Edit"), "pencil"))
        else:
            links.append(("translate", _("Translate"), "translate"))
    if context.translation is not None:
        links.append(("preview", _("Preview"), "eye"))
        links.append(("history", _("History"), "clock-history"))
    links.append(("contents", _("Contents"), "folder2"))
    return links


def _crumbs(context: NodeInLanguage, request: Request) -> tuple[tuple[Any, str], ...]:
    crumbs: list[tuple[Any, str]] = []
    above = None if context.is_root else context.__parent__
    while isinstance(above, NodeInLanguage):
        crumbs.append((above.working_title, staff_url(request, context.language, above.node.path)))
        above = above.__parent__
    if not context.is_root:
        crumbs.append((_("Front page"), staff_url(request, context.language, "")))
    return tuple(reversed(crumbs))
