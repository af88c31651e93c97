"""A database session as one of those who take part in the transaction of a request.

The package ``transaction`` asks each participant in turn: what is lost where one fails is undone
everywhere. zope.sqlalchemy does the same for any session and any database; it loads each driver
that is installed, nine megabytes of a process on SQLite, and listens to each session anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.exc import StaleDataError
from transaction.interfaces import TransientError

JOINED = "bibliopolis_transaction"
ROLLED_BACK = "40"
"""Class of SQLSTATE (ISO/IEC 9075): the transaction was undone and may well succeed again."""


class BeginAnew(TransientError):
    """What was looked up before the locks is no longer true: the same succeeds from the beginning.

    A request is tried again, as after a deadlock; the worker comes back to it.
    """


class RequestSession(Session):
    """A session that is committed and closed with the transaction it has joined, by nobody else."""


class Participant:
    """What ``transaction`` asks of a session; see ``transaction.interfaces.IDataManager``."""

    def __init__(self, session: Session, transaction_manager: Any) -> None:
        self.session = session
        self.transaction_manager = transaction_manager
        self.is_joined = False
        self.has_changed = False
        self.is_committing = False

    def join(self) -> None:
        """Take part from the moment the session begins to ask the database."""
        if not self.is_joined:
            self.is_joined = True
            self.transaction_manager.get().join(self)

    def _leave(self) -> None:
        self.is_joined = self.has_changed = self.is_committing = False
        self.session.close()

    def abort(self, transaction: Any) -> None:
        """Undo everything."""
        self._leave()

    def tpc_begin(self, transaction: Any) -> None:
        """Write what the session still holds back: now it may still be refused."""
        self.session.flush()

    def commit(self, transaction: Any) -> None:
        """Let go of the database at once where nothing was changed."""
        if not self.has_changed:
            self._leave()

    def tpc_vote(self, transaction: Any) -> None:
        """Commit: as the last of all, for a database cannot take that back."""
        if self.is_joined:
            self.is_committing = True
            self.session.commit()
            self._leave()

    def tpc_finish(self, transaction: Any) -> None:
        """Do nothing: everything is done."""

    def tpc_abort(self, transaction: Any) -> None:
        """Undo what another participant has spoilt, or the failed commit."""
        self._leave()

    def sortKey(self) -> str:  # noqa: N802 (the name that transaction asks for)
        """Return what comes after the names of all others."""
        return "~database"

    def should_retry(self, error: BaseException) -> bool:
        """Say whether the same may succeed when it is tried again: others got in the way."""
        if isinstance(error, StaleDataError):
            return True
        state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
        return bool(state) and str(state).startswith(ROLLED_BACK)


class OnceCommitted:
    """Does something when all have committed, and nothing where they have not.

    A hook of ``transaction`` itself would close the others a second time.
    """

    def __init__(self, transaction_manager: Any, act: Callable[[], Any]) -> None:
        self.transaction_manager = transaction_manager
        self.act = act

    def abort(self, transaction: Any) -> None:
        """Do nothing: it has not happened."""

    tpc_begin = commit = tpc_vote = tpc_abort = abort

    def tpc_finish(self, transaction: Any) -> None:
        """Do it: nobody can refuse any more."""
        self.act()

    def sortKey(self) -> str:  # noqa: N802 (the name that transaction asks for)
        """Return what comes after the database."""
        return "~~once committed"


def once_committed(request: Any, act: Callable[[], Any]) -> None:
    """Do something small that cannot fail once the transaction of a request is committed.

    Where somebody else sees to what is committed, it is done at once.
    """
    if "bibliopolis.db" in request.environ:
        act()
    else:
        request.tm.get().join(OnceCommitted(request.tm, act))


def _participant(session: Session) -> Participant | None:
    found: Participant | None = session.info.get(JOINED)
    return found


def _join(session: Session, *_others: Any) -> None:
    participant = _participant(session)
    if participant is not None:
        participant.join()


def _note_change(session: Session, *_others: Any) -> None:
    participant = _participant(session)
    if participant is not None:
        participant.join()
        participant.has_changed = True


def _note_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _note_change(state.session)


def _refuse_commit(session: Session) -> None:
    participant = _participant(session)
    if participant is not None and not session.in_nested_transaction():
        assert participant.is_committing, "the transaction of the request commits, nobody else"


event.listen(RequestSession, "after_begin", _join)
event.listen(RequestSession, "after_attach", _join)
event.listen(RequestSession, "after_flush", _note_change)
event.listen(RequestSession, "do_orm_execute", _note_statement)
event.listen(RequestSession, "before_commit", _refuse_commit)
