"""What can speak against a step of a question; ``workflows/enquiry.yaml`` names these.

Each looks at ``step.data``: ``text`` is what was written, ``consultant_id`` who is named, ``rule``
the rule of a refusal, ``topic`` the topic of the question and ``quota`` its day, locked.
"""

from __future__ import annotations

from bibliopolis.i18n import _
from bibliopolis.workflow import Reason, Step, titled

from .rules import RULES
from .services.topics import Topics


@titled(_("the topic takes questions"))
def topic_is_open(step: Step) -> Reason | None:
    """Refuse while nobody answers questions of this topic."""
    topic = step.find_service(Topics).by_id(step.resource.topic_id)
    if topic.is_open:
        return None
    return _("Questions of this topic are not taken now.")


@titled(_("the daily quota is not used up"))
def quota_is_left(step: Step) -> Reason | None:
    """Refuse when as many have been accepted today as can be worked on, and say until when."""
    quota = step.data.get("quota")
    if quota is None or quota.left is None or quota.left > 0:
        return None
    return quota.full


@titled(_("a consultant of the topic is named"))
def a_consultant_is_named(step: Step) -> Reason | None:
    """Refuse nobody, and people who do not answer questions of this topic and language."""
    named = step.data.get("consultant_id")
    if named is None:
        return _("Choose somebody.")
    topics = step.find_service(Topics)
    if named in topics.consultants(topics.scopes_of(step.resource)):
        return None
    return _("This person does not answer questions of this topic and language.")


@titled(_("nobody is named"))
def nobody_is_named(step: Step) -> Reason | None:
    """Refuse a name: into the queue is to nobody."""
    if step.data.get("consultant_id") is None:
        return None
    return _("Into the queue means to nobody in particular.")


@titled(_("something is written"))
def a_text_is_written(step: Step) -> Reason | None:
    """Refuse an empty message."""
    if str(step.data.get("text") or "").strip():
        return None
    return _("Write something first.")


@titled(_("a rule is named"))
def a_rule_is_named(step: Step) -> Reason | None:
    """Refuse a refusal that does not say why."""
    if step.data.get("rule") in RULES:
        return None
    return _("Choose the rule by which it is refused.")


@titled(_("the question is still kept"))
def it_is_still_kept(step: Step) -> Reason | None:
    """Refuse what was forgotten when its time of keeping ended."""
    if step.resource.forgotten is None:
        return None
    return _("Its texts have been deleted: the time for which they are kept is over.")
