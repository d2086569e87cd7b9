"""Pages that stay open, with the process for live updates: what others do appears on them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from people.services import follow
from runner.embedded import database_url
from tests.browser.chromium import Chromium
from tests.browser.person import Person
from tests.helpers.faults import embedded_servers
from tools.streams.stage import Stage
from tweets.editing import edit_tweet
from tweets.marks import like, repost
from tweets.posting import post_tweet

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PARTS = ("web", "stream", "relay", "worker")


@pytest.fixture
def stage(
    collected_static: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: object
) -> Iterator[Stage]:
    server, _, _ = database_url(settings.VAR_DIR).rpartition("/")
    monkeypatch.setenv("DATABASE_URL", f"{server}/{connection.settings_dict['NAME']}")
    tmp_path.joinpath("log").mkdir()
    stage = Stage(tmp_path, embedded_servers())
    try:
        for name in PARTS:
            stage.start(name)
        stage.wait()
        yield stage
    finally:
        for name in PARTS:
            stage.kill(name)


def test_edits_and_counts_appear_where_a_tweet_is_shown(
    stage: Stage,
    browsers: Callable[[int, bool], Chromium],
    person: Callable[..., User],
) -> None:
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    follow(follower=carol, followee=alice)
    follow(follower=carol, followee=bob)
    tweet = post_tweet(author=alice, text="A first draft")
    repost(user=bob, tweet_id=tweet.pk)
    reader = Person(browsers(0, True), stage.url, scripts=True)
    reader.signs_in("carol")
    reader.visits(f"/@alice/{tweet.pk}")
    focus = reader.sees(".tweet-focus").get_attribute("id")
    stream_opens(reader)
    like(user=bob, tweet_id=tweet.pk)
    edit_tweet(author=alice, tweet_id=tweet.pk, text="A second draft")
    reader.waits(lambda: "A second draft" in reader.one(f"#{focus} .tweet-text").text)
    reader.waits(lambda: reader.one(f"#{focus} .action-like").text == "1")
    assert reader.one(f"#{focus} .action-like").get_attribute("aria-label") == "Like: 1"

    reader.visits("/?view=latest")
    entry = reader.sees(".feed > article.tweet-with-context")
    assert "bob" in entry.text
    stream_opens(reader)
    post_tweet(author=bob, text="An answer", reply_to_id=tweet.pk)
    edit_tweet(author=alice, tweet_id=tweet.pk, text="A third draft #done")
    reader.waits(lambda: "A third draft" in entry.find_element("css selector", ".tweet-text").text)
    reader.waits(lambda: entry.find_element("css selector", ".action-reply").text == "1")
    assert "bob" in entry.text, "the line above it is kept"
    entry.find_element("css selector", ".action-like").click()
    reader.waits(lambda: entry.find_element("css selector", ".action-like").text == "2")
    assert reader.complaints() == []
    reader.leaves()


NOTE_STREAMS = """
const Plain = EventSource;
window.EventSource = class extends Plain {
  constructor(address) {
    super(address);
    this.addEventListener("open", () => { window.listening = address; });
  }
};
"""


def stream_opens(reader: Person) -> None:
    """Wait until the page that was just loaded has opened its stream."""
    reader.browser.execute_script(NOTE_STREAMS)
    reader.waits(
        lambda: "watch=" in (reader.browser.execute_script("return window.listening") or "")
    )
