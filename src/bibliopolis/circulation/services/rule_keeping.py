"""Staff set the rules of their organisations; every change is in the history and the audit log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.libraries.editing import HISTORY, SavedMeanwhile
from bibliopolis.libraries.models import Library
from bibliopolis.resources.history import History

from ..models import CirculationRule
from ..rules import NAMES, AmbiguousRule, Scope
from ..rules.book import check_scope
from ..rules.loading import check_groups
from .rules import CirculationRules

SET, CHANGED, REMOVED = "set_rule", "change_rule", "remove_rule"
"""Actions in the history of an organisation; their data is ``{"rule", "category", "item_type",
"value", "before"}``."""
NEW = ""
"""The version of a rule that is not there yet."""


class RuleKeeping:
    """Set, change and remove the rules of an organisation."""

    def __init__(
        self, db: Session, clock: Clock, rules: CirculationRules, history: History
    ) -> None:
        self.db = db
        self.clock = clock
        self.rules = rules
        self.history = history

    @classmethod
    def from_request(cls, context: Any, request: Any) -> RuleKeeping:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            rules=request.find_service(CirculationRules, context=None),
            history=request.find_service(History, context=None),
        )

    def set(
        self, library: Library, name: str, scope: Scope, value: Any, version: str = NEW
    ) -> CirculationRule:
        """Make a value count for a category and an item type here; ``scope`` names those two.

        ``version`` is what `version_of` said of the rule when the form was opened. AmbiguousRule
        where there is one already, SavedMeanwhile where it is another by now, InvalidInput where
        the value is none or the scope not the rule's.
        """
        value = self.checked(name, scope, value)
        row = self._at(library, name, scope)
        if row is not None and version == NEW:
            raise AmbiguousRule(self._rule(library, name, scope))
        if (row is None and version != NEW) or (row is not None and version != version_of(row)):
            raise SavedMeanwhile
        before = row.value if row is not None else None
        if row is None:
            row = self._add(library, name, scope, value)
        elif value == row.value:
            return row
        row.value, row.changed, row.person_id = value, self.clock.now(), self.history.actor_id
        self._tell(library, CHANGED if version != NEW else SET, row, before)
        return row

    def remove(self, library: Library, rule_id: int, version: str) -> None:
        """Let a rule of the organisation count no more: what is above does again."""
        row = self.db.get(CirculationRule, rule_id, with_for_update={"key_share": True})
        if row is None or row.library_id != library.id:
            raise NotFoundHere(_("There is no such rule any more."))
        if version != version_of(row):
            raise SavedMeanwhile
        self.db.delete(row)
        self._tell(library, REMOVED, row, row.value)

    def checked(self, name: str, scope: Scope, value: Any) -> Any:
        """Return the value as the rule keeps it; InvalidInput says what is wrong, by field."""
        if name not in NAMES:
            reason = _("There is no such rule: choose one of the list.")
            raise InvalidInput(reason, {"name": reason})
        check_scope(name, scope)
        self._check_names(scope)
        try:
            value = NAMES[name].kind.check(value)
        except InvalidInput as error:
            raise InvalidInput(error.reason, {"value": error.reason}) from error
        check_groups(name, value, self.rules.policy.groups)
        return value

    def _check_names(self, scope: Scope) -> None:
        if scope.category is not None and scope.category not in self.rules.readers.categories:
            reason = _("There is no such category of readers.")
            raise InvalidInput(reason, {"category": reason})
        if scope.item_type is not None and scope.item_type not in self.rules.item_types:
            reason = _("There is no such item type.")
            raise InvalidInput(reason, {"item_type": reason})

    def _at(self, library: Library, name: str, scope: Scope) -> CirculationRule | None:
        return self.db.scalar(
            select(CirculationRule)
            .where(
                CirculationRule.library_id == library.id,
                CirculationRule.name == name,
                CirculationRule.category == (scope.category or ""),
                CirculationRule.item_type == (scope.item_type or ""),
            )
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )

    def _add(self, library: Library, name: str, scope: Scope, value: Any) -> CirculationRule:
        row = CirculationRule(
            library_id=library.id,
            name=name,
            category=scope.category or "",
            item_type=scope.item_type or "",
            value=value,
            changed=self.clock.now(),
        )
        try:
            with self.db.begin_nested():
                self.db.add(row)
        except IntegrityError as error:
            # Somebody has just set the same.
            raise SavedMeanwhile from error
        return row

    def _rule(self, library: Library, name: str, scope: Scope) -> Any:
        self.rules.forget()
        found = self.rules.book.at(name, Scope(library.code, scope.category, scope.item_type))
        if found is None:
            raise Conflict(_("There is no such rule any more."))
        return found

    def _tell(self, library: Library, action: str, row: CirculationRule, before: Any) -> None:
        kind = NAMES[row.name].kind
        data = {"rule": row.name, "category": row.category, "item_type": row.item_type}
        if action != REMOVED:
            data["value"] = kind.write(row.value)
        if action != SET:
            data["before"] = kind.write(before)
        self.history.write((HISTORY, library.id), action, data=data)
        self.rules.forget()


def version_of(row: Any) -> str:
    """Return what a form keeps of a rule to see later whether it is still the same."""
    return str(row.changed.isoformat())
