"""`manage.py search rebuild`."""

from io import StringIO
from itertools import islice

import pytest
from django.core.management import call_command

from accounts.models import User
from chirp.pagination import PageRequest
from search import rebuilding
from search.models import Document, Name, Progress
from search.people import search_people
from search.tweets import search_tweets
from tests.helpers.tweets import post
from tweets.models import Tweet


def rebuild(*options: str) -> str:
    """Run the command, and return what it prints."""
    out = StringIO()
    call_command("search", "rebuild", *options, stdout=out)
    return out.getvalue()


def test_everything_is_indexed(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "BATCH", 2)
    tweets = [post(alice, f"word {number}") for number in range(5)]
    gone = post(bob, "word gone")
    Tweet.objects.filter(pk=gone.pk).update(deleted_at=gone.created_at)
    for _ in range(2):
        assert "Indexed 6 tweets." in rebuild()
        found = search_tweets(viewer=None, query="word", page=PageRequest())
        assert len(found.results) == len(tweets)
        assert search_people(viewer=None, query="bob", page=PageRequest()).results == [bob]
    assert not Progress.objects.exists()


def test_an_interrupted_one_continues(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "BATCH", 2)
    for number in range(5):
        post(alice, f"word {number}")
    assert list(islice(rebuilding.rebuild(), 2)) == [("people", 1), ("tweets", 2)]
    Document.objects.all().delete()
    Name.objects.all().delete()
    rebuild()
    assert Document.objects.count() == 5 - 2
    rebuild("--again")
    assert Document.objects.count() == 5
    assert Name.objects.count() == 1
