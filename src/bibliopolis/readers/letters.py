"""Letters about registering: to an address that nobody has used yet, and to one that has a card."""

from __future__ import annotations

from typing import Any

from bibliopolis.accounts.letters import LetterWriter
from bibliopolis.accounts.models import Person
from bibliopolis.i18n import _


class ReaderLetters(LetterWriter):
    """Write to those who register."""

    def confirm_registration(self, email: str, name: str, token: str, language: str) -> None:
        """Ask at an address whether whoever registers reads its mail."""
        body = _(
            "${name} wants to become a reader of the city's libraries.\n\n"
            "Confirm it with the password chosen there: ${address}\n\n"
            "The link works once and for two days. If it was not you, do nothing: "
            "nothing is kept then.\n",
            mapping={
                "name": name,
                "address": self.link(f"confirm-registration/{token}", language),
            },
        )
        self.write(email, language, _("Confirm your registration"), body, confidential=True)

    def open_account(self, email: str, name: str, token: str, language: str) -> None:
        """Send a reader of a desk the link that opens their account."""
        body = _(
            "${name}, a library has registered you as a reader. Open your account on the site to "
            "place holds and see what you have.\n\n"
            "Have your card at hand and choose a password: ${address}\n\n"
            "The link works once and for two days. If you are not that reader, do nothing: "
            "without the card it opens nothing.\n",
            mapping={"name": name, "address": self.link(f"open/{token}", language)},
        )
        self.write(email, language, _("Open your account"), body, confidential=True)

    def registration_refused(self, person: Person, reason: Any) -> None:
        """Tell somebody that a desk did not finish their registration."""
        body = _(
            "A library has not finished your registration: ${reason}\n\n"
            "What you typed has been deleted. Your account stays; in it you may register again: "
            "${address}\n",
            mapping={
                "reason": self.translate(reason, person.language),
                "address": self.link("register", person.language),
            },
        )
        subject = _("Your registration was not finished")
        self.write(person.email, person.language, subject, body)

    def known_already(self, person: Person) -> None:
        """Tell the owner of an account that it cannot be opened a second time."""
        body = _(
            "Somebody, perhaps you, wants to register with this address. It has an account "
            "already, so nothing has been changed.\n\n"
            "Sign in: ${sign_in}\n"
            "Forgotten the password? Set a new one: ${forgot}\n",
            mapping={
                "sign_in": self.link("sign-in", person.language),
                "forgot": self.link("forgot-password", person.language),
            },
        )
        subject = _("This address has an account already")
        self.write(person.email, person.language, subject, body)
