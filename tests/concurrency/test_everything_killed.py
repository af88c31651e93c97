"""Processes killed in the middle of their work: nothing is lost, nothing is there twice."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from http.client import HTTPException
from itertools import count
from threading import Event, Thread
from urllib.error import HTTPError
from urllib.parse import quote

from fixtures.live import bibliopolis, is_well, start_site, wait_until
from fixtures.marc_files import iso2709, koha_item, marc_record
from fixtures.processes import children

RECORDS = 1200
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
IMPORTED = "FROM record WHERE control_number LIKE 'test-%'"


def records_found(site):
    """Count what a visitor finds of the import."""
    request = urllib.request.Request(
        f"{site.url}/ru/catalogue?q={quote('Кижуч')}&kind=book",
        headers={"Accept": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)["items_total"]


def test_a_city_killed_in_the_middle_of_an_import_is_whole_after_the_same_command(
    demo_data, tmp_path
):
    data = tmp_path / "var"
    shutil.copytree(demo_data, data)
    path = tmp_path / "catalogue.mrc"
    path.write_bytes(
        iso2709(
            marc_record(n, title="Кижуч", items=[koha_item(f"A{n}"), koha_item(f"B{n}")])
            for n in range(RECORDS)
        )
    )
    site = start_site(data)
    library = site.scalar("SELECT code FROM library WHERE kind = 'library' ORDER BY id LIMIT 1")
    command = ("import-records", "--library", library, str(path))

    importer = bibliopolis(*command, data=data, **SILENT)
    wait_until(
        lambda: importer.poll() is not None or site.scalar(f"SELECT count(*) {IMPORTED}") > 300,
        "the import is under way",
    )
    pids = [*children(site.process).values(), site.process.pid]
    importer.kill()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    importer.wait()
    site.process.wait()
    interrupted = site.scalar(f"SELECT count(*) {IMPORTED}")
    assert 0 < interrupted < RECORDS

    site = start_site(data)
    try:
        assert bibliopolis(*command, data=data, **SILENT).wait(120) == 0
        site.wait_for_worker()

        assert site.scalar(f"SELECT count(*) {IMPORTED}") == RECORDS
        assert site.scalar(f"SELECT count(DISTINCT control_number) {IMPORTED}") == RECORDS
        imported = f"SELECT id {IMPORTED}"
        copies = f"FROM item WHERE record_id IN ({imported})"
        assert site.scalar(f"SELECT count(DISTINCT barcode) {copies}") == 2 * RECORDS
        assert site.scalar(f"SELECT count(*) {copies}") == 2 * RECORDS
        end = time.monotonic() + 30
        while records_found(site) != RECORDS and time.monotonic() < end:
            time.sleep(0.2)  # the web process looks at the index anew every now and then
        assert records_found(site) == RECORDS
    finally:
        site.stop()


WRITERS = 3
KILLS = 2


class Program:
    """A client of the REST API that goes on when the site is gone for a moment."""

    def __init__(self, url, name):
        self.url = url
        proof = {"login": f"{name}@example.org", "password": "bibliopolis"}
        self.token = None
        self.token = self.ask("POST", "/@login", proof)["token"]

    def ask(self, method, path, body=None):
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, sent, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except HTTPError as refusal:
            refusal.close()
            raise


def test_what_was_answered_before_a_kill_is_kept_and_found_once(demo_data, tmp_path):
    """Web and worker are killed again and again while programs add pages; the supervisor stays."""
    data = tmp_path / "var"
    shutil.copytree(demo_data, data)
    site = start_site(data)
    program = Program(site.url, "editor")
    stop, answered, refused = Event(), [], []

    def write(number):
        for page in count():
            if stop.is_set():
                return
            title = f"Кижуч {number}-{page}"
            try:
                program.ask("POST", "/ru/for-readers", {"@type": "page", "title": title})
            except (OSError, HTTPException):
                refused.append(title)
                time.sleep(0.05)
            else:
                answered.append(title)

    writers = [Thread(target=write, args=(number,)) for number in range(WRITERS)]
    try:
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            before = len(answered)
            wait_until(lambda before=before: len(answered) > before + 10, "pages are added")
            for pid in children(site.process).values():
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: is_well(site.url), "all is well again")
    finally:
        stop.set()
        for writer in writers:
            writer.join(30)
    try:
        site.wait_for_worker()
        titles = site.column(
            "SELECT working_title FROM content_translation WHERE working_title LIKE 'Кижуч%'"
        )
        assert len(set(titles)) == len(titles)
        assert set(answered) <= set(titles) <= set(answered) | set(refused)
        address = f"/ru/catalogue?q={quote('Кижуч')}&kind=page"
        wait_until(
            lambda: program.ask("GET", address)["items_total"] == len(titles), "all are found"
        )
    finally:
        site.stop()
