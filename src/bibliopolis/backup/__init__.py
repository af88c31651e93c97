"""Backup and restore: one archive with all that a site cannot make again.

An archive is a ZIP file. ``manifest.json`` names everything else in it, with sizes and SHA-256:
``tables/NAME.jsonl`` (a row a line), ``data/…`` (files of the data folder) and ``settings/…``
(the .ini file and the declarations, to look at). It is the same for every kind of database, so that
a site on SQLite can be restored on PostgreSQL; see ``docs/adr/0011-backups-are-our-own-dump.md``.

Whoever restores does not trust the archive: nothing is unpacked by a name that was not checked, and
nothing is touched before everything was read once and found whole.
"""

UNFINISHED = "restore-is-unfinished"
"""The file in the data folder that says so; it stands here because every web process looks for it,
and has no use for the tools of a restore (Alembic alone takes ten megabytes)."""
