"""Streams of a whole site, while its parts are killed: the short form of tools/streams."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from runner.embedded import database_url
from tests.helpers.faults import embedded_servers
from tests.helpers.mastodon_client import Mastodon
from tools.mastodon import clients
from tools.streams import faults
from tools.streams.stage import Stage

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.usefixtures("redis")
def test_clients_show_what_a_read_would_show_whatever_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, person: Callable[..., User]
) -> None:
    servers = embedded_servers()
    server, _, _ = database_url(settings.VAR_DIR).rpartition("/")
    monkeypatch.setenv("DATABASE_URL", f"{server}/{connection.settings_dict['NAME']}")
    tmp_path.joinpath("log").mkdir()
    stage = Stage(tmp_path, servers)
    try:
        for name in ("web", "stream", "relay", "worker"):
            stage.start(name)
        stage.wait()
        wrong = faults.run(stage, faults.SMOKE, parts=("stream", "valkey", "relay"))
        assert wrong == [], [log.read_text()[-2000:] for log in tmp_path.rglob("*.log")]
        for result in clients.streams(stage.url, Mastodon(person("listener")).token):
            assert result.wrong in ("", clients.NOT_THERE), f"{result.client}\n{result.wrong}"
        assert stage.stop("stream") == 0, "open streams do not hold up a stop"
    finally:
        for name in ("web", "stream", "relay", "worker"):
            stage.kill(name)
