"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes.

A code of the app is good for its half minute and the one before and after, and only once; a
recovery code is good once. Both are used up by one statement each: of two who show the same code at
the same time one gets in. How often one may try is ``sign_in.SignIn``'s business.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bibliopolis.accounts import events
from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.letters import AccountLetters
from bibliopolis.accounts.models import Person, RecoveryCode, SecondFactor
from bibliopolis.accounts.tokens import hash_of, new_token
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.i18n import _
from bibliopolis.secret import site_secret

ISSUER = _("Bibliopolis")
CODES = 10
UNCONFIRMED = timedelta(hours=1)
"""How long a key that was shown waits for its first code."""

DRIFT = 1
"""How many half minutes the clock of a telephone may be wrong."""

KEY_BYTES = 20
"""RFC 4226 wants 160 bits."""


@dataclass(frozen=True)
class NewKey:
    """What an app is told: the address that a QR code carries, and the key to be typed."""

    uri: str
    key: str


class SecondFactors:
    """Switch a person's second factor on and off, and check its codes."""

    def __init__(
        self, db: Session, clock: Clock, secret: str, letters: AccountLetters, audit: AuditLog
    ) -> None:
        self.db = db
        self.clock = clock
        self.secret = secret
        self.letters = letters
        self.audit = audit

    @classmethod
    def from_request(cls, context: Any, request: Any) -> SecondFactors:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            secret=site_secret(request.settings),
            letters=request.find_service(AccountLetters, context=None),
            audit=request.find_service(AuditLog, context=None),
        )

    def since(self, person_id: int) -> datetime | None:
        """Return since when a person has a second factor, None for who has none."""
        return self.db.scalar(
            select(SecondFactor.confirmed).where(SecondFactor.person_id == person_id)
        )

    def begin(self, person: Person) -> None:
        """Make a new key for a person's app; it protects nothing before a first code is shown."""
        if self.since(person.id) is not None:
            raise Conflict(_("The second step is switched on already."))
        is_postgresql = self.db.get_bind().dialect.name == "postgresql"
        row = (postgresql if is_postgresql else sqlite).insert(SecondFactor)
        values = {"seed": new_token(), "begun": self.clock.now(), "last_step": 0}
        self.db.execute(
            row.values(person_id=person.id, **values).on_conflict_do_update(
                index_elements=[SecondFactor.person_id],
                set_=values,
                where=SecondFactor.confirmed.is_(None),
            )
        )

    def new_key(self, person: Person, issuer: str) -> NewKey | None:
        """Return the key that waits for its first code, None where none does."""
        factor = self._waiting(person.id)
        if factor is None:
            return None
        totp = self._totp(factor)
        uri = totp.provisioning_uri(name=person.email, issuer_name=issuer)
        return NewKey(uri, totp.secret)

    def confirm(self, person: Person, code: str) -> list[str]:
        """Switch the second factor on by a first code; return the recovery codes, this once."""
        factor = self._waiting(person.id)
        if factor is None:
            raise Conflict(_("This took too long. Begin again."))
        step = self._step(factor, code)
        if step is None:
            reason = _("This is not the code the app shows now. Is the clock of your phone right?")
            raise InvalidInput(_("The second step is not switched on yet."), {"code": reason})
        now = self.clock.now()
        switched = self.db.execute(
            update(SecondFactor)
            .where(SecondFactor.person_id == person.id, SecondFactor.confirmed.is_(None))
            .values(confirmed=now, last_step=step)
            .execution_options(synchronize_session=False)
            .returning(SecondFactor.person_id)
        )
        if switched.first() is None:
            raise Conflict(_("The second step is switched on already."))
        self.db.expire(factor)
        codes = self._new_codes(person)
        self.audit.record(events.FACTOR_ON, about=("person", person.id), who=person.id)
        self.letters.second_step_is_on(person)
        return codes

    def accepts(self, person: Person, code: str) -> bool:
        """Use a code of the app, or a recovery code, up; say whether it was good."""
        factor = self.db.get(SecondFactor, person.id, populate_existing=True)
        if factor is None or factor.confirmed is None:
            return False
        step = self._step(factor, code)
        if step is not None:
            return self._use_step(person.id, step)
        return self._use_recovery_code(person, code)

    def codes_left(self, person_id: int) -> int:
        """Return how many recovery codes have not been used."""
        left = select(func.count(RecoveryCode.id)).where(
            RecoveryCode.person_id == person_id, RecoveryCode.used.is_(None)
        )
        return self.db.scalar(left) or 0

    def renew_codes(self, person: Person) -> list[str]:
        """Return new recovery codes, this once; the old ones are no longer good."""
        codes = self._new_codes(person)
        self.audit.record(events.CODES_RENEWED, about=("person", person.id), who=person.id)
        return codes

    def switch_off(self, person: Person) -> None:
        """Switch it off for a person who has shown the password and a code."""
        self._delete(person)
        self.audit.record(events.FACTOR_OFF, about=("person", person.id), who=person.id)
        self.letters.second_step_is_off(person)

    def reset(self, person: Person) -> None:
        """Switch it off for somebody who has lost the app and the codes."""
        if self.since(person.id) is None:
            raise Conflict(_("This person has no second step."))
        self._delete(person)
        self.audit.record(events.FACTOR_RESET, about=("person", person.id))
        self.letters.second_step_was_reset(person)

    def forget_unconfirmed(self) -> None:
        """Delete keys whose first code never came."""
        old = SecondFactor.begun < self.clock.now() - UNCONFIRMED
        self.db.execute(delete(SecondFactor).where(SecondFactor.confirmed.is_(None), old))

    def _waiting(self, person_id: int) -> SecondFactor | None:
        factor = self.db.get(SecondFactor, person_id, populate_existing=True)
        if factor is None or factor.confirmed is not None:
            return None
        return factor if self.clock.now() - factor.begun < UNCONFIRMED else None

    def _totp(self, factor: SecondFactor) -> pyotp.TOTP:
        said = f"second factor\0{factor.person_id}\0{factor.seed}".encode()
        key = hmac.new(self.secret.encode(), said, hashlib.sha256).digest()[:KEY_BYTES]
        return pyotp.TOTP(base64.b32encode(key).decode())

    def _step(self, factor: SecondFactor, code: str) -> int | None:
        digits = "".join(code.split())
        # Other digits than these would be compared with no code anyhow.
        if not (digits.isascii() and digits.isdigit()):
            return None
        try:
            return self._totp(factor).verify_and_get_timecode(
                digits, for_time=self.clock.now(), valid_window=DRIFT
            )
        except pyotp.OTPVerificationError:
            return None

    def _use_step(self, person_id: int, step: int) -> bool:
        used = self.db.execute(
            update(SecondFactor)
            .where(SecondFactor.person_id == person_id, SecondFactor.last_step < step)
            .values(last_step=step)
            .execution_options(synchronize_session=False)
            .returning(SecondFactor.person_id)
        )
        return used.first() is not None

    def _use_recovery_code(self, person: Person, code: str) -> bool:
        used = self.db.execute(
            update(RecoveryCode)
            .where(
                RecoveryCode.person_id == person.id,
                RecoveryCode.code_hash == hash_of(_bare(code)),
                RecoveryCode.used.is_(None),
            )
            .values(used=self.clock.now())
            .execution_options(synchronize_session=False)
            .returning(RecoveryCode.id)
        )
        if used.first() is None:
            return False
        left = self.codes_left(person.id)
        details = {"left": left}
        about = ("person", person.id)
        self.audit.record(events.CODE_USED, about=about, who=person.id, details=details)
        self.letters.recovery_code_was_used(person, left)
        return True

    def _new_codes(self, person: Person) -> list[str]:
        self.db.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
        # Eighty random bits: a plain hash of them cannot be searched through.
        codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _n in range(CODES)]
        for code in codes:
            self.db.add(RecoveryCode(person_id=person.id, code_hash=hash_of(code), used=None))
        return ["-".join(grouped(code)) for code in codes]

    def _delete(self, person: Person) -> None:
        for kept in (RecoveryCode, SecondFactor):
            self.db.execute(delete(kept).where(kept.person_id == person.id))


def grouped(text: str) -> list[str]:
    """Return a long key in groups of four, as people copy it."""
    return [text[start : start + 4] for start in range(0, len(text), 4)]


def _bare(code: str) -> str:
    # As it was written down: in capitals, with or without dashes.
    return "".join(letter for letter in code.lower() if letter.isalnum())
