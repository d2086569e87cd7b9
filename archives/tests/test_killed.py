"""An import goes on where it stopped when its worker is killed, and nothing is doubled."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from archives import services
from archives.models import Import, ImportedItem, Record, State
from media.models import Media
from outbox import services as outbox
from tests.helpers.processes import RELAY, WORKER, kill, process, wait_until
from tests.helpers.timelines import make_all_due
from tools import twitter_archive as twitter
from tweets import counters
from tweets.models import Tweet

TWEETS = 900
KILLS = 2

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def done(row: Import) -> int:
    """How far an import is by what others can see."""
    row.refresh_from_db()
    return row.done


def test_workers_are_killed_in_the_middle(alice: User, tmp_path: Path) -> None:
    log, file = tmp_path / "log", io.BytesIO()
    made, media = twitter.made_up(TWEETS)
    twitter.write(file, made, media=media)
    row = services.begin(owner=alice, file=SimpleUploadedFile("a.zip", file.getvalue()))
    reached = [-1]
    with process(log, *RELAY):
        for _ in range(KILLS):
            with process(log, *WORKER) as worker:
                wait_until(lambda: done(row) > reached[-1] and row.total is not None, log)
                kill(worker)
            assert row.state == State.RUNNING
            reached.append(done(row))
            make_all_due()
        with process(log, *WORKER):
            wait_until(lambda: done(row) == row.total and row.state == State.DONE, log)
            wait_until(lambda: outbox.owed() == 0, log)
    reposts = sum(each["full_text"].startswith("RT @") for each in made)
    tweets = Tweet.objects.filter(author=alice)
    first = tweets.filter(reply_to=None).count() + tweets.filter(text__contains="#thread").count()
    assert first == TWEETS - reposts == ImportedItem.objects.count() == row.total
    assert tweets.count() == row.results["tweets"]
    assert len(set(tweets.values_list("text", "created_at"))) == tweets.count()
    assert Media.objects.filter(tweet_id__in=tweets).count() == len(media)
    assert counters.check() == []
    assert not Record.objects.exists()
