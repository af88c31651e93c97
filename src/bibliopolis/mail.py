"""Mail: kept in the database with the change it tells of, sent by the worker afterwards.

By default a message becomes a file in ``DATA/mail``, written exactly once because its name is its
Message-ID; by SMTP a crash between sending and noting that costs at most one repeat, which carries
the same Message-ID.
"""

from __future__ import annotations

import os
import smtplib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import policy
from email.header import Header
from email.headerregistry import HeaderRegistry, UniqueUnstructuredHeader, UnstructuredHeader
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import JSON, String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bibliopolis.clock import Clock
from bibliopolis.db import Base
from bibliopolis.errors import Conflict
from bibliopolis.i18n import _
from bibliopolis.outbox import Outbox

TOPIC = "mail"
TEN_MINUTES = 600.0
AT_ONCE = 1000
"""So many letters are forgotten by one transaction; the rest waits for the next look."""

NO_ADDRESS = _(
    "The site cannot write letters yet: whoever runs it must set its public address,"
    " bibliopolis.url."
)


def site_url(request: Request) -> str:
    """Return the address that links in letters begin with.

    Whoever asks for a page may write any host into the request: without the setting only a host
    that leads nowhere but to the reader's own machine is believed.
    """
    if request.settings.url:
        return request.settings.url
    if not is_local(request.host_url):
        raise Conflict(NO_ADDRESS)
    return request.application_url


def is_local(url: str) -> bool:
    """Say whether an address leads to the very machine it is opened on."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class MailMessage(Base):
    """A message to one person; ``sent`` is empty until the worker has delivered it.

    The text of a ``confidential`` one is forgotten then: it holds a link that lets people in.
    """

    __tablename__ = "mail_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(20))
    created: Mapped[datetime]
    sent: Mapped[datetime | None] = mapped_column(index=True)
    confidential: Mapped[bool] = mapped_column(default=False)
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Further headers, such as where replies go."""
    about: Mapped[str | None] = mapped_column(String(60), index=True)
    """What it tells of, such as ``enquiry:12``: a reply is found by it, and it can be forgotten."""


class Transport(Protocol):
    """How a finished message leaves the house."""

    def deliver(self, message: EmailMessage) -> None:
        """Deliver it, or raise: the outbox then tries again later."""


class FileTransport:
    """Write each message into a folder, under its Message-ID, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, message: EmailMessage) -> None:
        """Write the file; writing it twice changes nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").replace("@", "_") + ".eml"
        draft = self.folder / f".{name}.{os.getpid()}"
        with draft.open("wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / name)


class SmtpTransport:
    """Hand messages to a mail server."""

    def __init__(self, url: str) -> None:
        self.parts = urlsplit(url)

    def deliver(self, message: EmailMessage) -> None:
        """Deliver by SMTP."""
        with self.connected() as server:
            server.send_message(message)

    @contextmanager
    def connected(self) -> Iterator[smtplib.SMTP]:
        """Give the server, greeted, with STARTTLS where it offers it, and let in."""
        host, port = self.parts.hostname or "localhost", self.parts.port or 25
        with smtplib.SMTP(host, port, timeout=30) as server:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls()
                server.ehlo()
            if self.parts.username:
                server.login(unquote(self.parts.username), unquote(self.parts.password or ""))
            yield server


class Mailer:
    """Write to people."""

    def __init__(self, db: Session, clock: Clock, outbox: Outbox, sender: str) -> None:
        self.db = db
        self.clock = clock
        self.outbox = outbox
        self.sender = sender

    @classmethod
    def from_request(cls, context: Any, request: Request) -> Mailer:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            outbox=request.find_service(Outbox),
            sender=request.registry["bibliopolis.settings"].mail_from,
        )

    def send(
        self,
        recipient: str,
        subject: str,
        body: str,
        language: str,
        *,
        confidential: bool = False,
        headers: Mapping[str, str] | None = None,
        about: str | None = None,
    ) -> MailMessage:
        """Put a message into the outbox; texts are already in the recipient's language."""
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"
        message = MailMessage(
            message_id=f"<{uuid.uuid4().hex}@{domain}>",
            recipient=recipient,
            subject=" ".join(subject.split()),
            body=body,
            language=language,
            created=self.clock.now(),
            confidential=confidential,
            headers=dict(headers or {}),
            about=about,
        )
        self.db.add(message)
        self.db.flush()  # to get the id the outbox names
        self.outbox.add(TOPIC, str(message.id))
        return message


