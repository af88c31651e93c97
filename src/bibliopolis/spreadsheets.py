"""Lists for spreadsheets: CSV that Excel and LibreOffice open with the right letters and cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any, cast

from pyramid.request import Request
from pyramid.response import FileIter, Response

IN_MEMORY = 1_000_000
"""Longer lists go through a file, so that one visitor cannot fill the memory."""

# Where a spreadsheet parts cells at another sign than the comma, as Excel does in Russian, what
# stands behind that sign inside a cell begins one. The wide signs count as the plain ones.
_FORMULA = re.compile(r"^(?=[\t\r\n])|(?:^|[;,|\t\r\n])(?=[=+\-@＝＋－＠])")


def csv_response(
    request: Request, name: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> Response:
    """Return a download; ``heads`` and messages are translated, and no cell becomes a formula."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 -- the server closes it
    text = io.TextIOWrapper(cast("io.BufferedRandom", file), encoding="utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=request.formats.cell_separator)
    writer.writerow([request.translate(head) for head in heads])
    for row in rows:
        writer.writerow([harmless(_said(request, cell)) for cell in row])
    text.flush()
    text.detach()
    length = file.tell()
    file.seek(0)
    response = Response(content_type="text/csv", app_iter=FileIter(file))
    response.charset = "utf-8"
    response.content_length = length
    response.content_disposition = f'attachment; filename="{name}"'
    return response


def _said(request: Request, cell: Any) -> str:
    # What people typed may look like one of our own texts.
    return (cell or "") if cell is None or type(cell) is str else request.translate(cell)


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\g<0>'", cell)
