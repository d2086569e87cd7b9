"""What lists cost: they read few rows, however many are hidden, and however large the tables are.

Rows are counted and not milliseconds, by the plans that the queries really run: see
tests/helpers/plans.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from chirp.pagination import Cursor, Page, PageRequest
from media.models import Media
from media.previews.models import Preview, TweetLink
from tests.helpers.plans import queries_of, reads, rows_read
from tests.helpers.tweets import ids
from tweets.author_states import note_state
from tweets.places import Circle
from tweets.places.grid import cell_of
from tweets.read import lists, paging, threads

pytestmark = pytest.mark.usefixtures("new_database")
HIDDEN = 3000
PEOPLE = """
INSERT INTO accounts_user (handle, email, password, name, bio, place, link, private, is_staff,
    is_superuser, token_version, followers_count, following_count, tweets_count, likes_count)
SELECT 'p' || n, 'p' || n || '@example.org', '!', '', '', '', '', FALSE, FALSE, FALSE, 0, 0, 0, 0, 0
FROM generate_series(1, 3100) n RETURNING id
"""
TWEETS = """
INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler, likes_count,
    reposts_count, quotes_count, replies_count, reply_to_id, reply_to_author_id, quote_of_id,
    lat, lon, cell)
SELECT chirp_next_id(), (%(authors)s::bigint[])[1 + n %% array_length(%(authors)s::bigint[], 1)],
    'x', %(visibility)s, FALSE, '', 0, 0, 0, 0, %(reply_to)s, %(reply_to_author)s, %(quote_of)s,
    %(lat)s, %(lat)s, %(cell)s
FROM generate_series(1, %(count)s) n RETURNING id
"""
TAGS = """
INSERT INTO tweets_hashtag (tag, tweet_id, author_id, listed)
SELECT %(tag)s, id, author_id, TRUE FROM tweets_tweet WHERE id = ANY (%(ids)s)
"""
LIKES = "INSERT INTO tweets_like (user_id, tweet_id) SELECT unnest(%(users)s), unnest(%(ids)s)"
BOOKMARKS = LIKES.replace("tweets_like", "tweets_bookmark")
MENTIONS = """
INSERT INTO tweets_mention (user_id, tweet_id, author_id)
SELECT %(one)s, id, author_id FROM tweets_tweet WHERE id = ANY (%(ids)s)
"""
MENTIONS_IN_REPLIES = """
INSERT INTO tweets_mention (user_id, tweet_id, author_id, reply_to_id, quote_of_id)
SELECT %(one)s, id, author_id, %(of)s, %(of)s FROM tweets_tweet WHERE id = ANY (%(ids)s)
"""
NOTES = """
WITH t AS (UPDATE tweets_tweet SET author_state = %(state)s WHERE author_id = ANY (%(users)s)),
m AS (UPDATE tweets_mention SET author_gone = %(state)s = 'gone' WHERE author_id = ANY (%(users)s))
UPDATE tweets_like SET author_state = %(state)s WHERE user_id = ANY (%(users)s)
"""
MARKS = {
    "likes": """INSERT INTO tweets_like (user_id, tweet_id)
        SELECT unnest(%(users)s::bigint[]), %(of)s""",
    "reposts": """
        INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler, likes_count,
            reposts_count, quotes_count, replies_count, repost_of_id)
        SELECT chirp_next_id(), unnest(%(users)s::bigint[]), '', 'public', FALSE, '', 0, 0, 0, 0,
            %(of)s""",
}
MUTE = "INSERT INTO people_mute (muter_id, muted_id)"
BLOCK = "INSERT INTO people_block (blocker_id, blocked_id)"
# Ways in which a row is hidden from the viewer bob. All but the first two hide its author.
HIDING = {
    "direct": "",
    "followers": "",
    "muted": f"{MUTE} SELECT %(bob)s, unnest(%(users)s)",
    "blocked": f"{BLOCK} SELECT %(bob)s, unnest(%(users)s)",
    "blocking": f"{BLOCK} SELECT unnest(%(users)s), %(bob)s",
    "suspended": "UPDATE accounts_user SET suspended_at = now() WHERE id = ANY (%(users)s)",
    "private": "UPDATE accounts_user SET private = TRUE WHERE id = ANY (%(users)s)",
}
# A table that is nearly always empty.
EMPTY = {"Seq Scan accounts_pendingrecount"}
Load = Callable[..., Page[Any]]


def execute(query: str, **parameters: Any) -> list[int]:
    """Run a statement, and return the ids that it returns."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def insert(authors: list[int], count: int, *, visibility: str = "public", **more: Any) -> list[int]:
    """Insert tweets, whose authors take turns, and return their ids."""
    nothing = dict.fromkeys(("reply_to", "reply_to_author", "quote_of", "lat", "cell"))
    more = nothing | more | {"authors": authors, "count": count, "visibility": visibility}
    return execute(TWEETS, **more)


