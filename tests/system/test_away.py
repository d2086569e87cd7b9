"""Without Postgres, requests get a 503; when it is available again, they succeed."""

import pytest
from django.test import Client

from accounts.models import User
from tests.helpers.api_client import Api
from tests.helpers.faults import embedded_servers, without

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_postgres_the_response_is_a_503_with_retry_after(bob: User) -> None:
    api, browser = Api(bob), Client(raise_request_exception=False)
    assert api.get("/api/timelines/home").status_code == 200
    with without(embedded_servers().postgres):
        for answer in (
            api.get("/api/timelines/home"),
            api.post("/api/tweets", {"text": "hello"}),
            browser.get("/api/users/bob"),
        ):
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "2"
            assert answer.json()["error"] == "unavailable"
        page = browser.get("/explore")
        assert page.status_code == 503
        assert "database does not answer" in page.content.decode()
        assert browser.get("/healthz").status_code == 200
    assert api.post("/api/tweets", {"text": "hello"}).status_code == 201
