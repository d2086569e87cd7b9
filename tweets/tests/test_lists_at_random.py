"""Every list equals a naive one: all rows, hydrated one and all, and filtered by the rules alone.

The world is random: audiences, blocks, mutes, follows, private and suspended accounts, deleted and
hidden tweets. Edges are written as rows, so that there are also combinations that services avoid.
"""

import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from accounts.models import PendingRecount, User
from chirp.errors import NotFound
from chirp.pagination import Cursor, Page, PageRequest
from people.models import Block, Follow, Mute
from people.selectors import ListsHidden
from tests.helpers.tweets import ids
from tweets import marks, moderation
from tweets.author_states import note_state
from tweets.deleting import delete_tweet
from tweets.models import Hashtag, Like, Mention, Tweet
from tweets.places import Circle, NewPlace
from tweets.posting import post_tweet
from tweets.read import lists, paging, threads
from tweets.read.facts import Facts, may_see
from tweets.read.hydrate import hydrate
from tweets.visibility import VALUES

PEOPLE, SEED = 8, 1
BERLIN = NewPlace(52.52, 13.41)
CIRCLE = Circle(52.52, 13.41, 5)
Load = Callable[..., Page[Any]]


class World:
    """Accounts, and what they wrote, liked and reposted."""

    def __init__(self, users: list[User], *, seed: int) -> None:
        self.random = random.Random(seed)
        self.users = users
        self.tweets: list[Tweet] = []
        for _ in range(90):
            self._write()
        for _ in range(90):
            user, tweet = self._user(), self._tweet()
            mark = self.random.choice([marks.like, marks.like, marks.repost])
            if tweet.visibility in ("public", "unlisted"):
                mark(user=user, tweet_id=tweet.pk)
            elif not Like.objects.filter(user=user, tweet=tweet).exists():
                Like.objects.create(user=user, tweet=tweet)
        self._remove()
        self._relate()

    def _user(self) -> User:
        return self.random.choice(self.users)

    def _tweet(self) -> Tweet:
        # The first tweets are answered and quoted most often.
        return self.tweets[int(len(self.tweets) * self.random.random() ** 4)]

    def _write(self) -> None:
        more: dict[str, Any] = {}
        if self.tweets and self.random.random() < 0.5:
            more["reply_to_id"] = self._tweet().pk
        if self.tweets and self.random.random() < 0.4:
            more["quote_of_id"] = self._tweet().pk
        if self.random.random() < 0.3:
            more["location"] = BERLIN
        names = " ".join(f"@{user.handle}" for user in self.random.sample(self.users, 2))
        text = f"#tag {names if self.random.random() < 0.4 else ''}"
        # Everybody may answer and quote everything before relations are made.
        Tweet.objects.update(visibility="public")
        tweet = post_tweet(author=self._user(), text=text, **more)
        self.tweets.append(tweet)
        visibility = self.random.choice([*VALUES, "public", "public"])
        tweet.visibility = visibility

    def _remove(self) -> None:
        for tweet in self.tweets:
            Tweet.objects.filter(pk=tweet.pk).update(visibility=tweet.visibility)
            Hashtag.objects.filter(tweet=tweet).update(listed=tweet.visibility == "public")
        for tweet in self.random.sample(self.tweets, 8):
            delete_tweet(author=tweet.author, tweet_id=tweet.pk)
        for tweet in self.random.sample(self.tweets, 8):
            moderation.hide_tweet(tweet_id=tweet.pk, by=self.users[0])
            if self.random.random() < 0.5:
                moderation.unhide_tweet(tweet_id=tweet.pk, by=self.users[0])

    def _relate(self) -> None:
        for one in self.users:
            for other in self.users:
                if one == other:
                    continue
                if self.random.random() < 0.3:
                    since = self.random.choice([1, 1, None])
                    Follow.objects.create(follower=one, followee=other, since_id=since)
                if self.random.random() < 0.06:
                    Block.objects.create(blocker=one, blocked=other)
                if self.random.random() < 0.12:
                    Mute.objects.create(muter=one, muted=other)
        first, second, third = (User.objects.filter(pk=user.pk) for user in self.users[1:4])
        first.update(private=True), second.update(private=True)
        third.update(suspended_at="2026-01-02T00:00:00Z")
        self._note()
        self.users = list(User.objects.order_by("pk"))

    def _note(self) -> None:
        """Of one private account nothing is noted yet, and of two others what they were before."""
        for user in self.users[2:6]:
            note_state(user.pk)
        for user, state in zip(self.users[4:6], ("gone", "private"), strict=True):
            Tweet.objects.filter(author=user).update(author_state=state)
            Like.objects.filter(user=user).update(author_state=state)
            Mention.objects.filter(author=user).update(author_gone=state == "gone")
            PendingRecount.objects.create(user=user)

    def expected(self, viewer: User | None) -> "Expected":
        """What the viewer should see."""
        return Expected(viewer, Tweet.objects.order_by("-pk"))


