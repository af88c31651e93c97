"""``bibliopolis demo`` as a process: killed, and given again."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def data(migrated_sqlite, tmp_path):
    shutil.copyfile(migrated_sqlite, tmp_path / "bibliopolis.sqlite")
    return tmp_path


def start_demo(data, *options):
    environment = {
        **os.environ,
        "BIBLIOPOLIS_DATA": str(data),
        "PYTHONPATH": str(SITE / "src"),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "bibliopolis", "demo", *options]
    return subprocess.Popen(
        command, cwd=SITE, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )


def count(data, table):
    with closing(sqlite3.connect(data / "bibliopolis.sqlite")) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_a_demo_killed_half_way_leaves_nothing_and_can_be_loaded_again(data):
    with start_demo(data) as process:
        for line in process.stdout:
            if "pages" in line:
                process.send_signal(signal.SIGKILL)
    assert count(data, "record") == count(data, "person") == 0

    again = start_demo(data, "--records", "50")
    again.communicate(timeout=120)

    assert again.returncode == 0
    assert count(data, "record") == 550
    once_more = start_demo(data, "--records", "50")
    said, _errors = once_more.communicate(timeout=120)
    assert once_more.returncode == 0
    assert "left out" in said
    assert count(data, "record") == 550
