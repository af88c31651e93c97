"""Killed while people register and letters go out, the site loses nobody and repeats nothing."""

import email
import re
import shutil
import urllib.error
import urllib.request
from email import policy

from fixtures.killed import Browser, while_killed
from fixtures.live import start_site

PASSWORD = "a password of theirs"
PEOPLE = 16
MADE = "FROM person WHERE email LIKE 'new-%@example.org'"


def letters(site):
    """Return the links by the address they were sent to; a second letter to one fails."""
    found = {}
    for file in (site.data / "mail").glob("*.eml"):
        letter = email.message_from_bytes(file.read_bytes(), policy=policy.default)
        link = re.search(r"/en/account/confirm-registration/\S+", letter.get_content())
        if link:
            assert letter["To"] not in found
            found[letter["To"]] = link.group()
    return found


def test_whoever_was_answered_has_one_letter_and_one_account(demo_data, tmp_path, monkeypatch):
    monkeypatch.setenv("BIBLIOPOLIS_LIBRARY_NETWORKS", "127.0.0.0/8 ::1/128")
    data = tmp_path / "var"
    shutil.copytree(demo_data, data)

    def asks(address):
        values = {"name": "Лена Новая", "born": "1980-05-01", "home": "fontanka"}
        Browser().send(
            f"{site.url}/en/account/register",
            **values,
            email=address,
            password=PASSWORD,
            rules="1",
            privacy="1",
        )

    def confirms(path):
        there = Browser().send(f"{site.url}{path}", password=PASSWORD)
        assert there.endswith("/en/account")

    addresses = [f"new-{number}@example.org" for number in range(PEOPLE)]
    site = start_site(data)
    asked = while_killed(
        site, {one: lambda one=one: asks(one) for one in addresses}, enough=PEOPLE // 2
    )
    site = start_site(data)
    site.wait_for_worker()
    links = letters(site)
    assert set(asked) <= set(links)
    written = "FROM mail_message WHERE recipient LIKE 'new-%@example.org'"
    assert len(links) == site.scalar(f"SELECT count(*) {written}")

    opened = while_killed(
        site,
        {one: lambda path=path: confirms(path) for one, path in links.items()},
        enough=len(links) // 2,
    )
    site = start_site(data)
    try:
        known = site.scalar(f"SELECT group_concat(email) {MADE}").split(",")
        assert set(opened) <= set(known)
        for address, path in links.items():
            if address not in known:
                confirms(path)
                continue
            with urllib.request.urlopen(f"{site.url}{path}", timeout=20) as opened_again:
                assert opened_again.url.endswith("/en/account/sign-in")

        for what in (
            MADE,
            f"FROM reader WHERE person_id IN (SELECT id {MADE}) AND registration = 'preliminary'",
            f"FROM card JOIN reader ON reader.id = card.reader_id AND kind = 'temporary'"
            f" WHERE person_id IN (SELECT id {MADE})",
        ):
            assert site.scalar(f"SELECT count(*) {what}") == len(links), what
    finally:
        site.stop()
