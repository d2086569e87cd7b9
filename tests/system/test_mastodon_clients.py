"""Programs that strangers wrote for Mastodon, run against Chirp over HTTP."""

from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from tools.mastodon import clients
from tools.mastodon.people import register

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_clients_of_mastodon_work_with_chirp(
    live_server: LiveServer, redis: None, tmp_path: Path
) -> None:
    base = live_server.url
    me, other = register(base, "me"), register(base, "other")
    for result, least in (
        (clients.mastodon_py(base, me, other, workers=False), 130),
        (clients.toot(base, me, other, tmp_path, short=True), 5),
    ):
        assert not result.wrong, f"{result.client}\n{result.wrong}"
        assert result.calls >= least
    javascript = clients.masto_js(base, me, other)
    if javascript.wrong == clients.NOT_THERE:
        pytest.skip(clients.NOT_THERE)
    assert not javascript.wrong, javascript.wrong
