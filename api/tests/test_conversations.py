"""Direct tweets as conversations, through the API."""

from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.tweets import at_once, post
from tweets import deleting, moderation
from tweets.conversations.models import Conversation
from tweets.models import Tweet

pytestmark = pytest.mark.django_db


def direct(author: User, text: str, answers: Tweet | None = None) -> Tweet:
    """Post a direct tweet."""
    return post(author, text, visibility="direct", reply_to_id=answers and answers.pk)


def id_of(viewer: User, first: Tweet) -> int:
    """The id that a conversation has for a viewer; 0 if it has none."""
    rows = Conversation.objects.filter(user=viewer, conversation_id=first.pk)
    return rows.values_list("pk", flat=True).first() or 0


def seen(viewer: User) -> list[tuple[int, str, bool]]:
    """The conversations of a viewer: (id of the first tweet, text of the newest, unread)."""
    results = Api(viewer).get("/api/conversations").json()["results"]
    first = dict(Conversation.objects.values_list("pk", "conversation_id"))
    return [(first[int(each["id"])], each["tweet"]["text"], each["unread"]) for each in results]


def read(viewer: User | None, conversation: Tweet, body: Any = b"") -> Any:
    """The response to marking a conversation as read."""
    id_ = id_of(viewer, conversation) if viewer else 1
    return Api(viewer).post(f"/api/conversations/{id_}/read", body)


def test_the_newest_comes_first_with_its_unread_mark(alice: User, bob: User, charlie: User) -> None:
    one = direct(alice, "@bob one")
    two = direct(charlie, "@bob @alice two")
    assert seen(bob) == [(two.pk, "@bob @alice two", True), (one.pk, "@bob one", True)]
    assert seen(alice) == [(two.pk, "@bob @alice two", True), (one.pk, "@bob one", False)]
    assert seen(charlie) == [(two.pk, "@bob @alice two", False)]
    direct(bob, "@alice back", one)
    assert seen(bob)[0] == (one.pk, "@alice back", False)
    assert seen(alice)[0] == (one.pk, "@alice back", True)
    entry = Api(charlie).get("/api/conversations").json()["results"][0]
    assert sorted(entry["participants"]) == ["alice", "bob"]


def test_a_direct_answer_to_a_public_tweet_is_a_conversation(alice: User, bob: User) -> None:
    public = post(alice)
    post(bob, "for all", reply_to_id=public.pk)
    direct(bob, "@alice psst", public)
    assert seen(alice) == [(public.pk, "@alice psst", True)]
    path = f"/api/conversations/{id_of(alice, public)}/tweets"
    tweets = Api(alice).get(path).json()["results"]
    assert [tweet["text"] for tweet in tweets] == ["@alice psst"]


def test_it_shows_only_what_the_viewer_may_see(alice: User, bob: User, charlie: User) -> None:
    root = direct(alice, "@bob @charlie all")
    direct(charlie, "@alice between us", root)
    assert seen(bob) == [(root.pk, "@bob @charlie all", True)]
    newest = direct(charlie, "@bob @alice again", root)
    assert seen(bob)[0][1] == "@bob @alice again"
    people.mute(muter=bob, muted=charlie)
    assert seen(bob)[0][1] == "@bob @charlie all"
    people.unmute(muter=bob, muted=charlie)
    moderation.hide_tweet(tweet_id=newest.pk, by=alice)
    assert seen(bob)[0][1] == "@bob @charlie all"
    deleting.delete_tweet(author=alice, tweet_id=root.pk)
    assert seen(bob) == []
    assert seen(alice) == [(root.pk, "@alice between us", True)]
    people.block(blocker=charlie, blocked=alice)
    assert seen(alice) == []


@pytest.mark.parametrize("body", [b"", {}, {"up_to": None}])
def test_reading_it_all(alice: User, bob: User, body: Any) -> None:
    root = direct(alice, "@bob one")
    direct(alice, "@bob two", root)
    for _ in range(2):
        answer = read(bob, root, body)
        assert (answer.status_code, answer.json()["unread"]) == (200, False)
    direct(alice, "@bob three", root)
    assert seen(bob)[0][2] is True


def test_reading_up_to_a_tweet(alice: User, bob: User) -> None:
    root = direct(alice, "@bob one")
    newest = direct(alice, "@bob two", root)
    assert read(bob, root, {"up_to": str(root.pk)}).json()["unread"] is True
    assert read(bob, root, {"up_to": str(newest.pk)}).json()["unread"] is False
    assert read(bob, root, {"up_to": str(root.pk)}).json()["unread"] is False  # stays read
    read(bob, root, {"up_to": str(2**53 - 1)})
    direct(alice, "@bob three", root)
    assert seen(bob)[0][2] is True


def test_not_theirs_and_bad_input(alice: User, bob: User, charlie: User) -> None:
    root, public = direct(alice, "@bob one"), post(alice)
    assert Api().get("/api/conversations").status_code == 401
    assert read(None, root).status_code == 401
    assert read(bob, public).status_code == 404
    for path in ("tweets", "read"):
        theirs = f"/api/conversations/{id_of(bob, root)}/{path}"
        act = Api(charlie).get if path == "tweets" else Api(charlie).post
        assert act(theirs, *([{}] if path == "read" else [])).status_code == 404
    bad: list[Any] = [{"up_to": 5}, {"up_to": "x"}, {"up_to": []}, []]
    for body in bad:
        assert read(bob, root, body).status_code == 400
    assert Api(bob).post("/api/conversations/x/read", {}).status_code == 404
    assert Api(bob).get("/api/conversations?cursor=x").status_code == 400
    people.block(blocker=alice, blocked=bob)
    assert read(bob, root).status_code == 404


def test_pages_are_full_and_take_the_same_queries(alice: User, bob: User) -> None:
    def page(limit: int) -> Any:
        with CaptureQueriesContext(connection) as captured:
            answer = Api(bob).get(f"/api/conversations?limit={limit}").json()
        return answer, len(captured)

    for number in range(7):
        root = direct(alice, f"@bob {number}")
        if number in (2, 3):
            deleting.delete_tweet(author=alice, tweet_id=root.pk)
    first, few = page(2)
    assert [entry["tweet"]["text"] for entry in first["results"]] == ["@bob 6", "@bob 5"]
    second = Api(bob).get(first["next"]).json()
    assert [entry["tweet"]["text"] for entry in second["results"]] == ["@bob 4", "@bob 1"]
    third = Api(bob).get(second["next"]).json()
    assert ([entry["tweet"]["text"] for entry in third["results"]], third["next"]) == (
        ["@bob 0"],
        None,
    )
    assert Api(bob).get(third["previous"]).json()["results"] == second["results"]
    assert page(20)[1] == few


@pytest.mark.django_db(transaction=True)
def test_direct_tweets_at_once_neither_deadlock_nor_get_lost(
    alice: User, bob: User, charlie: User
) -> None:
    root = direct(alice, "@bob @charlie one")
    texts = {alice: "@bob @charlie", bob: "@charlie @alice", charlie: "@alice @bob"}
    calls = [partial(direct, author, text, root) for author, text in texts.items()] * 3
    posted: list[Any] = at_once(calls)
    newest = max(tweet.pk for tweet in posted)
    assert set(Conversation.objects.values_list("newest_id", flat=True)) == {newest}
    assert Conversation.objects.count() == 3
