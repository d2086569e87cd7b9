"""Tweets in partitions: the table is divided while it is used, and nothing else changes."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from itertools import cycle
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection, models, transaction

from accounts.models import User
from chirp import ids
from chirp.db import partitions as db
from chirp.db.partitions import PartitionError
from people import services as people
from tests.helpers.databases import new_database
from tests.helpers.plans import drawn, plan, queries_of
from tests.helpers.threads import at_once
from tests.plugin import VAR
from timelines import candidates
from tweets import history, marks, partitions
from tweets.deleting import delete_tweet
from tweets.models import Like, Tweet
from tweets.posting import post_tweet
from tweets.read.hydrate import hydrate
from tweets.read.viewer import ViewerContext
from tweets.tasks import keep_partitions

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = partitions.TABLE
SUMMER = datetime(2026, 7, 1, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _new_database(transactional_db: None) -> Iterator[None]:
    with new_database(VAR):
        yield


def rows(query: str, *parameters: str | int) -> list[tuple[object, ...]]:
    """What a query returns."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def execute(statement: str) -> None:
    """Run a statement that returns nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def many_tweets(*authors: User) -> list[int]:
    """Ids of new tweets, the oldest first: so many that reading all of them is a poor plan."""
    drawn_ids = ids.draw(1000)
    Tweet.objects.bulk_create(
        Tweet(pk=id_, author=author, text="One of many")
        for id_, author in zip(drawn_ids, cycle(authors), strict=False)
    )
    return drawn_ids


def partition_of(tweet: Tweet) -> object:
    """The partition that a tweet is in."""
    ((name,),) = rows("SELECT tableoid::regclass::text FROM tweets_tweet WHERE id = %s", tweet.pk)
    return name


def divide_now(year: int = 2027) -> None:
    """Divide the table; what is posted from now on is in the second partition."""
    partitions.divide_at(ids.at(time.time() + 1), year)
    db.check(TABLE)
    wait_for_the_next()


def wait_for_the_next() -> None:
    """Wait until new ids are in the last partition."""
    while ids.draw()[0] < (partitions.all_parts()[-1].low or 0):
        time.sleep(0.05)


def references() -> list[tuple[object, ...]]:
    """The foreign keys of the table and to it, with whether they have been checked."""
    return rows(
        "SELECT conrelid::regclass::text, conname, confrelid::regclass::text, convalidated "
        "FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 "
        "AND to_regclass('tweets_tweet') IN (conrelid, confrelid) ORDER BY 1, 2"
    )


def indexes() -> set[object]:
    """The names of the indexes of the table."""
    return {
        name for (name,) in rows("SELECT indexname FROM pg_indexes WHERE tablename = %s", TABLE)
    }


def test_a_divided_table_has_the_rows_indexes_and_foreign_keys_of_before(
    alice: User, bob: User
) -> None:
    old = [post_tweet(author=alice, text=f"Hello {number}") for number in range(3)]
    marks.like(user=bob, tweet_id=old[0].pk)
    tweets, keys, names = list(Tweet.objects.order_by("pk").values()), references(), indexes()
    divide_now()
    assert list(Tweet.objects.order_by("pk").values()) == tweets
    assert hydrate([old[0].pk], viewer_id=bob.pk)[0].liked
    assert references() == keys
    assert indexes() == names - {"repost_once"}
    assert {partition_of(tweet) for tweet in old} == {"tweets_tweet_before_2027"}
    assert [part.name for part in partitions.all_parts()] == [
        "tweets_tweet_before_2027",
        "tweets_tweet_from_2027",
    ]


def test_tweets_on_both_sides_of_the_boundary_answer_each_other(alice: User, bob: User) -> None:
    old = post_tweet(author=alice, text="Old")
    divide_now()
    new = post_tweet(author=bob, text="New", reply_to_id=old.pk)
    quote = post_tweet(author=alice, text="Old again", quote_of_id=new.pk)
    assert partition_of(new) == partition_of(quote) == "tweets_tweet_from_2027"
    (shown,) = hydrate([new.pk], viewer_id=alice.pk)
    assert shown.parent is not None
    assert shown.parent.id == old.pk
    assert Tweet.objects.get(pk=old.pk).replies_count == 1
    delete_tweet(author=alice, tweet_id=old.pk)
    Tweet.objects.filter(pk=old.pk).delete()
    new.refresh_from_db()
    assert new.reply_to_id is None


def test_a_tweet_that_is_not_there_cannot_be_answered_or_liked(alice: User) -> None:
    post_tweet(author=alice, text="Old")
    divide_now()
    for refused in (
        lambda: Tweet.objects.create(author=alice, text="To nothing", reply_to_id=1),
        lambda: Like.objects.create(user=alice, tweet_id=1),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            refused()


def test_imported_tweets_of_the_past_are_in_the_first_partition(alice: User) -> None:
    divide_now()
    (id_,) = history.ids_for([datetime(2014, 5, 1, tzinfo=UTC)])
    Tweet.objects.create(id=id_, author=alice, text="Long ago")
    dated = post_tweet(author=alice, text="Also", at=datetime(2021, 5, 1, tzinfo=UTC))
    assert partition_of(Tweet.objects.get(pk=id_)) == "tweets_tweet_before_2027"
    assert partition_of(dated) == "tweets_tweet_before_2027"


def test_posts_go_on_while_the_table_is_divided_and_cut(alice: User, bob: User) -> None:
    first = post_tweet(author=alice, text="First")
    failed: list[Exception] = []
    posted: list[int] = []
    done = threading.Event()

    def post() -> None:
        while not done.is_set():
            try:
                posted.append(post_tweet(author=alice, text="More", reply_to_id=first.pk).pk)
                marks.like(user=bob, tweet_id=posted[-1])
                marks.unlike(user=bob, tweet_id=posted[-1])
            except Exception as error:
                failed.append(error)

    def divide() -> None:
        time.sleep(0.3)
        divide_now()
        db.cut(TABLE, at=ids.at(time.time() + 1), name=f"{TABLE}_from_2028")
        db.check(TABLE)
        wait_for_the_next()
        time.sleep(0.3)
        done.set()

    assert at_once([post, divide]) == []
    assert failed == []
    assert set(posted) <= set(Tweet.objects.values_list("pk", flat=True))
    filled = rows("SELECT tableoid::regclass::text, count(*) FROM tweets_tweet GROUP BY 1")
    assert len(filled) == 3
    assert Tweet.objects.get(pk=first.pk).replies_count == len(posted)


def test_a_tweet_is_reposted_once_across_partitions(alice: User, bob: User) -> None:
    tweet, other = (post_tweet(author=alice, text=text) for text in ("One", "Two"))
    marks.repost(user=bob, tweet_id=tweet.pk)
    marks.repost(user=bob, tweet_id=other.pk)
    marks.undo_repost(user=bob, tweet_id=other.pk)
    divide_now()
    with pytest.raises(IntegrityError, match="repost_once_of_all"), transaction.atomic():
        Tweet.objects.create(author=bob, repost_of=tweet)
    for _ in range(2):
        marks.repost(user=bob, tweet_id=other.pk)
        marks.undo_repost(user=bob, tweet_id=other.pk)
    marks.undo_repost(user=bob, tweet_id=tweet.pk)
    again = marks.repost(user=bob, tweet_id=tweet.pk)
    assert partition_of(again) == "tweets_tweet_from_2027"
    again.delete()
    marks.repost(user=bob, tweet_id=tweet.pk)


def test_concurrent_reposts_leave_one(alice: User, bob: User) -> None:
    tweet = post_tweet(author=alice, text="One")
    divide_now()
    jobs: list[Callable[[], object]] = [
        lambda: marks.repost(user=bob, tweet_id=tweet.pk) for _ in range(8)
    ]
    assert at_once(jobs) == []
    assert Tweet.objects.filter(author=bob, repost_of=tweet, deleted_at=None).count() == 1


def test_reposts_noted_while_they_are_undone_can_be_made_again(alice: User, bob: User) -> None:
    tweets = [post_tweet(author=alice, text=f"Number {number}") for number in range(20)]
    for tweet in tweets:
        marks.repost(user=bob, tweet_id=tweet.pk)
    partitions.note_reposts()

    def undo() -> None:
        for tweet in tweets:
            marks.undo_repost(user=bob, tweet_id=tweet.pk)

    def note() -> None:
        for _ in range(3):
            partitions.note_reposts()

    assert at_once([undo, note]) == []
    assert rows("SELECT * FROM tweets_repostonce") == []
    for tweet in tweets:
        marks.repost(user=bob, tweet_id=tweet.pk)


def test_the_scheduler_adds_a_partition_before_the_year_begins(alice: User) -> None:
    post_tweet(author=alice, text="Hello")
    assert not partitions.extend(now=DECEMBER)
    assert partitions.newest_days() is None
    divide_now(2026)
    assert not partitions.extend(now=SUMMER)
    assert partitions.extend(now=DECEMBER)
    assert not partitions.extend(now=DECEMBER)
    assert [(part.name, part.high) for part in partitions.all_parts()][1:] == [
        ("tweets_tweet_from_2026", ids.at(datetime(2027, 1, 1, tzinfo=UTC).timestamp())),
        ("tweets_tweet_from_2027", None),
    ]
    assert all(checked for *_, checked in references())
    keep_partitions()


def test_the_bound_of_a_process_that_was_killed_refuses_no_tweet(alice: User) -> None:
    post_tweet(author=alice, text="Hello")
    execute(f"ALTER TABLE tweets_tweet ADD CONSTRAINT {db.BOUND} CHECK (id < 5) NOT VALID")
    with pytest.raises(IntegrityError), transaction.atomic():
        post_tweet(author=alice, text="Refused")
    keep_partitions()
    post_tweet(author=alice, text="Posted")


def test_only_one_process_at_a_time_changes_partitions(alice: User) -> None:
    def divide() -> None:
        partitions.divide(now=SUMMER)

    with db.alone(TABLE):
        (error,) = at_once([divide])
    assert isinstance(error, PartitionError)
    assert partitions.all_parts() == []


def test_the_lock_ends_with_the_block(alice: User) -> None:
    with pytest.raises(ValueError, match="stop"), db.alone(TABLE):
        raise ValueError("stop")
    with db.alone(TABLE):
        pass


def test_neither_side_gives_up_a_long_statement(settings: Any) -> None:
    settings.STATEMENT_TIMEOUT_SECONDS = {"": 0.2}
    connection.close()
    with db.unhurried():
        rows("SELECT pg_sleep(0.7)")
    with pytest.raises(OperationalError):
        rows("SELECT pg_sleep(0.7)")
    connection.close()


def test_the_next_process_need_not_wait_for_the_server_to_notice_the_end(alice: User) -> None:
    for _ in range(50):
        with db.alone(TABLE):
            pass
        with pytest.raises(ZeroDivisionError), db.alone(TABLE):
            raise ZeroDivisionError


def test_it_waits_for_long_transactions_and_holds_nobody_up(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "TRIES", 2)
    began, done = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic():
            list(Tweet.objects.all())
            began.set()
            done.wait(30)

    def divide() -> None:
        began.wait(30)
        try:
            partitions.divide(now=SUMMER)
        finally:
            done.set()

    (error,) = at_once([read, divide])
    assert isinstance(error, PartitionError)
    assert partitions.all_parts() == []
    post_tweet(author=alice, text="Posted")


def test_the_command_divides_and_lists(alice: User) -> None:
    post_tweet(author=alice, text="Hello")

    def run(command: str) -> str:
        out = StringIO()
        call_command("partitions", command, stdout=out)
        return out.getvalue()

    assert "one table" in run("list")
    run("divide")
    assert "tweets_tweet_before_" in run("list")
    assert run("divide")
    call_command("migrate", verbosity=0)
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_later_migrations_change_all_partitions(alice: User) -> None:
    post_tweet(author=alice, text="Old")
    divide_now()
    field: models.Field[int | None, int | None] = models.IntegerField(null=True)
    field.set_attributes_from_name("later")
    field.model = Tweet
    with connection.schema_editor() as editor:
        editor.add_field(Tweet, field)
        editor.add_index(Tweet, models.Index(fields=["author", "id"], name="later_index"))
        editor.add_constraint(
            Tweet, models.CheckConstraint(condition=models.Q(pk__gt=0), name="later_check")
        )
    post_tweet(author=alice, text="New")
    db.cut(TABLE, at=ids.at(time.time() + 1), name=f"{TABLE}_from_2028")
    wait_for_the_next()
    newest = post_tweet(author=alice, text="Newest")
    assert partition_of(newest) == "tweets_tweet_from_2028"
    made = rows("SELECT FROM pg_indexes WHERE indexdef LIKE %s", "%(author_id, id)")
    assert len(made) == 4  # of the table, and of its three partitions


def test_the_year_is_not_divided_at_its_last_moment() -> None:
    with pytest.raises(PartitionError, match="within a day"):
        partitions.divide(now=datetime(2026, 12, 31, 12, tzinfo=UTC))


def test_a_page_reads_no_more_partitions_than_it_must(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    old = many_tweets(alice, bob)
    divide_now()
    new = many_tweets(alice, bob)
    execute("ANALYZE tweets_tweet")
    viewer = ViewerContext(viewer_id=bob.pk)

    def read(position: int) -> tuple[set[object], str]:
        (query,) = queries_of(
            lambda: candidates.below(viewer, below=position, limit=5, backfill=True)
        )
        nodes = plan(query)
        return {
            node["Relation Name"]
            for node in nodes
            if node.get("Relation Name", "").startswith("tweets_tweet") and node["Actual Loops"]
        }, drawn(nodes)

    found, shown = read(candidates.TOP)
    assert found == {"tweets_tweet_from_2027"}, shown
    found, shown = read(new[0])
    assert found <= {"tweets_tweet_before_2027", "tweets_tweet_from_2027"}, shown
    found, shown = read(old[-1])
    assert found == {"tweets_tweet_before_2027"}, shown


def test_the_command_says_why_it_cannot(alice: User) -> None:
    with db.alone(TABLE):

        def divide() -> None:
            call_command("partitions", "divide")

        (error,) = at_once([divide])
    assert isinstance(error, CommandError)
