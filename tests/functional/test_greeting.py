import pytest


@pytest.mark.parametrize(
    ("header", "language"), [("en-GB, ru;q=0.5", "en"), ("ar", "ar"), ("fi", "ru"), ("", "ru")]
)
def test_a_visitor_is_sent_to_the_portal_in_their_language(web, header, language):
    response = web.get("/", headers={"Accept-Language": header}, status=302)

    assert response.location == f"http://localhost/{language}/"
    assert "Accept-Language" in response.vary


def test_a_program_gets_problems_as_json(web):
    response = web.get("/ru/nothing-here", headers={"Accept": "application/json"}, status=404)

    assert response.content_type == "application/problem+json"
    assert response.json["status"] == 404


def test_every_answer_carries_the_protecting_headers(web):
    response = web.get("/", status=302)

    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
