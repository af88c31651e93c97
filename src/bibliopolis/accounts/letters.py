"""Letters about accounts: in the person's language, with the way on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Self

from bibliopolis.accounts.models import Person
from bibliopolis.i18n import _, _n
from bibliopolis.mail import Mailer, site_url
from bibliopolis.templates import speaker


class LetterWriter:
    """What letters with a way on have in common: the language, the address of the site.

    ``site`` returns that address, or raises Conflict where none is known that can be believed.
    """

    def __init__(
        self, mailer: Mailer, translate: Callable[[Any, str], str], site: Callable[[], str]
    ) -> None:
        self.mailer = mailer
        self.translate = translate
        self.site = site

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Self:
        """Make it for a request."""
        return cls(
            mailer=request.find_service(Mailer),
            translate=speaker(request),
            site=partial(site_url, request),
        )

    @property
    def site_url(self) -> str:
        """Return the address that links begin with."""
        return self.site()

    def write(
        self, to: str, language: str, subject: Any, body: Any, *, confidential: bool = False
    ) -> None:
        """Send a letter; a ``confidential`` one holds a link that lets people in."""
        self.mailer.send(
            to,
            self.translate(subject, language),
            self.translate(body, language),
            language,
            confidential=confidential,
        )

    def link(self, page: str, language: str, site_url: str | None = None) -> str:
        """Return the address of a page below ``account``."""
        return f"{site_url or self.site_url}/{language}/account/{page}"


class AccountLetters(LetterWriter):
    """Write to people about their accounts."""

    def new_password(self, person: Person, token: str, site_url: str) -> None:
        """Send the link by which a new password is set."""
        body = _(
            "Somebody, perhaps you, has asked for a new password for this account.\n\n"
            "Set a new password: ${address}\n\n"
            "The link works once and for two hours. If it was not you, do nothing: "
            "your password stays as it is.\n",
            mapping={"address": self.link(f"new-password/{token}", person.language, site_url)},
        )
        self._send(person, person.email, _("A new password"), body, confidential=True)

    def password_was_set(self, person: Person) -> None:
        """Tell a person that their password is another one now."""
        body = _(
            "The password of your account has been changed.\n\n"
            "If it was not you, set a new one at once: ${address}\n",
            mapping={"address": self.link("forgot-password", person.language)},
        )
        self._send(person, person.email, _("Your password has been changed"), body)

    def confirm_address(self, person: Person, email: str, token: str) -> None:
        """Ask at the new address whether it is theirs."""
        body = _(
            "${name} wants to use this address with the account at the libraries' portal.\n\n"
            "Confirm it: ${address}\n\n"
            "The link works once and for one day. If it was not you, do nothing.\n",
            mapping={
                "name": person.name,
                "address": self.link(f"confirm-address/{token}", person.language),
            },
        )
        self._send(person, email, _("Confirm your new address"), body, confidential=True)

    def address_is_taken(self, person: Person, email: str) -> None:
        """Tell the owner of an address that it cannot be taken for another account."""
        body = _(
            "Somebody, perhaps you, wants to use this address with another account. It already "
            "belongs to one, so nothing has been changed.\n\n"
            "Forgotten the password? Set a new one: ${address}\n",
            mapping={"address": self.link("forgot-password", person.language)},
        )
        self._send(person, email, _("This address has an account already"), body)

    def address_was_changed(self, person: Person, old: str) -> None:
        """Tell the old address where letters go from now on."""
        body = _(
            "The address of your account is ${email} now; this one is no longer used.\n\n"
            "If it was not you, tell the library at once.\n",
            mapping={"email": person.email},
        )
        self._send(person, old, _("Your address has been changed"), body)

    def second_step_is_on(self, person: Person) -> None:
        """Tell a person that signing in asks for a code now."""
        body = _(
            "From now on signing in to your account asks for a code of your app, too. Keep the "
            "recovery codes where you will find them without your phone.\n\n"
            "If it was not you, set a new password at once and tell the library: ${address}\n",
            mapping={"address": self._new_password_page(person)},
        )
        self._send(person, person.email, _("The second step is switched on"), body)

    def second_step_is_off(self, person: Person) -> None:
        """Tell a person that the password is enough again."""
        body = _(
            "Signing in to your account no longer asks for a code: the password is enough.\n\n"
            "If it was not you, set a new password at once and tell the library: ${address}\n",
            mapping={"address": self._new_password_page(person)},
        )
        self._send(person, person.email, _("The second step is switched off"), body)

    def second_step_was_reset(self, person: Person) -> None:
        """Tell a person that an administrator has switched it off for them."""
        body = _(
            "An administrator has switched off the second step of your account and signed you "
            "out everywhere. Sign in with your password and set it up anew: ${address}\n\n"
            "If you have not asked for that, tell the library at once.\n",
            mapping={"address": f"{self.site_url}/{person.language}/account/second-factor"},
        )
        self._send(person, person.email, _("Your second step has been reset"), body)

    def recovery_code_was_used(self, person: Person, left: int) -> None:
        """Tell a person that one of their recovery codes has been used, and how many are left."""
        body = _(
            "Somebody has used one of your recovery codes instead of the app. ${left}\n\n"
            "If it was not you, set a new password at once and tell the library: ${address}\n",
            mapping={
                "left": _n("${n} code is left.", "${n} codes are left.", left),
                "address": self._new_password_page(person),
            },
        )
        self._send(person, person.email, _("A recovery code has been used"), body)

    def _new_password_page(self, person: Person) -> str:
        return f"{self.site_url}/{person.language}/account/forgot-password"

    def _send(
        self, person: Person, to: str, subject: Any, body: Any, confidential: bool = False
    ) -> None:
        self.write(to, person.language, subject, body, confidential=confidential)
