"""The ways notices leave by: mail, and messages to a telephone, which become files by default.

A site that has a gateway adds a channel of the same name from a package of its own; what is
written here then shows what it would have sent.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from zope.interface import implementer

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.mail import Mailer

from .interfaces import INoticeChannel, Message

WRONG = _("Some fields need another look.")
MAIL = "mail"
SMS = "sms"
MESSENGER = "messenger"
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
"""A telephone number by ITU-T E.164."""
ACCOUNT = re.compile(r"@?[A-Za-z0-9_.]{3,64}")


@implementer(INoticeChannel)
class MailChannel:
    """Letters to the address of the account, which was confirmed when it was made."""

    name = MAIL
    title = _("E-mail")
    asks = None
    is_short = False

    def clean(self, address: str) -> str:
        """Return the address: accounts have looked at it."""
        return address

    def deliver(self, request: Any, message: Message) -> None:
        """Put a letter into the outbox; once it is sent, nobody reads here what it said."""
        request.find_service(Mailer, context=None).send(
            message.address,
            message.subject,
            message.body,
            message.language,
            confidential=True,
        )


@implementer(INoticeChannel)
class FileChannel:
    """Write each message into a folder, under its key, whole or not at all."""

    is_short = True

    def __init__(
        self, name: str, title: Any, asks: Any, wanted: re.Pattern[str], folder: Path
    ) -> None:
        self.name = name
        self.title = title
        self.asks = asks
        self.wanted = wanted
        self.folder = folder

    def clean(self, address: str) -> str:
        """Return the address without what people put between figures."""
        plain = address.strip()
        if plain.startswith(("+", "00")):
            plain = "+" + re.sub(r"[\s()./-]", "", plain).removeprefix("+").removeprefix("00")
        if not self.wanted.fullmatch(plain):
            raise InvalidInput(WRONG, {"address": _NO_ADDRESS.get(self.name, WRONG)})
        return plain

    def deliver(self, request: Any, message: Message) -> None:
        """Write the file; writing it twice changes nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{message.key}.txt"
        draft = self.folder / f".{name}.{os.getpid()}"
        with draft.open("w", encoding="utf-8") as file:
            file.write(f"{message.address}\n\n{message.body}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / name)


_NO_ADDRESS = {
    SMS: _("Enter the number with the code of the country, such as +7 812 555-01-02."),
    MESSENGER: _("Enter the name of your account, such as @elena."),
}


def default_channels(data: Path) -> tuple[Any, ...]:
    """Return the channels every site has; the folders are those of its data."""
    return (
        MailChannel(),
        FileChannel(SMS, _("SMS"), _("Telephone number for SMS"), NUMBER, data / "sms"),
        FileChannel(
            MESSENGER,
            _("Messenger"),
            _("Your account in the messenger"),
            ACCOUNT,
            data / "messenger",
        ),
    )