def analyze() -> None:
    """Let the planner know how the tables have grown."""
    execute("ANALYZE accounts_user, people_follow, people_block, people_mute")
    execute("ANALYZE tweets_tweet, tweets_mention, tweets_hashtag, tweets_like, tweets_bookmark")


@dataclass(frozen=True)
class World:
    """The viewer bob, who follows many; many authors; and a tweet of alice."""

    bob: User
    alice: User
    authors: list[int]

    @property
    def seen(self) -> list[int]:
        """Authors whom bob does not know."""
        return self.authors[3000:3030]

    def tweet(self) -> int:
        """A new tweet of alice."""
        return insert([self.alice.pk], 1)[0]

    def reading(self, load: Load, **options: Any) -> Callable[[], Page[Any]]:
        """A call that reads the first page as bob."""
        return partial(load, viewer=self.bob, page=PageRequest(), **options)


@pytest.fixture
def world(alice: User, bob: User) -> World:
    """bob follows 1,000 accounts, in the order in which an import writes them."""
    authors = execute(PEOPLE)
    execute(
        """INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
        SELECT %(bob)s, unnest(%(users)s), 1, TRUE""",
        bob=bob.pk,
        users=authors[:1000],
    )
    for table in (MUTE, BLOCK):
        execute(f"{table} SELECT %(one)s, unnest(%(users)s)", one=authors[0], users=authors[1:500])
    others = insert(authors, 3000)
    execute(TAGS, tag="other", ids=others)
    execute(LIKES, users=authors[100:], ids=others)
    execute(MENTIONS, one=authors[0], ids=others)
    return World(bob, alice, authors)


def replies(*, viewer: User, tweet_id: int, page: PageRequest) -> Page[Any]:
    """The replies of a thread."""
    return threads.thread(viewer=viewer, tweet_id=tweet_id, page=page).replies


