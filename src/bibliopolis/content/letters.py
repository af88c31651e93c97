"""Letters to the people who write: in their language, with the way to the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bibliopolis.accounts.models import Person
from bibliopolis.i18n import _
from bibliopolis.mail import Mailer, site_url
from bibliopolis.templates import speaker

from .models import Content, ContentTranslation


class Letters:
    """Tell authors what became of their pages."""

    def __init__(
        self,
        db: Session,
        mailer: Mailer,
        translate: Callable[[Any, str], str],
        site: Callable[[], str],
    ) -> None:
        self.db = db
        self.mailer = mailer
        self.translate = translate
        self.site = site

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Letters:
        """Make it for a request."""
        return cls(
            db=request.db,
            mailer=request.find_service(Mailer),
            translate=speaker(request),
            site=partial(site_url, request),
        )

    def sent_back(
        self,
        node: Content,
        translation: ContentTranslation,
        comment: str,
        reviewer_id: int | None,
    ) -> None:
        """Tell who wrote the working revision why it was sent back."""
        author_id = translation.working.author_id if translation.working else None
        if author_id is None or author_id == reviewer_id:
            return
        author = self.db.get(Person, author_id)
        if author is None or author.disabled:
            return
        reviewer = self.db.get(Person, reviewer_id) if reviewer_id is not None else None
        title = translation.working_title or node.slug
        address = f"{self.site()}/{translation.language}/{node.path or 'home'}/@@edit"
        body = _(
            "${name} has read “${title}” and sends it back to you:\n\n${comment}\n\n"
            "Edit the page: ${address}\n",
            mapping={
                "name": reviewer.name if reviewer else "",
                "title": title,
                "comment": comment,
                "address": address,
            },
        )
        subject = _("Sent back: ${title}", mapping={"title": title})
        language = author.language
        self.mailer.send(
            author.email,
            self.translate(subject, language),
            self.translate(body, language),
            language,
        )
