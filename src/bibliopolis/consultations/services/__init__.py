"""The verbs of consultations, and what they and the pages look up."""

from .attachments import Attachments
from .deadlines import Deadlines
from .enquiries import Enquiries, Question
from .incoming import IncomingLetters
from .keeping import Keeping
from .letters import EnquiryLetters
from .lists import EnquiryLists, Show
from .quotas import Quota, Quotas
from .steps import EnquirySteps
from .tickets import Tickets
from .topic_editing import TopicEditing
from .topics import Topics

__all__ = [
    "Attachments",
    "Deadlines",
    "Enquiries",
    "EnquiryLetters",
    "EnquiryLists",
    "EnquirySteps",
    "IncomingLetters",
    "Keeping",
    "Question",
    "Quota",
    "Quotas",
    "Show",
    "Tickets",
    "TopicEditing",
    "Topics",
]