class AddressHeader(UnstructuredHeader):
    """A header that holds the address of a page: never folded and never encoded.

    Python makes encoded words of what is longer than a line, which RFC 2369 does not allow there.
    """

    def fold(self: Any, *, policy: Any) -> str:
        """Return the header in one line, however long."""
        return f"{self.name}: {self}{policy.linesep}"


class SubjectHeader(UniqueUnstructuredHeader):
    """The subject: encoded words are made of the whole of it.

    Python makes them word by word for what is longer than a line, and loses the space where one
    line ends and the next begins: between encoded words it does not count (RFC 2047, 6.2).
    """

    def fold(self: Any, *, policy: Any) -> str:
        """Return the header in lines that say what it says."""
        text = Header(str(self), maxlinelen=policy.max_line_length, header_name=self.name)
        return f"{self.name}: {text.encode(linesep=policy.linesep)}{policy.linesep}"


def _policy() -> Any:
    headers: Any = HeaderRegistry()
    headers.map_to_type("subject", SubjectHeader)
    headers.map_to_type("list-unsubscribe", AddressHeader)
    return policy.default.clone(header_factory=headers)


POLICY = _policy()


def compose(row: MailMessage, sender: str) -> EmailMessage:
    """Return the row as a message of the standard library."""
    message = EmailMessage(policy=POLICY)
    message["Message-ID"] = row.message_id
    message["Date"] = format_datetime(row.created)
    message["From"] = sender
    message["To"] = row.recipient
    message["Subject"] = row.subject
    message["Content-Language"] = row.language
    message["Auto-Submitted"] = "auto-generated"
    for name, value in row.headers.items():
        message[name] = value
    message.set_content(row.body)
    return message


def deliver_mail(request: Request, keys: Sequence[str]) -> None:
    """Deliver the messages the outbox names; a message already sent is left alone."""
    settings = request.registry["bibliopolis.settings"]
    transport: Transport = request.registry["bibliopolis.mail_transport"]
    rows = request.db.scalars(
        select(MailMessage).where(
            MailMessage.id.in_([int(key) for key in keys]), MailMessage.sent.is_(None)
        )
    )
    for row in rows:
        transport.deliver(compose(row, settings.mail_from))
        row.sent = request.clock.now()
        if row.confidential:
            row.body = ""


def forget_sent(request: Request) -> int:
    """Forget letters that went out long ago, some at a time; return how many.

    What was never sent stays until somebody has seen to it, however old it is.
    """
    before = request.clock.now() - timedelta(days=request.settings.mail_days)
    old = request.db.scalars(
        select(MailMessage.id)
        .where(MailMessage.sent < before)
        .order_by(MailMessage.sent)
        .limit(AT_ONCE)
    ).all()
    if old:
        request.db.execute(
            delete(MailMessage)
            .where(MailMessage.id.in_(old))
            .execution_options(synchronize_session=False)
        )
    return len(old)


def includeme(config: Configurator) -> None:
    """Register the mailer, the way messages leave, and the job that sends them."""
    settings = config.registry["bibliopolis.settings"]
    transport: Transport = (
        SmtpTransport(settings.mail)
        if settings.mail.startswith("smtp://")
        else FileTransport(settings.data / "mail")
    )
    config.registry["bibliopolis.mail_transport"] = transport
    config.register_service_factory(Mailer.from_request, Mailer)
    # One message a batch: a crash repeats one message at most.
    config.add_job(TOPIC, deliver_mail, batch=1)
    config.add_upkeep("mail", forget_sent, every=TEN_MINUTES, writes=True)
