"""The supervisor behind `make serve`, as a person meets it: processes that die, ports in use."""

import http.client
import os
import signal
import subprocess
from urllib.parse import urlsplit

import pytest
from fixtures.live import bibliopolis, is_well, start_site, wait_until
from fixtures.processes import children, processor_seconds

from bibliopolis.cli.first_run import UNFINISHED


def lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """The starts of one site, the last at the end."""
    started = [start_site(tmp_path_factory.mktemp("served") / "var", "--no-demo")]
    yield started
    if started[-1].process.poll() is None:
        started[-1].stop()


@pytest.fixture
def site(started):
    """A running site; started again where the test before ended it."""
    if started[-1].process.poll() is not None:
        started.append(start_site(started[-1].data, "--no-demo"))
    return started[-1]


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_killed_process_is_started_again(site, name):
    before = children(site.process)[name]

    os.kill(before, signal.SIGKILL)

    wait_until(lambda: children(site.process).get(name, before) != before, f"{name} runs again", 20)
    wait_until(lambda: is_well(site.url), "all is well again", 20)


def test_a_body_that_would_fill_the_disk_is_refused_before_it_is_read(site):
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=20)
    connection.putrequest("POST", "/en/account/sign-in")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", "900000000")
    connection.endheaders(b"--x")

    assert connection.getresponse().status == 413
    connection.close()


def test_stopping_the_supervisor_stops_everything(site):
    pids = children(site.process).values()

    site.stop()

    assert site.process.returncode == 0
    assert not any(lives(pid) for pid in pids)


def test_nothing_outlives_a_supervisor_that_is_killed(site):
    pids = list(children(site.process).values())

    site.process.kill()
    site.process.wait()

    wait_until(lambda: not any(lives(pid) for pid in pids), "both have ended", 20)


def test_a_second_start_is_quick(site):
    """Five seconds of a person's time, on two cores: web and worker start beside each other.

    Counted in processor time, which busy machines keep.
    """
    site.stop()

    again = start_site(site.data, "--no-demo")
    spent = {name: processor_seconds(pid) for name, pid in children(again.process).items()}
    spent_before_them = processor_seconds(again.process.pid)
    again.stop()

    assert spent_before_them + max(spent.values()) < 5


def test_a_port_in_use_is_one_clear_line(site, tmp_path):
    port = site.url.rpartition(":")[2]

    second = bibliopolis(
        "serve", "--port", port, data=tmp_path / "other", stderr=subprocess.PIPE, text=True
    )
    said = second.communicate(timeout=30)[1]

    assert second.returncode != 0
    assert said.count("\n") == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in said


def test_a_first_run_that_was_interrupted_begins_again(tmp_path):
    data = tmp_path / "var"
    data.mkdir()
    (data / UNFINISHED).touch()
    (data / "bibliopolis.sqlite").write_bytes(b"half a database")

    site = start_site(data, "--no-demo")
    site.stop()

    assert site.scalar("SELECT count(*) FROM outbox") == 0
