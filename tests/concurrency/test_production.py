"""``production.ini`` as an operator runs it: PostgreSQL, two web processes, a worker apart."""

import configparser
import http.cookiejar
import json
import os
import re
import shlex
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path
from typing import BinaryIO

import pytest
from fixtures.live import bibliopolis, free_port, wait_until
from fixtures.sites import SITE

from bibliopolis.backup.making import Backup
from bibliopolis.cli import main
from bibliopolis.clock import Clock
from bibliopolis.db import make_engine

pytestmark = pytest.mark.postgres
UNITS = SITE / "docs" / "systemd"


def started_by(unit, instance):
    """Return the arguments of ``bibliopolis`` in the unit's ExecStart."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(UNITS / unit)
    command = parser["Service"]["ExecStart"].replace("%i", str(instance))
    program, *arguments = shlex.split(command)
    assert Path(program).name == "bibliopolis"
    return arguments


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    text: str


class Visitor:
    """Somebody with cookies, who comes through the web server: over https, from afar."""

    def __init__(self, address="203.0.113.9"):
        self.cookies = http.cookiejar.CookieJar(
            policy=http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https"))
        )
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), Unredirected
        )
        self.headers = {
            "Host": "bibliopolis.example",
            "X-Forwarded-For": address,
            "X-Forwarded-Proto": "https",
        }

    def ask(self, port, path, data=None, **headers):
        body = None if data is None else urllib.parse.urlencode(data).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}", body, {**self.headers, **headers}
        )
        try:
            answer = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            return Answer(answer.status, answer.headers, answer.read().decode())


class Unredirected(urllib.request.HTTPRedirectHandler):
    """Show where an answer leads instead of going there: that would be past the web server."""

    def redirect_request(self, *_arguments):
        return None


@pytest.fixture(scope="module")
def city(postgres, demo_site, tmp_path_factory):
    """The demo city, moved to PostgreSQL by backup and restore, as docs/operators.md runs it."""
    folder = tmp_path_factory.mktemp("production")
    data, url = folder / "data", postgres.make_database()
    settings = {
        "BIBLIOPOLIS_CONFIG": str(SITE / "production.ini"),
        "BIBLIOPOLIS_DATABASE": url,
        "BIBLIOPOLIS_SECRET": "the same everywhere",
        "BIBLIOPOLIS_MAIL": "file",
        "BIBLIOPOLIS_LIBRARY_NETWORKS": "198.51.100.0/24",
    }
    archive = folder / "demo.zip"
    demo = demo_site.app.registry
    Backup(
        demo["bibliopolis.settings"], SITE / "development.ini", demo_site.engine, Clock().now()
    ).write(archive)
    log = (folder / "log").open("wb")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)

        def start(*arguments):
            return bibliopolis(*arguments, data=data, stdout=log, stderr=subprocess.STDOUT)

        assert start("restore", str(archive)).wait(180) == 0, (folder / "log").read_text()
        *ports, bare_port = free_port(), free_port(), free_port()
        web, worker = "bibliopolis-web@.service", "bibliopolis-worker@.service"
        processes = [start(*started_by(web, port)) for port in ports]
        processes.append(start(*started_by(worker, 1)))
        processes.append(start("web", "--port", str(bare_port)))
        visitor = Visitor()
        try:
            for port in (*ports, bare_port):
                wait_until(lambda port=port: is_well(visitor, port), "web and worker are well", 90)
            yield City(ports, bare_port, url, data, start, processes, log)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(30)
            log.close()


def is_well(visitor, port):
    try:
        return visitor.ask(port, "/healthz").status == 200
    except OSError:
        return False


@dataclass
class City:
    ports: list[int]
    bare_port: int
    url: str
    data: Path
    start: Callable
    processes: list
    log: BinaryIO

    def scalar(self, statement):
        engine = make_engine(self.url)
        try:
            with engine.connect() as connection:
                return connection.exec_driver_sql(statement).scalar()
        finally:
            engine.dispose()


def sign_in(visitor, port, name):
    page = visitor.ask(port, "/en/account/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    sent = {"csrf_token": token, "name": f"{name}@example.org", "password": "bibliopolis"}
    origin = {"Origin": "https://bibliopolis.example"}
    answer = visitor.ask(port, "/en/account/sign-in", sent, **origin)
    assert answer.status == 303, answer.text
    return answer


def test_the_site_is_in_order_but_for_the_passwords_everybody_knows(city):
    log = Path(city.log.name)
    begins = log.stat().st_size

    code = city.start("check").wait(60)

    said = log.read_bytes()[begins:].decode().splitlines()
    errors = [line for line in said if line.lower().startswith("error")]
    assert code == 1
    assert len(errors) == 1, errors
    assert "everybody knows the password" in errors[0]


def test_every_web_process_shows_the_same_site(city):
    visitor = Visitor()
    json_wanted = {"Accept": "application/json"}
    for path in ("/ru", "/en/catalogue?q=" + urllib.parse.quote("Достоевский"), "/ar"):
        answers = [visitor.ask(port, path) for port in city.ports]
        assert [answer.status for answer in answers] == [200, 200], path

    found = [
        json.loads(visitor.ask(port, "/en/catalogue?q=Tolstoy", **json_wanted).text)["items_total"]
        for port in city.ports
    ]
    assert found[0] == found[1] > 0


def test_a_visitor_may_come_to_another_process_with_each_request(city):
    visitor = Visitor()
    here, there = city.ports
    answer = sign_in(visitor, here, "reader")
    assert all(cookie.secure for cookie in visitor.cookies)
    assert answer.headers["Location"].startswith("https://bibliopolis.example/")
    assert "max-age" in answer.headers["Strict-Transport-Security"]

    assert visitor.ask(there, "/en/account").status == 200
    assert Visitor().ask(there, "/en/account").status == 303


def test_the_web_server_is_believed_where_a_visitor_comes_from(city):
    sign_in(Visitor("198.51.100.77"), city.ports[0], "librarian")

    assert city.scalar("SELECT count(*) FROM signed_in_session WHERE in_library") == 1


def test_the_worker_sends_what_a_web_process_left_to_it(city):
    """A letter with a link that leads to the site's public address."""
    visitor = Visitor()
    page = visitor.ask(city.ports[1], "/en/account/forgot-password").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    sent = {"csrf_token": token, "name": "editor@example.org"}
    origin = {"Origin": "https://bibliopolis.example"}
    visitor.ask(city.ports[1], "/en/account/forgot-password", sent, **origin)

    def letters():
        files = [path.read_bytes() for path in (city.data / "mail").glob("*.eml")]
        messages = [message_from_bytes(file, policy=policy.default) for file in files]
        return {message["To"]: message.get_content() for message in messages}

    wait_until(lambda: "editor@example.org" in letters(), "it is sent")
    assert "https://bibliopolis.example/" in letters()["editor@example.org"]


