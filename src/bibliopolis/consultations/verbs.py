"""The verbs ``workflows/enquiry.yaml`` names: each calls one method of one service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bibliopolis.workflow import Step

from .services import Enquiries
from .services.attachments import Checked


def accept(step: Step) -> Any:
    """Put the question into the queue."""
    return step.find_service(Enquiries).accept(step.resource.id)


def take(step: Step) -> Any:
    """Work on the question oneself."""
    return step.find_service(Enquiries).take(step.resource.id)


def pass_on(step: Step) -> Any:
    """Give the question to somebody else, to another topic or back into the queue."""
    return step.find_service(Enquiries).pass_on(
        step.resource.id, step.data.get("consultant_id"), step.data.get("topic_id")
    )


def ask_back(step: Step) -> Any:
    """Ask the asker; meanwhile the time stands still."""
    return step.find_service(Enquiries).ask_back(step.resource.id, _text(step), *_once(step))


def reply(step: Step) -> Any:
    """Say more, as the asker."""
    return step.find_service(Enquiries).reply(step.resource.id, _text(step), *_once(step))


def answer(step: Step) -> Any:
    """Send the answer."""
    return step.find_service(Enquiries).answer(step.resource.id, _text(step), *_once(step))


def refuse(step: Step) -> Any:
    """Refuse by a rule."""
    rule = str(step.data.get("rule") or "")
    return step.find_service(Enquiries).refuse(step.resource.id, rule, _text(step), _once(step)[0])


def close(step: Step) -> Any:
    """End the thread."""
    return step.find_service(Enquiries).close(step.resource.id, step.data.get("comment"))


def reopen(step: Step) -> Any:
    """Take the question up again."""
    return step.find_service(Enquiries).reopen(step.resource.id, step.data.get("comment"))


def _text(step: Step) -> str:
    return str(step.data.get("text") or "")


def _once(step: Step) -> tuple[str, Sequence[Checked]]:
    """Return what lets a message count once however often it is sent, and its files."""
    return str(step.data.get("uid") or ""), step.data.get("files") or ()
