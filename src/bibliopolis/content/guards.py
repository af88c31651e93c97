"""Why a page cannot be submitted or published yet: all reasons, in words."""

from __future__ import annotations

from bibliopolis.i18n import _
from bibliopolis.resources.forms import missing_fields, undescribed_pictures
from bibliopolis.resources.types import ALL_LANGUAGES
from bibliopolis.workflow import Reason, Step, titled

from .inventory import Inventory
from .listings import LIBRARY_PAGE
from .subject import Subject


@titled(_("Required fields are filled"))
def required_fields_are_filled(step: Step) -> list[Reason]:
    """Name each required field without a value; a draft may lack them."""
    subject: Subject = step.resource
    missing = (
        *missing_fields(subject.type, subject.data, (subject.language,)),
        *missing_fields(subject.type, subject.shared, (ALL_LANGUAGES,)),
    )
    return [_("“${field}” is not filled in.", mapping={"field": one.title}) for one in missing]


@titled(_("Pictures have a description"))
def pictures_have_alt_text(step: Step) -> list[Reason]:
    """Name each picture that says nothing to those who do not see it, and is no mere ornament."""
    subject: Subject = step.resource
    reasons: list[Reason] = [
        _("Block ${number}: the picture has no description.", mapping={"number": number})
        for number, block in enumerate(subject.blocks, start=1)
        if block.get("type") == "picture"
        and block.get("media")
        and not block.get("decorative")
        and not str(block.get("alt") or "").strip()
    ]
    reasons.extend(
        _("“${field}”: the picture has no description.", mapping={"field": one.title})
        for one in undescribed_pictures(subject.type, subject.data, subject.shared)
    )
    return reasons


@titled(_("A library has one page"))
def library_has_no_other_page(step: Step) -> list[Reason]:
    """Refuse a second page about a library while another one is public."""
    subject: Subject = step.resource
    library = subject.shared.get("library")
    if subject.type.name != LIBRARY_PAGE or not isinstance(library, int):
        return []
    other = step.find_service(Inventory).live_page_of(library, but=subject.node_id)
    if other is None:
        return []
    return [_("The library has a page already: “${title}”.", mapping={"title": other})]
