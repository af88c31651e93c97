"""Every mapped class, imported in one place so that the metadata is complete."""

from bibliopolis.accounts import models as accounts
from bibliopolis.catalogue import models as catalogue
from bibliopolis.catalogue.sought import SoughtInVain
from bibliopolis.circulation import models as circulation
from bibliopolis.circulation.due_calendar import models as due_calendar
from bibliopolis.circulation.emergency import models as emergency
from bibliopolis.circulation.refusals import models as refusals
from bibliopolis.circulation.waiting import models as waiting
from bibliopolis.circulation.whatif import models as whatif
from bibliopolis.consultations import models as consultations
from bibliopolis.content import models as content
from bibliopolis.db import Base
from bibliopolis.intake import models as intake
from bibliopolis.intake.harvest import models as harvest
from bibliopolis.libraries import models as libraries
from bibliopolis.mail import MailMessage
from bibliopolis.notices import models as notices
from bibliopolis.outbox import OutboxRow, WorkerHeartbeat
from bibliopolis.participation import models as participation
from bibliopolis.readers import models as readers
from bibliopolis.resources.history import HistoryEntry

__all__ = [
    "Base",
    "HistoryEntry",
    "MailMessage",
    "OutboxRow",
    "SoughtInVain",
    "WorkerHeartbeat",
    "accounts",
    "catalogue",
    "circulation",
    "consultations",
    "content",
    "due_calendar",
    "emergency",
    "harvest",
    "intake",
    "libraries",
    "notices",
    "participation",
    "readers",
    "refusals",
    "waiting",
    "whatif",
]
