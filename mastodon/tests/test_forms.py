"""The table of the forms of answers, by which programs of others are checked."""

from mastodon.routes import ROUTES
from tools.mastodon.forms import FORMS, line_of

LEFT_OUT = "api/v1/streaming"  # streams have no single answer


def test_every_endpoint_has_a_form() -> None:
    there = {
        f"{method} {route.path}"
        for route in ROUTES
        for method in route.methods
        if not route.path.startswith(LEFT_OUT)
    }
    assert set(FORMS) == there
    assert line_of("GET", "/api/v1/accounts/search/") == "GET api/v1/accounts/search"
    assert line_of("POST", "/api/v1/accounts/12/note") == "POST api/v1/accounts/<id>/note"
    assert line_of("GET", "/api/v1/nothing") is None
