"""The site as its visitors meet it: a web process with four threads, asked over HTTP by wrk.

Nothing is kept between requests but what is compiled (templates, statements, catalogues of
messages), so each figure is that of a page made anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.figures import Figures

SITE = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
CONNECTIONS = 4
WARM_UP = 1
WRITES = 40
TICKS = os.sysconf("SC_CLK_TCK")

JSON = ("Accept: application/json",)
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "front page": ("/ru/", ()),
    "content page": ("/ru/for-readers/rules", ()),
    "content page, packed": ("/ru/for-readers/rules", ("Accept-Encoding: gzip",)),
    "listing": ("/ru/news", ()),
    "events": ("/ru/events", ()),
    "search": (f"/ru/catalogue?q={quote('город')}", ()),
    "record": ("/ru/catalogue/12", ()),
    "JSON page": ("/ru/for-readers/rules", JSON),
}
"""What is asked for: addresses of the demo, with the headers that make the difference."""

EVERY_COLUMN = (
    f"/ru/catalogue?q={quote('дом')}",
    f"/ru/catalogue?q={quote('забыый остров')}",  # a slip: all words are looked through
    "/ru/catalogue?sort=title",
    "/ru/catalogue?avail=city&from=1950&to=2000",
    "/ru/catalogue/@@browse?by=author",
    "/ru/catalogue/@@browse?by=subject",
    f"/ru/catalogue/@@suggest?q={quote('гор')}",
)
"""What makes a process read all there is to be kept of the index."""


class WebProcess:
    """``bibliopolis web`` with four threads on a free port, and what it costs."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://localhost:{port}"
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bibliopolis", "web", "--port", str(port), "--threads", "4"],
            cwd=SITE,
            env=_environment(data),
        )
        try:
            self._await()
        except BaseException:
            self.stop()
            raise
        self.start = time.perf_counter() - began
        """Seconds from the command to the first page."""

    def _await(self) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/ru/for-readers/rules", timeout=PATIENCE).close()
                return
            except urllib.error.HTTPError:
                raise
            except OSError as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("the web process does not answer") from error
                time.sleep(0.01)

    def stop(self) -> None:
        """End the process."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)

    @property
    def cpu(self) -> float:
        """Seconds of processor time that all threads have used."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        in_program, in_system = stat.rpartition(")")[2].split()[11:13]
        return (int(in_program) + int(in_system)) / TICKS

    @property
    def memory(self) -> float:
        """Megabytes that the process holds in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """Send JSON and return the JSON of the answer."""
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        sent = None
        if body is not None:
            sent = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, sent, headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.load(response)


def _environment(data: Path) -> dict[str, str]:
    # Python keeps what it has compiled, as it does on every server: the first start is dearer.
    kept = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"BIBLIOPOLIS_DATA": str(data)}


@contextmanager
def web_process(data: Path) -> Iterator[WebProcess]:
    """Give a running site."""
    running = WebProcess(data)
    try:
        yield running
    finally:
        running.stop()


def measure_web(data: Path, *, seconds: int) -> Figures:
    """Return the start, requests a second and processor time of each page, and the memory."""
    figures: Figures = {}
    starts = []
    for _ in range(3):
        with web_process(data) as site:
            starts.append(site.start)
            for path, _headers in PAGES.values():
                # Its templates are compiled now, once for all starts, and no part of the memory.
                urllib.request.urlopen(site.url + path, timeout=PATIENCE).close()
    figures["start to the first page, s"] = min(starts)
    if shutil.which("wrk") is None:
        print("wrk is not installed (on Debian: apt-get install wrk): requests are not measured.")
        return figures
    with web_process(data) as site:
        for name, (path, headers) in PAGES.items():
            rate, cpu = measure_page(site, path, headers, seconds)
            figures[f"{name}, a second"] = rate
            figures[f"{name}, CPU ms"] = cpu
        figures["memory, MB"] = site.memory
    return figures


def measure_first_search(data: Path) -> Figures:
    """Return how long the first search of a new process takes, and its memory with all columns."""
    with web_process(data) as site:
        began = time.perf_counter()
        urllib.request.urlopen(site.url + PAGES["search"][0], timeout=PATIENCE).close()
        first = time.perf_counter() - began
        for path in EVERY_COLUMN:
            urllib.request.urlopen(site.url + path, timeout=PATIENCE).close()
        return {"first search, s": first, "memory with all columns, MB": site.memory}


def measure_page(
    site: WebProcess, path: str, headers: tuple[str, ...], seconds: int
) -> tuple[float, float]:
    """Return requests a second, and milliseconds of processor time a request.

    Of the two the second says more on a machine that does other things beside.
    """
    # The first search reads the index, which may take longer than wrk warms up.
    urllib.request.urlopen(site.url + path, timeout=PATIENCE).close()
    run_wrk(site.url + path, headers, WARM_UP)
    before = site.cpu
    said = run_wrk(site.url + path, headers, seconds)
    used = site.cpu - before
    refused = re.search(r"Non-2xx.*", said)
    if refused:
        raise RuntimeError(f"{path}: {refused[0]}")
    requests = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]
    return float(re.search(r"Requests/sec: +([\d.]+)", said)[1]), used / requests * 1000  # type: ignore[index]


def run_wrk(url: str, headers: tuple[str, ...], seconds: int) -> str:
    """Ask for a page as fast as it comes and return what wrk says."""
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", str(seconds)]
    for header in headers:
        command += ["-H", header]
    done = subprocess.run([*command, url], check=True, capture_output=True, text=True)
    return done.stdout


def measure_writing(data: Path) -> Figures:
    """Return how many pages a second a program adds and publishes, in a copy of the site."""
    page = {"@type": "page", "title": "Страница для измерения", "summary": "О чём она."}
    with tempfile.TemporaryDirectory(prefix="bibliopolis-bench-") as folder:
        copy = Path(folder) / "var"
        shutil.copytree(data, copy)
        with web_process(copy) as site:
            editor, reviewer = _token(site, "editor"), _token(site, "reviewer")
            began = time.perf_counter()
            made = [
                site.ask("POST", "/ru/for-readers", page, editor)["@id"].removeprefix(site.url)
                for _ in range(WRITES)
            ]
            added = time.perf_counter()
            for path in made:
                site.ask("POST", f"{path}/@workflow/publish", {}, reviewer)
            published = time.perf_counter()
    return {
        "pages added by REST, a second": WRITES / (added - began),
        "pages published by REST, a second": WRITES / (published - added),
    }


def _token(site: WebProcess, name: str) -> str:
    proof = {"login": f"{name}@example.org", "password": "bibliopolis"}
    token: str = site.ask("POST", "/@login", proof)["token"]
    return token
