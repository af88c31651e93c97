"""Write, check and publish pages: every verb of the editors.

Saving makes a new revision and never changes one; publishing moves the pointer to what visitors
see. What happened is written to the history with the ids of the revisions, and the index is told
through the outbox, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, NotAllowed
from bibliopolis.i18n import _
from bibliopolis.outbox import Outbox
from bibliopolis.resources.access import Permission, Principals
from bibliopolis.resources.history import History
from bibliopolis.resources.types import ResourceType, ResourceTypes
from bibliopolis.workflow import Live, Step, Steps, Transition, Workflows

from .access import WorkingAccess, scopes_of
from .body import Body
from .letters import Letters
from .models import NEUTRAL, Content, ContentTranslation, Revision
from .programme import Span
from .revisions import Revisions, differs
from .subject import Subject
from .tree import INDEX_TOPIC, RESOURCE

REVISE = "revise"
"""The step that saving an edit of a published page takes by itself."""

REJECT = "reject"


class SavedMeanwhile(Conflict):
    """Somebody else saved while a form was being filled in; what was typed is not lost."""

    def __init__(self, newer: Revision) -> None:
        super().__init__(
            _(
                "Somebody saved revision ${number} while you were writing.",
                mapping={"number": newer.number},
            )
        )
        self.newer = newer


@dataclass(frozen=True)
class Edit:
    """What an editor wants to save: the fields of one language, the body among them.

    ``base`` and ``shared_base`` are the numbers of the revisions the form was filled from; they
    are None where nobody could have saved meanwhile (imports, demo). ``shared`` are the fields
    that belong to no language, None where they were not in the form.
    """

    data: Mapping[str, Any]
    shared: Mapping[str, Any] | None = None
    base: int | None = None
    shared_base: int | None = None
    source_revision_id: int | None = None
    note: str | None = None


class Editing:
    """The verbs of editors, translators and reviewers, for one visitor."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        history: History,
        outbox: Outbox,
        types: ResourceTypes,
        workflows: Workflows,
        letters: Letters,
        principals: Principals,
        find_service: Callable[..., Any],
    ) -> None:
        self.db = db
        self.clock = clock
        self.history = history
        self.outbox = outbox
        self.types = types
        self.workflows = workflows
        self.letters = letters
        self.principals = principals
        self.find_service = find_service
        self.revisions = Revisions(db, clock, history.actor_id, Body(types))

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Editing:
        """Make it for a request; its visitor is the actor."""
        return cls(
            db=request.db,
            clock=request.clock,
            history=request.find_service(History),
            outbox=request.find_service(Outbox),
            types=request.find_service(ResourceTypes),
            workflows=request.find_service(Workflows),
            letters=request.find_service(Letters),
            principals=request.principals,
            find_service=request.find_service,
        )

    # --- looking ---------------------------------------------------------------------------

    def type_of(self, node: Content) -> ResourceType:
        """Return the declared type of a node."""
        return self.types[node.type]

    def translation(self, node: Content, language: str) -> ContentTranslation | None:
        """Return the node in a language, or None where it was never begun."""
        return self.db.scalar(
            select(ContentTranslation)
            .where(
                ContentTranslation.content_id == node.id, ContentTranslation.language == language
            )
            # What traversal read may be older than the lock that saving waited for.
            .execution_options(populate_existing=True)
        )

    def subject(
        self, node: Content, translation: ContentTranslation | None, language: str
    ) -> Subject:
        """Return what guards look at: the working revision with what all languages share."""
        declared = self.type_of(node)
        shared = self.translation(node, NEUTRAL)
        working = translation.working if translation else None
        return Subject(
            type=declared,
            language=language,
            state=(translation.state if translation else None) or _initial(declared),
            data=working.data if working else {},
            shared=shared.working.data if shared and shared.working else {},
            is_live=bool(translation and translation.live_revision_id),
            node_id=node.id,
        )

    def steps(self, node: Content, language: str) -> Steps:
        """Return the steps the visitor may take here, with the reasons against each."""
        translation = self.translation(node, language)
        if translation is None:
            return Steps(())
        step = self._step(self.subject(node, translation, language), {})
        offers = self._machine(node).steps(step, self._may(node, translation, language)).offers
        # Taking down what is not up is no step, and revise is taken by saving.
        return Steps(
            tuple(
                offer
                for offer in offers
                if offer.transition.name != REVISE
                and not (offer.transition.live is Live.CLEAR and not step.resource.is_live)
            )
        )

    def languages_changed_by_publishing(self, node: Content) -> tuple[str, ...]:
        """Return the other languages whose public pages change with the source language."""
        shared = self.translation(node, NEUTRAL)
        if shared is None or shared.working_revision_id == shared.live_revision_id:
            return ()
        return tuple(
            self.db.scalars(
                select(ContentTranslation.language)
                .where(
                    ContentTranslation.content_id == node.id,
                    ContentTranslation.language.not_in((NEUTRAL, node.source_language)),
                    ContentTranslation.live_revision_id.is_not(None),
                )
                .order_by(ContentTranslation.language)
            )
        )

    # --- saving ----------------------------------------------------------------------------

    def save(self, node: Content, language: str, edit: Edit) -> ContentTranslation:
        """Keep an edit as the new working revision; what is public stays as it is."""
        # Two people who save at once: the second waits here and then sees the first's revision.
        self.db.scalar(select(Content.id).where(Content.id == node.id).with_for_update())
        translation = self.translation(node, language)
        may = self._may(node, translation, language)
        if not may(Permission.EDIT):
            raise NotAllowed(_("You may not edit this page now."))
        _demand_newest(translation, edit.base)
        shared = self.translation(node, NEUTRAL)
        if edit.shared is not None:
            _demand_newest(shared, edit.shared_base)
        if translation is None:
            translation = self.revisions.begin(node, language, _initial(self.type_of(node)))
        changed = differs(translation, edit.data, edit.source_revision_id)
        shared_changed = edit.shared is not None and differs(shared, edit.shared, None)
        if not changed and not shared_changed:
            return translation
        self._revise(node, translation, may)
        if changed:
            self.revisions.keep(translation, edit.data, edit.source_revision_id, edit.note)
        if shared_changed and edit.shared is not None:
            shared = shared or self.revisions.begin(node, NEUTRAL, None)
            self.revisions.keep(shared, edit.shared, None, edit.note)
            if shared.live_revision_id is None:
                # Columns of what is not public yet order the lists that staff see.
                self._set_columns(node, edit.shared)
        node.changed = self.clock.now()
        self._note(node, translation, "save", comment=edit.note)
        return translation

    def revert(self, node: Content, language: str, revision: Revision) -> ContentTranslation:
        """Make an old revision the working one again, as a new revision."""
        edit = Edit(data=revision.data, source_revision_id=revision.source_revision_id)
        return self.save(node, language, edit)

    # --- the workflow ----------------------------------------------------------------------

    def take(
        self, node: Content, language: str, name: str, comment: str = "", base: int | None = None
    ) -> Transition:
        """Take a step of the workflow, or raise with every reason why it cannot be taken.

        ``base`` is the number of the revision the person was looking at: a reviewer publishes
        what they have read.
        """
        self.db.scalar(select(Content.id).where(Content.id == node.id).with_for_update())
        translation = self.translation(node, language)
        if translation is None:
            raise Conflict(_("There is nothing in this language yet."))
        _demand_newest(translation, base)
        step = self._step(self.subject(node, translation, language), {"comment": comment})
        transition = self._machine(node).check(name, step, self._may(node, translation, language))
        before = translation.state
        translation.state = transition.to
        translation.changed = self.clock.now()
        if transition.live is Live.SET:
            self._publish(node, translation)
        elif transition.live is Live.CLEAR:
            translation.live = None
            translation.live_title = None
        self._note(node, translation, name, before=before, comment=comment.strip() or None)
        if name == REJECT:
            self.letters.sent_back(node, translation, comment.strip(), self.history.actor_id)
        return transition

    def _publish(self, node: Content, translation: ContentTranslation) -> None:
        translation.live = translation.working
        translation.live_title = translation.working_title
        translation.published = translation.published or self.clock.now()
        shared = self.translation(node, NEUTRAL)
        never = shared is not None and shared.live_revision_id is None
        if shared is not None and (never or translation.language == node.source_language):
            shared.live = shared.working
            self._set_columns(node, shared.working.data if shared.working else {})

    def _set_columns(self, node: Content, shared: Mapping[str, Any]) -> None:
        """Keep what lists ask for; a whole day lasts from midnight to midnight in the city."""
        starts = _instant(shared.get("starts") or shared.get("day"))
        ends = _instant(shared.get("ends"))
        if starts is not None and shared.get("whole_day"):
            last = max(starts, ends or starts)
            days = Span(self.clock.local(starts).date(), self.clock.local(last).date())
            starts, ends = days.bounds(self.clock)
        node.starts, node.ends = starts, ends
        library = shared.get("library")
        node.library_id = library if isinstance(library, int) else None

    # --- what the others need --------------------------------------------------------------

    def _machine(self, node: Content) -> Any:
        workflow = self.type_of(node).workflow
        assert workflow is not None  # the tree takes only types that have one
        return self.workflows.machine(workflow.name)

    def _may(
        self, node: Content, translation: ContentTranslation | None, language: str
    ) -> Callable[[str], bool]:
        access = WorkingAccess(
            workflow=self._machine(node).workflow,
            scopes=scopes_of(node, language),
            owner_id=node.owner_id,
            state=translation.state if translation else None,
        )
        return lambda permission: self.principals.may(permission, access)

    def _step(self, subject: Subject, data: Mapping[str, Any]) -> Step:
        return Step(subject, self.principals, data, self.clock.now(), self.find_service)

    def _revise(
        self, node: Content, translation: ContentTranslation, may: Callable[[str], bool]
    ) -> None:
        machine = self._machine(node)
        revise = machine.workflow.transitions.get(REVISE)
        if revise is None or translation.state not in revise.from_states:
            return
        subject = self.subject(node, translation, translation.language)
        machine.check(REVISE, self._step(subject, {}), may)
        before, translation.state = translation.state, revise.to
        self._note(node, translation, REVISE, before=before)

    def _note(
        self,
        node: Content,
        translation: ContentTranslation,
        action: str,
        *,
        before: str | None = None,
        comment: str | None = None,
    ) -> None:
        self.db.flush()  # so that the ids in the history are those of the rows
        self.history.write(
            (RESOURCE, node.id),
            action,
            language=translation.language,
            before=before if before is not None else translation.state,
            after=translation.state,
            comment=comment,
            data={
                "working": translation.working_revision_id,
                "live": translation.live_revision_id,
            },
        )
        self.outbox.add(INDEX_TOPIC, f"{RESOURCE}:{node.id}")


def _initial(declared: ResourceType) -> str:
    assert declared.workflow is not None  # the tree takes only types that have one
    return declared.workflow.initial


def _demand_newest(translation: ContentTranslation | None, base: int | None) -> None:
    working = translation.working if translation else None
    if base is not None and working is not None and working.number != base:
        raise SavedMeanwhile(working)


def _instant(value: Any) -> datetime | None:
    if not isinstance(value, str) or not value:
        return None
    instant = datetime.fromisoformat(value)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