class Expected:
    """The naive lists for one viewer, as ids."""

    def __init__(self, viewer: User | None, rows: Iterable[Tweet]) -> None:
        self.viewer, self.rows = viewer, list(rows)
        found = hydrate(ids(self.rows), viewer_id=viewer.pk if viewer else None)
        self.facts = {tweet.id: tweet for tweet in found}

    def where(self, wanted: Callable[[Tweet], bool], shown: Callable[[Facts], bool]) -> list[int]:
        """The ids of the tweets that are wanted, and shown by the rules."""
        return [row.pk for row in self.rows if wanted(row) and shown(self.facts[row.pk])]

    def public(self, wanted: Callable[[Tweet], bool]) -> list[int]:
        """The public tweets of public accounts that are wanted."""
        return self.where(
            lambda row: row.visibility == "public" and wanted(row),
            lambda tweet: lists.is_readable(tweet) and not tweet.private,
        )

    def by(self, user: User, *, to_others: bool) -> list[int]:
        """What `user` wrote."""
        return self.where(
            lambda row: (
                row.author_id == user.pk
                and (row.reply_to_author_id not in (None, user.pk)) == to_others
            ),
            lambda tweet: (
                may_see(tweet)
                and (
                    tweet.original is None
                    or tweet.original.mine
                    or tweet.original.author_id == user.pk
                    or lists.is_readable(tweet.original)
                )
            ),
        )

    def around(self, tweet: Tweet, column: str) -> list[int]:
        """The tweets whose `column` refers to `tweet`."""
        return self.where(lambda row: getattr(row, column) == tweet.pk, lists.is_readable)

    def liked(self, user: User) -> list[int]:
        """What `user` likes."""
        if user.private and user != self.viewer and not self._follows(user):
            return []
        likes = Like.objects.filter(user=user).order_by("-pk").values_list("tweet", flat=True)
        return [id_ for id_ in likes if lists.is_readable(self.facts[id_])]

    def people(self, user_ids: Iterable[int]) -> list[int]:
        """Those of these users whom the viewer may see."""
        users = User.objects.in_bulk()
        return [id_ for id_ in user_ids if self._is_listed(users[id_])]

    def _is_listed(self, user: User) -> bool:
        pairs = {
            (user.pk, self.viewer and self.viewer.pk),
            (self.viewer and self.viewer.pk, user.pk),
        }
        blocked = pairs & set(Block.objects.values_list("blocker", "blocked"))
        seen = not user.private or user == self.viewer or self._follows(user)
        return user.is_active and not blocked and seen

    def _follows(self, user: User) -> bool:
        follows = Follow.objects.filter(follower=self.viewer, followee=user)
        return self.viewer is not None and follows.exclude(since_id=None).exists()


def read(load: Load, *, limit: int, up: bool = False, **options: Any) -> list[int]:
    """The ids of a list, read to its very end, from the top or from the bottom."""
    found: list[int] = []
    cursor: Cursor | None = Cursor(after=0) if up else Cursor()
    while cursor:
        page = load(page=PageRequest(limit=limit, cursor=cursor), **options)
        found = [*ids(page.results), *found] if up else [*found, *ids(page.results)]
        cursor = page.previous if up else page.next
    return found


def replies(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[Facts]:
    """The replies of a thread, as a list."""
    return threads.thread(viewer=viewer, tweet_id=tweet_id, page=page).replies


@pytest.fixture(params=["wide", "narrow", "by_author", "exhausted"])
def _windows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of every kind: the usual ones; small ones, in which everything is cut; those in which
    authors are told apart; and so few that pages end before they are full.
    """
    if request.param != "wide":
        monkeypatch.setattr(paging, "ROOM", 1)
        monkeypatch.setattr(paging, "MAX_WINDOW", 3)
        monkeypatch.setattr(paging, "WINDOWS", 2 if request.param == "exhausted" else 1000)
        monkeypatch.setattr(paging, "MOST_AUTHORS", 200 if request.param == "by_author" else 2)


@pytest.mark.usefixtures("_windows")
def test_every_list_equals_the_naive_one(person: Callable[..., User]) -> None:
    world = World([person(f"p{number}") for number in range(PEOPLE)], seed=SEED)
    compared = 0
    for viewer in (None, *world.users):
        if viewer is None or viewer.is_active:
            compared += _compare(world, viewer, world.expected(viewer))
    assert compared > 300  # entries, so that it is not all about empty lists


def _compare(world: World, viewer: User | None, expected: Expected) -> int:
    compared = 0

    def check(load: Load, wanted: list[int], **options: Any) -> None:
        nonlocal compared
        compared += len(wanted)
        way: dict[str, Any] = {
            "limit": world.random.randint(1, 9),
            "up": world.random.random() < 0.3,
        }
        assert read(load, viewer=viewer, **way, **options) == wanted

    check(lists.public, expected.public(lambda t: not (t.reply_to_author_id or t.repost_of_id)))
    check(lists.hashtag, expected.public(lambda t: "#tag" in t.text), tag="tag")
    check(lists.nearby, expected.public(lambda t: t.lat is not None), circle=CIRCLE)
    for user in world.users:
        blocks = Block.objects.filter(blocker=user, blocked=viewer)
        if viewer is not None and blocks.exists():
            with pytest.raises(ListsHidden):
                lists.user_tweets(viewer=viewer, user=user, page=PageRequest())
            continue
        check(lists.user_tweets, expected.by(user, to_others=False), user=user)
        check(lists.user_replies, expected.by(user, to_others=True), user=user)
        check(lists.user_likes, expected.liked(user), user=user)
    for tweet in world.tweets[:4]:
        options = {"tweet_id": tweet.pk}
        if not may_see(expected.facts[tweet.pk]):
            with pytest.raises(NotFound):
                lists.quotes(viewer=viewer, page=PageRequest(), **options)
            continue
        check(replies, expected.around(tweet, "reply_to_id"), **options)
        check(lists.quotes, expected.around(tweet, "quote_of_id"), **options)
        likers = Like.objects.filter(tweet=tweet).order_by("-pk").values_list("user", flat=True)
        check(lists.likes, expected.people(likers), **options)
        reposts = [t.author_id for t in expected.rows if t.repost_of_id == tweet.pk]
        check(lists.reposts, expected.people(reposts), **options)
    return compared
