"""How fast a library's file comes into the catalogue: ``bibliopolis import-records``, whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.figures import Figures
from bibliopolis.catalogue.generated import RUSSIAN
from bibliopolis.catalogue.marc.structure import Field, Record
from bibliopolis.catalogue.marc.writing import to_iso2709

SITE = Path(__file__).resolve().parent.parent
RECORDS, MANY_RECORDS = 5_000, 50_000
LEADER = "00000nam a2200000 i 4500"


def measure_importing(data: Path, *, size: int) -> Figures:
    """Return records a second, the start of the command included, and the memory it took at most.

    It is done in a copy of the site. Into a large catalogue ten times as many are brought: memory
    that grows with the file would show.
    """
    count = MANY_RECORDS if size >= MANY_RECORDS else RECORDS
    with tempfile.TemporaryDirectory(prefix="bibliopolis-bench-") as folder:
        copy, file = Path(folder) / "var", Path(folder) / "library.mrc"
        shutil.copytree(data, copy)
        file.write_bytes(b"".join(to_iso2709(one) or b"" for one in records(count)))
        command = [sys.executable, "-m", "bibliopolis", "import-records", "--library", "central"]
        began = time.perf_counter()
        importer = subprocess.Popen(
            [*command, str(file)], cwd=SITE, env={**os.environ, "BIBLIOPOLIS_DATA": str(copy)}
        )
        _pid, status, used = os.wait4(importer.pid, 0)
        if os.waitstatus_to_exitcode(status):
            raise RuntimeError("the import failed")
        return {
            "records imported, a second": count / (time.perf_counter() - began),
            "import, MB at most": used.ru_maxrss / 1024,
        }


def records(count: int) -> Iterator[Record]:
    """Make descriptions as libraries send them, with two copies each."""
    chance = Random(1)
    for number in range(count):
        said = {name: chance.choice(words) for name, words in RUSSIAN.items()}
        title = f"{said['first']} {said['thing']}: {said['form']} о {said['matter']} {number}"
        year = chance.randint(1900, 2026)
        fields = [
            Field("001", data=f"bench-{number}"),
            Field("008", data=f"850101s{year}    ru            000 1 rus  "),
            _field("100", "1 ", a=f"{said['who']}, {said['given']}"),
            _field("245", "10", a=title),
            _field("260", "  ", a=f"{said['place']} :", b=f"{said['house']},", c=f"{year}."),
            _field("650", " 0", a=said["matter"].capitalize()),
        ]
        fields += [
            _field("952", "  ", a="central", b="central", o="84", p=f"B{number:06}{copy}")
            for copy in range(2)
        ]
        yield Record(LEADER, fields)


def _field(tag: str, indicators: str, **subfields: str) -> Field:
    return Field(tag, indicators=indicators, subfields=list(subfields.items()))
