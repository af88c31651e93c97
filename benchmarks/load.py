"""``make load``: many readers at once against ``production.ini`` on this machine.

A PostgreSQL of its own, web processes and a worker are started as docs/operators.md has them. Each
reader signs in, then goes round: a search, a record of what was found, a hold on it, the account,
the hold cancelled, and thinks in between as people do. Ends with 1 if anything went wrong or the
95th percentile of any kind of request is above the limit.
"""

from __future__ import annotations

import argparse
import http.client
import math
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from lxml import html

SITE = Path(__file__).resolve().parent.parent
HOST = "bibliopolis.example"
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
RECORD = re.compile(r'href="(/ru/catalogue/\d+)"')
PASSWORD = "load and nothing else"
LIMIT = 0.5
"""Seconds within which 95 of 100 answers have to come."""
SIGN_IN = "sign in"
"""Comes once a visit and is slow on purpose (argon2): shown, not judged."""


@dataclass
class Figures:
    """What all readers have seen: seconds of each kind of request, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, seconds: float, error: str | None) -> None:
        """Note one request."""
        with self.lock:
            self.seconds[kind].append(seconds)
            if error:
                self.errors.append(error)


class Wrong(Exception):
    """An answer that no reader should get; it has been noted."""


class Reader(threading.Thread):
    """One reader with a browser of their own, who comes through a web server in front."""

    def __init__(
        self,
        number: int,
        port: int,
        figures: Figures,
        words: Sequence[str],
        begin: float,
        end: float,
        think: float,
    ) -> None:
        super().__init__(daemon=True)
        self.number, self.figures, self.words = number, figures, words
        self.begin, self.end, self.think = begin, end, think
        self.random = random.Random(number)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def run(self) -> None:
        """Come at a time of one's own, sign in, and go round until the end."""
        time.sleep(max(0.0, self.begin - time.monotonic()))
        signed_in = False
        while time.monotonic() < self.end:
            try:
                if not signed_in:
                    self.sign_in()
                    signed_in = True
                self.go_round()
            except Wrong:
                self.rest()
        self.connection.close()

    def rest(self) -> None:
        """Read what is there before the next step."""
        time.sleep(self.random.uniform(0.5, 1.5) * self.think)

    def sign_in(self) -> None:
        """Sign in by the form."""
        path = "/ru/account/sign-in"
        form = self.form(self.ask("page", path), "/sign-in")
        form |= {"name": email(self.number), "password": PASSWORD}
        self.ask(SIGN_IN, path, form)
        self.rest()

    def go_round(self) -> None:
        """Search, look at a record, hold it, look at the account, cancel."""
        word = self.random.choice(self.words)
        found = self.ask("search", f"/ru/catalogue?q={quote(word)}")
        self.rest()
        records = sorted(set(RECORD.findall(found)))
        if not records:
            return
        page = self.ask("record", self.random.choice(records))
        self.rest()
        form = self.form(page, "/account/holds")
        if not form:
            return  # nobody lends it
        placed = self.ask("hold", "/ru/account/holds", form)
        self.ask("account", "/ru/account")
        self.rest()
        hold = self.ask("account", urlsplit(placed).path)
        action = self.action(hold, "/cancel")
        if action:
            self.ask("cancel", action, self.form(hold, "/cancel"))
            self.rest()

    def ask(self, kind: str, path: str, form: dict[str, str] | None = None) -> str:
        """Return the page, or where an answer to a form leads."""
        began = time.perf_counter()
        try:
            status, location, text = self._exchange(path, form)
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.figures.add(kind, time.perf_counter() - began, f"{kind} {path}: {error!r}")
            raise Wrong from error
        wanted = 200 if form is None else 303
        error = None if status == wanted else f"{kind} {path}: {status}"
        self.figures.add(kind, time.perf_counter() - began, error)
        if error:
            raise Wrong
        return text if form is None else location

    def _exchange(self, path: str, form: dict[str, str] | None) -> tuple[int, str, str]:
        headers = {
            "Host": HOST,
            "Origin": f"https://{HOST}",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": f"198.51.{100 + self.number // 250}.{self.number % 250 + 1}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if form is None else urlencode(form)
        self.connection.request("GET" if form is None else "POST", path, body, headers)
        with self.connection.getresponse() as answer:
            text = answer.read().decode()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _equals, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.headers.get("Location", ""), text

    @staticmethod
    def _found(page: str, ending: str) -> html.FormElement | None:
        # Two hundred readers in one process must not cost more than the site they measure.
        for text in FORM.findall(page):
            form: html.FormElement = html.fragment_fromstring(text)
            if (form.action or "").endswith(ending):
                return form
        return None

    def form(self, page: str, ending: str) -> dict[str, str]:
        """Return what a form of the page would send, or nothing if there is none."""
        found = self._found(page, ending)
        return {} if found is None else dict(found.form_values())

    def action(self, page: str, ending: str) -> str | None:
        """Return where a form of the page leads."""
        found = self._found(page, ending)
        return None if found is None else urlsplit(found.action).path


def email(number: int) -> str:
    """Return the address of a reader made for the occasion."""
    return f"load-{number}@example.org"


def main() -> None:
    """Make the city, let the readers come, and print what they saw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--think", type=float, default=5.0, help="seconds between two steps, about")
    parser.add_argument("--records", type=int, default=10_000, help="beside those of the demo")
    parser.add_argument("--processes", type=int, default=2, help="web processes")
    parser.add_argument(
        "--limit", type=float, default=LIMIT, help="of the 95th percentile, seconds"
    )
    options = parser.parse_args()

    with running_city(options.records, options.readers, options.processes) as (ports, words):
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
        figures = Figures()
        now = time.monotonic()
        # Not all at once: nobody opens the doors of a portal.
        ramp = min(options.seconds / 4, 20.0)
        readers = [
            Reader(
                number,
                ports[number % len(ports)],
                figures,
                words,
                begin=now + ramp * number / options.readers,
                end=now + options.seconds,
                think=options.think,
            )
            for number in range(options.readers)
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    sys.exit(0 if report(figures, options) else 1)


def report(figures: Figures, options: argparse.Namespace) -> bool:
    """Print the figures; return whether all is as promised."""
    print(f"{options.readers} readers, {options.seconds:.0f} s, {options.processes} web processes")
    print(f"{'':10} {'requests':>9} {'median':>8} {'95 %':>8} {'slowest':>8}   (ms)")
    judged: list[float] = []
    well = not figures.errors
    for kind, seconds in sorted(figures.seconds.items()):
        well = line(kind, seconds, options.limit, judge=kind != SIGN_IN) and well
        judged += seconds if kind != SIGN_IN else []
    well = line("all", judged, options.limit) and well
    print(f"{len(judged) / options.seconds:.1f} requests a second, {len(figures.errors)} errors")
    for error in figures.errors[:10]:
        print(f"  {error}")
    return well


def line(kind: str, seconds: list[float], limit: float, *, judge: bool = True) -> bool:
    """Print a line of the table; return whether it is below the limit."""
    if not seconds:
        return True
    high = sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]
    late = judge and high > limit
    values = (statistics.median(seconds), high, max(seconds))
    print(
        f"{kind:10} {len(seconds):9,}",
        *(f"{value * 1000:8.0f}" for value in values),
        f"  above {limit * 1000:.0f}" if late else "",
    )
    return not late


@contextmanager
def running_city(
    records: int, readers: int, processes: int
) -> Iterator[tuple[list[int], list[str]]]:
    """Give the ports of the web processes of a city, and words its titles have."""
    sys.path.insert(0, str(SITE / "tests"))
    from fixtures.postgres import running_cluster

    with ExitStack() as stack:
        cluster = stack.enter_context(running_cluster(safe=True))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bibliopolis-load-"))
        os.environ |= {
            "BIBLIOPOLIS_CONFIG": str(SITE / "production.ini"),
            "BIBLIOPOLIS_DATABASE": cluster.make_database(),
            "BIBLIOPOLIS_DATA": folder,
            "BIBLIOPOLIS_SECRET": "load",
            "BIBLIOPOLIS_MAIL": "file",
        }
        for command in (["init"], ["demo", "--records", str(records)]):
            subprocess.run([sys.executable, "-m", "bibliopolis", *command], cwd=SITE, check=True)
        words = add_readers(readers)
        subprocess.run([sys.executable, "-m", "bibliopolis", "reindex"], cwd=SITE, check=True)
        ports = [free_port() for _ in range(processes)]
        for port in ports:
            stack.enter_context(running("web", "--port", str(port), "--trusted-proxy", "127.0.0.1"))
        stack.enter_context(running("worker"))
        for port in ports:
            wait_for(port)
        yield ports, words


def add_readers(count: int) -> list[str]:
    """Open accounts with cards for so many readers; return words of titles there are."""
    from sqlalchemy import select

    from bibliopolis.accounts.services import People
    from bibliopolis.catalogue.models import Record
    from bibliopolis.cli.environment import prepared_request
    from bibliopolis.libraries.models import Library, OrganisationKind
    from bibliopolis.readers.services import Particulars, Registering

    print(f"{count} readers get their cards …")
    with prepared_request(os.environ["BIBLIOPOLIS_CONFIG"]) as request, request.tm:
        is_library = Library.kind == OrganisationKind.LIBRARY
        libraries = list(request.db.scalars(select(Library.id).where(is_library)))
        people = request.find_service(People)
        desk = request.find_service(Registering)
        for number in range(count):
            person = people.create(
                name=f"Reader {number}", email=email(number), password=PASSWORD, language="ru"
            )
            said = Particulars(f"Reader {number}", libraries[number % len(libraries)], None)
            desk.register(said, f"9{number:09d}", person_id=person.id)
        titles = request.db.scalars(select(Record.title).order_by(Record.id).limit(2000))
        return sorted({word for title in titles for word in title.split() if len(word) > 4})


def free_port() -> int:
    """Return a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*command: str) -> Iterator[None]:
    """Run a process of the site beside."""
    process = subprocess.Popen([sys.executable, "-m", "bibliopolis", *command], cwd=SITE)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_for(port: int) -> None:
    """Wait until a web process answers."""
    end = time.monotonic() + 60
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/ru", headers={"Host": HOST})
            if connection.getresponse().status == 200:
                return
        except OSError:
            if time.monotonic() > end:
                raise
        finally:
            connection.close()
        time.sleep(0.1)


if __name__ == "__main__":
    main()
