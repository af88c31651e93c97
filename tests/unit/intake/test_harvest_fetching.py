"""A harvest asks public addresses only, unless the operator allows a network."""

from ipaddress import ip_network

import pytest

from bibliopolis.intake.harvest.fetching import Rules, _credentials, _retry_after, may_ask
from bibliopolis.intake.harvest.troubles import Refused


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "nonsense",
    ],
)
def test_addresses_that_are_not_public_are_refused(address):
    assert not may_ask(address, ())


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_public_addresses_are_asked(address):
    assert may_ask(address, ())


def test_the_operator_allows_a_network_in_whatever_way_its_address_is_written():
    allowed = (ip_network("10.1.0.0/16"),)

    assert may_ask("10.1.2.3", allowed)
    assert may_ask("::ffff:10.1.2.3", allowed)
    assert not may_ask("10.2.0.1", allowed)


def test_a_password_goes_to_its_host_only_and_never_without_tls(tmp_path):
    file = tmp_path / "netrc"
    file.write_text("machine oai.example.org login name password word\n")
    file.chmod(0o600)

    assert _credentials(file, "https", "oai.example.org") == {"Authorization": "Basic bmFtZTp3b3Jk"}
    assert _credentials(file, "https", "other.example.org") == {}
    with pytest.raises(Refused, match="not https"):
        _credentials(file, "http", "oai.example.org")
    with pytest.raises(Refused, match="cannot be read"):
        _credentials(tmp_path / "none", "https", "oai.example.org")
    file.write_text("machine\n")
    with pytest.raises(Refused, match="cannot be read"):
        _credentials(file, "https", "oai.example.org")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("", 0),
        ("soon", 0),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 0),
        ("Mon, 01 Jan 2001 00:00:00 -99999999999999", 0),
        ("²", 0),
    ],
)
def test_what_a_source_says_of_waiting_is_read(text, seconds):
    assert _retry_after(text) == seconds


def test_a_date_to_wait_for_is_read():
    assert _retry_after("Fri, 01 Jan 2100 00:00:00 GMT") > 1_000_000


def test_limits_are_set_without_anybody_asking():
    assert (Rules().networks, Rules().largest) == ((), 20_000_000)
