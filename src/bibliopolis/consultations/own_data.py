"""What consultations keep of people: what they asked, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import and_, func, or_, select

from bibliopolis.accounts.personal_data import Part, Subject
from bibliopolis.i18n import _n

from .models import OPEN_STATES, Asker, Enquiry, EnquiryFile, EnquiryMessage, MessageKind, Topic
from .services import Keeping


class ConsultationData(Part):
    """The questions of a person: asked in the account, or with its address and in none."""

    def export(self, subject: Subject) -> Mapping[str, Any]:
        """Return each question with its messages; notes of consultants among themselves are not."""
        enquiries = self.db.execute(
            select(
                Enquiry.id,
                Topic.code.label("topic"),
                Enquiry.state,
                Enquiry.language,
                Enquiry.extra,
                Enquiry.created,
                Enquiry.ended,
                Asker.name.label("asked_as"),
                Asker.email,
            )
            .join(Asker, Asker.enquiry_id == Enquiry.id)
            .join(Topic, Topic.id == Enquiry.topic_id)
            .where(_mine(subject))
            .order_by(Enquiry.id)
        ).mappings()
        found = {row["id"]: {**row, "messages": [], "files": []} for row in enquiries}
        messages = self.db.execute(
            select(
                EnquiryMessage.enquiry_id,
                EnquiryMessage.kind,
                EnquiryMessage.written,
                EnquiryMessage.text,
            )
            .where(
                EnquiryMessage.enquiry_id.in_(list(found)), EnquiryMessage.kind != MessageKind.NOTE
            )
            .order_by(EnquiryMessage.id)
        )
        for enquiry_id, kind, written, text in messages:
            said = {"kind": kind, "written": written, "text": text}
            found[enquiry_id]["messages"].append(said)
        files = (
            select(EnquiryFile.enquiry_id, EnquiryFile.name, EnquiryFile.size)
            .join(EnquiryMessage, EnquiryMessage.id == EnquiryFile.message_id)
            .where(EnquiryFile.enquiry_id.in_(list(found)))
            .where(EnquiryMessage.kind != MessageKind.NOTE)
            .order_by(EnquiryFile.id)
        )
        for row in self.db.execute(files):
            found[row.enquiry_id]["files"].append({"name": row.name, "bytes": row.size})
        for enquiry in found.values():
            del enquiry["id"]
        return {"questions": list(found.values())} if found else {}

    def against_closing(self, subject: Subject) -> Iterable[Any]:
        """Whoever waits for an answer would not get it."""
        waiting = (
            select(func.count())
            .select_from(Enquiry)
            .join(Asker, Asker.enquiry_id == Enquiry.id)
            .where(_mine(subject), Enquiry.state.in_(OPEN_STATES))
        )
        if number := self.db.scalar(waiting):
            yield _n(
                "${n} question of yours is being worked on: wait for the answer.",
                "${n} questions of yours are being worked on: wait for the answers.",
                number,
            )

    def erase(self, subject: Subject) -> None:
        """Forget what was asked at once, whatever time its topic gives."""
        ids = select(Asker.enquiry_id).where(_mine(subject))
        self.request.find_service(Keeping, context=None).forget(self.db.scalars(ids).all())


def _mine(subject: Subject) -> Any:
    # Whoever had the address before has taken their questions along in their account.
    nobodys = and_(Asker.person_id.is_(None), Asker.email == subject.email)
    return or_(Asker.person_id == subject.person_id, nobodys)