@pytest.mark.parametrize("way", HIDING)
def test_hidden_replies_quotes_and_tags_are_not_read(world: World, way: str) -> None:
    """3,000 of them, newer than what bob may read, by ten authors."""
    hidden = world.authors[2000:2010]
    plain, spammed = world.tweet(), world.tweet()
    for tweet_id in (plain, spammed):
        both: dict[str, Any] = {
            "reply_to": tweet_id,
            "reply_to_author": world.alice.pk,
            "quote_of": tweet_id,
        }
        tag = "plain" if tweet_id == plain else "spammed"
        execute(TAGS, tag=tag, ids=insert(world.seen, 30, **both))
    visibility = way if way in ("direct", "followers") else "public"
    spam = insert(hidden, HIDDEN, visibility=visibility, **both)
    if visibility == "public":
        execute(TAGS, tag="spammed", ids=spam)
    execute(HIDING[way] or "SELECT 1", bob=world.bob.pk, users=hidden)
    if way in ("suspended", "private"):
        for author in hidden:
            note_state(author)
    analyze()

    for load, before, after in (
        (replies, {"tweet_id": plain}, {"tweet_id": spammed}),
        (lists.quotes, {"tweet_id": plain}, {"tweet_id": spammed}),
        (lists.hashtag, {"tag": "plain"}, {"tag": "spammed"}),
    ):
        read, read_hidden = world.reading(load, **before), world.reading(load, **after)
        assert len(read_hidden().results) == len(read().results) == 20
        least, rows = rows_read(read), rows_read(read_hidden)
        if way in ("muted", "blocked", "blocking") or load == lists.hashtag:
            # Authors are told apart. No tweet of theirs is listed under a hashtag for fewer people.
            told_apart = visibility == "public"
            assert rows <= least + (500 if told_apart else 0)
            assert len(queries_of(read_hidden)) == len(queries_of(read)) + told_apart
        else:
            assert rows <= 1.2 * least
            assert len(queries_of(read_hidden)) == len(queries_of(read))


@pytest.mark.parametrize("state", ["gone", "private"])
def test_what_many_closed_accounts_did_is_not_read(world: World, state: str) -> None:
    """2,000 of them answer and quote a tweet, mention whom they answer, and like and repost it."""
    hidden = world.authors[1000:3000]
    plain, spammed = world.tweet(), world.tweet()
    for tweet_id, authors in ((plain, world.seen), (spammed, world.seen), (spammed, hidden)):
        both: dict[str, Any] = {
            "reply_to": tweet_id,
            "reply_to_author": world.alice.pk,
            "quote_of": tweet_id,
        }
        written = insert(authors, len(authors), **both)
        for mark in MARKS.values():
            execute(mark, users=authors, of=tweet_id)
    execute(MENTIONS_IN_REPLIES, one=world.alice.pk, ids=written, of=spammed)
    execute(HIDING["suspended" if state == "gone" else "private"], users=hidden)
    execute(NOTES, users=hidden, state=state)
    analyze()
    for viewer in (world.alice, world.bob):
        for load in (replies, lists.quotes, lists.likes, lists.reposts):
            read, read_hidden = (
                partial(load, viewer=viewer, tweet_id=of, page=PageRequest())
                for of in (plain, spammed)
            )
            if state == "private" and viewer == world.alice and load in (replies, lists.quotes):
                continue  # they answer her, so she reads them
            assert len(read_hidden().results) == len(read().results) == 20
            assert rows_read(read_hidden) <= 1.2 * rows_read(read)
            assert len(queries_of(read_hidden)) == len(queries_of(read))


@pytest.mark.parametrize("mark", MARKS)
def test_hidden_people_are_read_in_bounded_portions(world: World, mark: str) -> None:
    """The 3,000 latest to like or repost a tweet were suspended just now."""
    tweet_id = world.tweet()
    seen, hidden = world.authors[3000:3030], world.authors[:3000]
    execute(MARKS[mark], users=seen, of=tweet_id)
    execute(MARKS[mark], users=hidden, of=tweet_id)
    execute(HIDING["suspended"], users=hidden)
    analyze()
    read = getattr(lists, mark)
    assert rows_read(world.reading(read, tweet_id=tweet_id)) < 8 * paging.MAX_WINDOW

    pages, cursor = [], Cursor()
    while cursor:
        page = read(viewer=world.bob, tweet_id=tweet_id, page=PageRequest(cursor=cursor))
        pages.append(page)
        cursor = page.next
    assert ids([user for page in pages for user in page.results]) == seen[::-1]
    assert 2 < len(pages) < 6
    back = read(viewer=world.bob, tweet_id=tweet_id, page=PageRequest(cursor=pages[-1].previous))
    assert ids(back.results) == ids(pages[-2].results)


