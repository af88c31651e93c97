"""Harvesting the catalogues of other libraries by OAI-PMH 2.0."""
