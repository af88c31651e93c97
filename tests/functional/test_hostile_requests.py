"""What no page of ours sends is refused in words, never with a failure on our side."""

import pytest

MULTIPART = "multipart/form-data; boundary=x"
FORM = "application/x-www-form-urlencoded"


def part(name, value, filename=None):
    file = f'; filename="{filename}"' if filename is not None else ""
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{value}\r\n'


@pytest.mark.parametrize(
    "address",
    ["/%ff", "/en/%ff", "/en/catalogue/%ff", "/media/%ff", "/en/%ed%a0%80"],
)
def test_an_address_that_is_no_text_is_refused(web, address):
    answer = web.get(address, headers={"Accept-Language": "en"}, status=400)

    assert "This request cannot be understood" in answer.text


@pytest.mark.parametrize(
    "address",
    ["/ru/a%00b", "/media/a%00", "/ru/account/holds/a%00", "/ru/catalogue?q=a%00", "/ru?%00=1"],
)
def test_an_address_with_a_nul_is_refused(web, address):
    answer = web.get(address, status=400)

    assert answer.content_type == "text/html"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (MULTIPART, part("name", "anna", "a.svg") + "--x--\r\n"),
        (MULTIPART, part("name", "anna", "") + "--x--\r\n"),
        (MULTIPART, part("csrf_token", "", "token") + "--x--\r\n"),
        ("multipart/form-data", "name=anna"),
        (f"{FORM}; charset=utf-16", "name=anna"),
        (f"{FORM}; charset=nope", "name=anna"),
        (FORM, "name=a%00b"),
    ],
)
@pytest.mark.parametrize("address", ["/en/account/sign-in", "/view-settings"])
def test_a_form_that_cannot_be_read_is_refused(web, address, kind, body):
    answer = web.post(address, body, headers={"Content-Type": kind}, status=400)

    assert "went wrong on our side" not in answer.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", "[" * 9_000),
        ("application/json; charset=nope", "{}"),
        ("application/json", "\ufffe"),
        ("application/json", '{"code": "\\ud800", "item": "\\u0000"}'),
        ("application/json", '{"code": "a\\u0000b"}'),
    ],
)
def test_json_that_cannot_be_read_is_refused(town, sign_in, kind, body):
    browser = sign_in("vera")
    address = f"/en/desk/{town.here.code}"
    browser.get(address)
    headers = {
        "Content-Type": kind,
        "X-CSRF-Token": browser.cookies["csrf_token"],
        "Accept": "application/json",
    }

    answer = browser.post(f"{address}/scan", body.encode(), headers=headers, expect_errors=True)

    assert answer.status_int in (200, 400)


@pytest.mark.parametrize(("half", "status"), [("\\ud800", 400), ("\\ud83d\\udea2", 401)])
def test_half_a_letter_is_no_password(web, half, status):
    body = f'{{"login": "anna@example.org", "password": "{half}"}}'
    headers = {"Content-Type": "application/json", "Accept": "application/json"}

    answer = web.post("/@login", body.encode(), headers=headers, expect_errors=True)

    assert answer.status_int == status


def test_refusals_that_nobody_reads_do_not_overflow_the_cookie(town, sign_in):
    browser = sign_in("vera", "ru")
    address = f"/ru/desk/{town.here.code}"
    browser.get(address)

    for _click in range(40):
        token = {"csrf_token": browser.cookies["csrf_token"], "code": "Ж" * 80}
        browser.post(f"{address}/scan", token, status=303)

    browser.get(address, status=200)
