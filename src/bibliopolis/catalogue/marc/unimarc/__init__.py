"""UNIMARC and its Russian form RUSMARC: from their fields to the description we keep.

The fields are those of the UNIMARC Bibliographic Manual (IFLA) and of the RUSMARC documentation
of the Russian Library Association, which differ in their tables of codes more than in fields.
"""

from bibliopolis.catalogue.marc.unimarc.mapping import to_record_data

__all__ = ["to_record_data"]