def test_one_process_may_be_restarted_while_the_other_answers(city):
    visitor = Visitor()
    city.processes[0].terminate()
    assert city.processes[0].wait(30) == 0

    assert visitor.ask(city.ports[1], "/ru").status == 200

    port = city.ports[0]
    city.processes[0] = city.start(*started_by("bibliopolis-web@.service", port))
    wait_until(lambda: is_well(visitor, port), "the first answers again")


def test_what_a_visitor_says_of_themselves_is_not_believed(city):
    """Only the process that was told of a web server in front believes anybody."""
    sign_in(Visitor("198.51.100.99"), city.bare_port, "translator")

    statement = """
        SELECT bool_or(in_library) FROM signed_in_session JOIN person ON person.id = person_id
        WHERE email = 'translator@example.org'
    """
    assert city.scalar(statement) is False


def test_a_port_in_use_is_one_line(city):
    city.log.seek(0, os.SEEK_END)
    before = city.log.tell()

    assert city.start("web", "--port", str(city.ports[0])).wait(60) == 1

    said = Path(city.log.name).read_bytes()[before:].decode()
    assert f"Error: port {city.ports[0]} of 127.0.0.1 cannot be used (" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("unit", sorted(path.name for path in UNITS.glob("*.service")))
def test_units_start_commands_there_are(unit):
    text = (UNITS / unit).read_text()
    command = re.search(r"^ExecStart=.*bin/bibliopolis ([a-z0-9-]+)", text, re.M)[1]

    assert main.get_command(None, command) is not None
    assert "RestartPreventExitStatus=78" in text or "Type=oneshot" in text