def test_a_profile_reads_only_what_belongs_to_its_tab(world: World) -> None:
    """One account only answers others, one never does, and one writes for others only."""
    answering, posting, whispering = world.authors[:3]
    tweet_id = world.tweet()
    answers: dict[str, Any] = {"reply_to": tweet_id, "reply_to_author": world.alice.pk}
    insert([answering], HIDDEN, **answers)
    insert([posting], HIDDEN)
    for visibility in ("followers", "direct"):
        insert([whispering], HIDDEN, visibility=visibility)
        insert([whispering], HIDDEN, visibility=visibility, **answers)
    analyze()
    stranger = User.objects.get(pk=world.authors[3050])
    for author, read in (
        (answering, lists.user_tweets),
        (posting, lists.user_replies),
        (whispering, lists.user_tweets),
        (whispering, lists.user_replies),
        (posting, lists.user_likes),
    ):
        user = User.objects.get(pk=author)
        assert rows_read(partial(read, viewer=stranger, user=user, page=PageRequest())) < 20


def test_the_likes_of_somebody_who_likes_much_are_read_a_page_at_a_time(world: World) -> None:
    liking = world.authors[0]
    execute(LIKES, users=[liking] * HIDDEN, ids=insert(world.seen, HIDDEN))
    analyze()
    load = partial(lists.user_likes, user=User.objects.get(pk=liking))
    assert rows_read(world.reading(load)) < 1000


def test_timelines_do_not_walk_what_does_not_belong_to_them(world: World) -> None:
    """The newest tweets are answers, and those of muted authors; their place is the same."""
    place: dict[str, Any] = {"lat": 10.0, "cell": cell_of(10.0, 10.0)}
    muted = world.authors[2000:2010]
    insert(world.seen, 30)
    insert(muted, 100)
    insert(world.seen, HIDDEN, reply_to=world.tweet(), reply_to_author=world.alice.pk, **place)
    execute(HIDING["muted"], bob=world.bob.pk, users=muted)
    analyze()
    assert len(world.reading(lists.public)().results) == 20
    assert rows_read(world.reading(lists.public)) < 1000


def preview_links(tweet_ids: list[int]) -> None:
    """Give each of these tweets a link to a page of its own, with a picture."""
    image = {"purpose": "card", "kind": "image", "state": "ready"}
    pictures = Media.objects.bulk_create([Media(key=f"{id_}", **image) for id_ in tweet_ids])
    previews = Preview.objects.bulk_create(
        [Preview(url=f"https://example.org/{each.pk}", image=each, title="T") for each in pictures]
    )
    pairs = zip(tweet_ids, previews, strict=True)
    TweetLink.objects.bulk_create([TweetLink(tweet_id=id_, preview=each) for id_, each in pairs])


def test_no_query_scans_a_whole_table(world: World) -> None:
    """Every list is read through indexes, with one plan for all viewers and positions."""
    tweet_id, user = world.tweet(), User.objects.get(pk=world.authors[0])
    ids = insert(world.authors, 10_000)
    execute(BOOKMARKS, users=world.authors[:1000], ids=ids[:1000])
    preview_links(ids[:2000])
    analyze()
    circle = Circle(10.0, 10.0, 100)
    loads: list[Load] = [
        lists.public,
        partial(lists.hashtag, tag="other"),
        partial(lists.nearby, circle=circle),
        *(partial(load, user=user) for load in (lists.user_tweets, lists.user_replies)),
        partial(lists.user_likes, user=user),
        *(partial(load, tweet_id=tweet_id) for load in (replies, lists.quotes)),
        *(partial(load, tweet_id=tweet_id) for load in (lists.likes, lists.reposts)),
    ]
    for load in loads:
        for cursor in (Cursor(), Cursor(after=0)):
            call = partial(load, viewer=world.bob, page=PageRequest(cursor=cursor))
            found = [name for query in queries_of(call) for name, _ in reads(query)]
            assert {name for name in found if not name.startswith(("Index", "Bitmap"))} <= EMPTY
