"""The location servers and the site as processes: a client gets the tweets near its location."""

from pathlib import Path
from typing import Any

import pytest
import requests
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from tests.helpers.herd.processes import Herd, eventually
from tests.helpers.site import running_site

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
]
NEAR_KIWI = {"lat": 34.07, "lon": -118.45, "name": "Westwood"}
FARTHER = {"lat": 34.16, "lon": -118.45}  # ten kilometres to the north
ELSEWHERE = {"lat": 52.52, "lon": 13.4}


class Author:
    """Posts through the API as a user."""

    def __init__(self, site: str, person: User) -> None:
        self.site = site
        self.headers = {
            "Authorization": f"Bearer {tokens.issue(user=person, now=timezone.now()).access}"
        }

    def post(self, text: str, **more: Any) -> Any:
        """Post a tweet, and return it as an anonymous visitor sees it."""
        answer = requests.post(
            f"{self.site}/api/tweets", json={"text": text, **more}, headers=self.headers, timeout=30
        )
        assert answer.status_code == 201, answer.text
        return requests.get(f"{self.site}/api/tweets/{answer.json()['id']}", timeout=30).json()

    def delete(self, tweet: Any) -> None:
        """Delete a tweet."""
        answer = requests.delete(
            f"{self.site}/api/tweets/{tweet['id']}", headers=self.headers, timeout=30
        )
        assert answer.status_code == 204


def test_any_server_returns_the_tweets_near_a_client(
    alice: User, bob: User, tmp_path: Path
) -> None:
    with (
        running_site(tmp_path / "log") as site,
        Herd(tmp_path, names=["Hill", "Gasol", "Young"], chirp=site.url) as herd,
    ):
        one, other = Author(site.url, alice), Author(site.url, bob)
        near = [one.post("Hello from here!", location=NEAR_KIWI), other.post("é", location=FARTHER)]
        one.post("Far away", location=ELSEWHERE)
        one.post("Nowhere")
        one.post("Not for all", location=NEAR_KIWI, visibility="unlisted")
        deleted = other.post("A mistake", location=NEAR_KIWI)
        reply = other.post("Me too", location=NEAR_KIWI, reply_to_id=near[0]["id"])
        other.delete(deleted)
        near = [{**near[0], "counts": {**near[0]["counts"], "replies": 1}}, near[1], reply]

        answer = herd.report("Hill", "kiwi")  # +34.068930-118.445127
        eventually(lambda: herd.known("Young", "kiwi") == answer)  # through Gasol
        with herd.client("Young") as client:
            assert client.ask("kiwi", radius="15", count=10) == (
                answer,
                {"results": near[::-1], "next": None, "previous": None},
            )
            assert client.ask("kiwi", radius="2", count=10)[1]["results"] == [reply, near[0]]
            first = client.ask("kiwi", radius="15", count=1)[1]
            assert first["results"] == [reply]
            assert "/api/timelines/nearby?" in first["next"]
            assert client.ask("kiwi", radius="0", count=10)[1]["results"] == []
        second = requests.get(first["next"], timeout=30).json()
        assert second["results"] == [near[1]]
