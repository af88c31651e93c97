"""Records of the Russian library system IRBIS: its text export and what its fields mean."""

from bibliopolis.catalogue.marc.irbis.mapping import journal_title, to_record_data
from bibliopolis.catalogue.marc.irbis.text import field_of, read_irbis, to_text

__all__ = ["field_of", "journal_title", "read_irbis", "to_record_data", "to_text"]
