"""Search for tweets: what each query finds, and for whom."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.services import suspend
from chirp.pagination import PageRequest
from people import services as people
from people.profile import update_profile
from search import candidates, indexing, sql
from search.lexemes import of_tokens
from search.models import Document
from search.query import BadQuery
from search.tweets import search_tweets
from search.words import tokens, vector
from tests.helpers.pictures import uploaded
from tests.helpers.tweets import at_once, ids, post, walk, walk_up
from tweets import deleting, editing, marks, moderation
from tweets.models import Tweet
from tweets.polls.rules import NewPoll

Drain = Callable[..., int]


def find(query: str, *, viewer: User | None = None) -> list[str]:
    """The texts of the tweets that a query finds, newest first."""
    page = search_tweets(viewer=viewer, query=query, page=PageRequest(limit=100))
    assert page.next is None
    return [tweet.text for tweet in page.results]


def write(author: User, *texts: str, **more: Any) -> None:
    """Post tweets, and index them."""
    indexing.index_tweets([post(author, text, **more).pk for text in texts])


class TestWords:
    """What counts as the same word."""

    def test_every_word_must_be_there(self, alice: User) -> None:
        write(alice, "red fish", "blue fish", "red bird")
        assert find("fish") == ["blue fish", "red fish"]
        assert find("FISH red") == ["red fish"]
        assert find("red fish bird") == []

    def test_a_minus_leaves_a_word_out(self, alice: User) -> None:
        write(alice, "red fish", "blue fish", "blue fish in new york", "york is new to fish")
        assert find("fish -red -york") == ["blue fish"]
        assert find('fish -"new york" -red') == ["york is new to fish", "blue fish"]
        assert find("fish -#red -@nobody -from:nobody") == find("fish")

    def test_accents_case_and_width_make_no_difference(self, alice: User) -> None:
        write(alice, "Ein Café in der Straße", "Ёлка в Łódź", "ＷＩＤＥ")
        assert find("cafe STRASSE") == ["Ein Café in der Straße"]
        assert find("елка lodz") == ["Ёлка в Łódź"]
        assert find("wide") == ["ＷＩＤＥ"]

    @pytest.mark.parametrize(
        ("language", "text", "query"),
        [
            ("en", "She was running with two dogs", "runs dog"),
            ("en-GB", "She was running with two dogs", "run"),
            ("de", "Viele Häuser stehen leer", "Haus leere"),
            ("fr", "Ils mangeaient des chevaux", "manger"),
            ("es", "Las canciones del verano", "canción"),
            ("nb", "Bilene kjører fort", "biler"),
            ("ru", "Мы читали книги", "книга"),
            ("", "She was running through the woods with two dogs", "runs dog"),
            ("", "Gestern standen dort noch viele schöne alte Häuser", "Hauses"),
        ],
    )
    def test_words_are_stemmed_in_the_language_of_the_tweet(
        self, alice: User, language: str, text: str, query: str
    ) -> None:
        write(alice, text, language=language)
        assert find(query) == [text]

    def test_a_stem_of_another_language_is_another_word(self, alice: User) -> None:
        write(alice, "something new", language="en")
        assert find("news") == []  # which the Dutch stemmer shortens to "new"

    def test_stop_words_are_words(self, alice: User) -> None:
        write(alice, "to be or not to be", language="en")
        assert find("or not") == ["to be or not to be"]

    @pytest.mark.parametrize(
        "query",
        ["東京", "天気", "京都の天", "京", "気", "iphoneで 天気", "iPhoneで東京"],
    )
    def test_a_part_of_a_run_is_found(self, alice: User, query: str) -> None:
        write(alice, "iPhoneで東京都の天気")
        assert find(query) == ["iPhoneで東京都の天気"]

    @pytest.mark.parametrize("query", ["東都", "都京", "phoneで", "天気予報", "東京の天気"])
    def test_characters_must_follow_one_another(self, alice: User, query: str) -> None:
        write(alice, "iPhoneで東京都の天気 東京の都")
        assert find(query) == []

    def test_thai_and_korean_are_found_within_runs(self, alice: User) -> None:
        write(alice, "ฉันชอบกินข้าวผัด", "학교에서 공부를")
        assert find("กินข้าว") == ["ฉันชอบกินข้าวผัด"]
        assert find("학교 공부") == ["학교에서 공부를"]

    def test_a_phrase_is_found_in_its_order(self, alice: User) -> None:
        write(alice, "New York is new", "new to York", "in new, YORK-shire")
        assert find('"new york"') == ["in new, YORK-shire", "New York is new"]
        assert find("new-york") == find('"new york"')
        assert find('"york new"') == []

    def test_emoji_and_hosts_are_words(self, alice: User) -> None:
        write(alice, "good 👍🏽", "see https://news.example.com/long/path?with=words")
        assert find("👍") == ["good 👍🏽"]
        assert find("example.com") == find("https://news.example.com") != []
        assert find("path") == []


class TestOperators:
    """What is not a word."""

    def test_hashtags_names_and_authors(self, alice: User, bob: User) -> None:
        write(alice, "I like #Berlin and @bob", "berlin without a sign")
        write(bob, "#berlinale")
        assert find("#BERLIN") == ["I like #Berlin and @bob"]
        assert find("berlin") == ["berlin without a sign", "I like #Berlin and @bob"]
        assert find("@Bob") == ["I like #Berlin and @bob"]
        assert find("from:BOB") == ["#berlinale"]
        assert find("berlin -@bob from:@alice") == ["berlin without a sign"]
        assert find("from:me", viewer=bob) == ["#berlinale"]
        assert find("from:me") == find("from:nobody") == find("to:nobody") == []

    def test_a_name_without_an_account_is_a_word(self, alice: User) -> None:
        write(alice, "ask @nobody_here", "nobody here")
        assert find("@nobody_here") == ["nobody here", "ask @nobody_here"]

    def test_replies(self, alice: User, bob: User) -> None:
        question = post(alice, "a question")
        write(bob, "an answer", reply_to_id=question.pk)
        write(bob, "no answer")
        assert find("to:alice") == find("is:reply") == ["an answer"]
        assert find("answer -is:reply") == ["no answer"]

    def test_links(self, alice: User) -> None:
        write(alice, "read https://example.com", "read this")
        assert find("read has:link") == ["read https://example.com"]
        assert find("read -has:link") == ["read this"]

    def test_polls(self, alice: User) -> None:
        write(alice, "tea or coffee", poll=NewPoll(["Tea", "Coffee"], 300))
        write(alice, "tea")
        assert find("tea has:poll") == ["tea or coffee"]
        assert find("tea -has:poll") == ["tea"]

    def test_media(self, alice: User) -> None:
        write(alice, "look at this", media_ids=[uploaded(alice).pk])
        write(alice, "look here")
        assert find("look has:media") == ["look at this"]
        assert find("look -has:media") == ["look here"]

    def test_languages(self, alice: User) -> None:
        write(alice, "Gift ist giftig", language="de-AT")
        write(alice, "gift for you", language="en")
        assert find("gift lang:de") == ["Gift ist giftig"]
        assert find("gift -lang:de") == ["gift for you"]

    def test_days(self, alice: User) -> None:
        write(alice, "word")
        day = Tweet.objects.get().created_at.date().isoformat()
        assert find(f"word since:{day}") == ["word"]
        assert find(f"word until:{day}") == []
        assert find("word since:1999-01-01 until:9999-12-31") == ["word"]
        assert find("word since:9999-12-31") == []


class TestAudiences:
    """Who finds what."""

    def test_only_followers_find_tweets_for_followers(self, alice: User, bob: User) -> None:
        write(alice, "secret word", visibility="followers")
        write(alice, "unlisted word", visibility="unlisted")
        assert find("word") == find("word", viewer=bob) == []
        assert find("word", viewer=alice) == ["unlisted word", "secret word"]
        people.follow(follower=bob, followee=alice)
        assert find("word", viewer=bob) == ["unlisted word", "secret word"]

    def test_direct_tweets_are_found_by_those_they_address(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        people.follow(follower=charlie, followee=alice)
        write(alice, "word for @bob", visibility="direct")
        assert find("word", viewer=bob) == find("word", viewer=alice) == ["word for @bob"]
        assert find("word", viewer=charlie) == find("word") == []

    def test_private_accounts_are_found_by_followers_and_by_those_they_answer(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        question = post(bob, "question")
        write(alice, "private word")
        write(alice, "word to you", reply_to_id=question.pk)
        people.follow(follower=charlie, followee=alice)
        update_profile(user=alice, changes={"private": True})
        assert find("word") == []
        assert find("word", viewer=bob) == ["word to you"]
        assert find("word", viewer=charlie) == ["word to you", "private word"]

    def test_blocks_and_mutes_hide(self, alice: User, bob: User) -> None:
        write(alice, "word")
        people.mute(muter=bob, muted=alice)
        assert find("word", viewer=bob) == []
        people.unmute(muter=bob, muted=alice)
        people.block(blocker=bob, blocked=alice)
        assert find("word", viewer=bob) == []
        people.unblock(blocker=bob, blocked=alice)
        people.block(blocker=alice, blocked=bob)
        assert find("word", viewer=bob) == []
        assert find("word") == ["word"]

    def test_an_account_that_is_gone_is_not_found(self, alice: User, bob: User) -> None:
        write(alice, "word")
        suspend(user=alice, by=bob, now=timezone.now())
        assert find("word") == find("from:alice") == []


class TestIndexing:
    """What happens to a tweet reaches the index through the outbox, in any order and twice."""

    def test_posting_editing_and_deleting(self, alice: User, drain: Drain) -> None:
        tweet = post(alice, "first word")
        drain(times=2)
        assert find("first") == ["first word"]
        editing.edit_tweet(author=alice, tweet_id=tweet.pk, text="second word")
        drain(times=2)
        assert find("first") == []
        assert find("second") == ["second word"]
        deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
        assert find("second") == []
        drain(times=2)
        assert not Document.objects.exists()

    def test_hiding_and_restoring(self, alice: User, bob: User, drain: Drain) -> None:
        tweet = post(alice, "word")
        moderation.hide_tweet(tweet_id=tweet.pk, by=bob)
        drain()
        assert not Document.objects.exists()
        moderation.unhide_tweet(tweet_id=tweet.pk, by=bob)
        drain()
        assert find("word") == ["word"]

    def test_reposts_are_not_indexed(self, alice: User, bob: User, drain: Drain) -> None:
        tweet = post(alice, "word")
        marks.repost(user=bob, tweet_id=tweet.pk)
        drain()
        assert find("word") == ["word"]
        assert find("from:bob") == []

    @pytest.mark.django_db(transaction=True)
    def test_the_newest_version_wins(self, alice: User) -> None:
        tweet = post(alice, "version 0")

        def change(number: int) -> Callable[[], None]:
            def run() -> None:
                editing.edit_tweet(author=alice, tweet_id=tweet.pk, text=f"version {number}")
                indexing.index_tweets([tweet.pk])

            return run

        at_once([change(number) for number in range(1, 6)])
        newest = Tweet.objects.get().text
        assert find(newest) == [newest]

    def test_a_batch_takes_a_constant_number_of_queries(
        self, alice: User, django_assert_num_queries: Any
    ) -> None:
        for size in (1, 30):
            batch = [post(alice, f"new{n} words{size}", language="en").pk for n in range(size)]
            with django_assert_num_queries(4):  # lock, read, stems, write
                indexing.index_tweets(batch)


class TestPages:
    """Pages are whole, whichever way the index is read."""

    @pytest.fixture
    def many(self, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """The ids of the public tweets with "word", newest first, among others."""
        monkeypatch.setattr(candidates, "COMPARED", 4)
        monkeypatch.setattr(candidates, "CHUNK", 2)
        written = [
            post(alice, "rare big word" if n % 7 == 0 else "big else" if n % 3 else "word big")
            for n in range(60)
        ]
        hidden = [post(bob, "rare big word", visibility="followers") for _ in range(3)]
        indexing.index_tweets([tweet.pk for tweet in (*written, *hidden)])
        return [tweet.pk for tweet in reversed(written) if "word" in tweet.text]

    @pytest.mark.parametrize("limit", [1, 2, 5, 50])
    def test_common_and_rare_words_are_found_page_by_page(
        self, many: list[int], limit: int
    ) -> None:
        texts = dict(Tweet.objects.filter(pk__in=many).values_list("pk", "text"))
        rare = [pk for pk in many if "rare" in texts[pk]]
        for query, expected in (
            ("word", many),
            ("rare", rare),
            ('"big word"', rare),
            ("word -rare", [pk for pk in many if pk not in rare]),
            ('word -"big word"', [pk for pk in many if pk not in rare]),
        ):
            arguments: dict[str, Any] = {"viewer": None, "query": query, "limit": limit}
            assert walk(search_tweets, **arguments) == expected, query
            assert walk_up(search_tweets, **arguments) == expected, query

    def test_a_page_looks_at_a_limited_number_of_candidates(
        self, many: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(candidates, "MOST_CANDIDATES", 8)
        monkeypatch.setattr(candidates, "CHUNK", 4)
        page = search_tweets(viewer=None, query='"word big"', page=PageRequest())
        assert 0 < len(page.results) < len(many)
        assert ids(page.results) == sorted(ids(page.results), reverse=True)
        assert page.next is None

    def test_the_number_of_queries_does_not_grow(
        self, alice: User, django_assert_num_queries: Any
    ) -> None:
        for count in (1, 20):
            write(alice, *["word"] * count)
            find("word")  # so that the stems of the word are known
            with django_assert_num_queries(2):  # candidates, tweets
                search_tweets(viewer=alice, query="word", page=PageRequest(limit=20))


@pytest.mark.django_db
def test_any_word_is_looked_up_in_the_index() -> None:
    """One plan serves all words: none walks the primary key in search of a rare one."""
    values = "(to_tsquery('simple', 'a'), to_tsquery('simple', 'b'), 0, 1, 1, 1)"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"PREPARE indexed AS {sql.INDEXED_BELOW.text}")
        cursor.execute(f"EXPLAIN EXECUTE indexed {values}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("DEALLOCATE indexed")
    assert "Bitmap Index Scan on document_lexemes" in plan


@pytest.mark.django_db
@given(st.text(max_size=60))
@settings(max_examples=60)
def test_any_text_can_be_searched_for_and_found(text: str) -> None:
    found = tokens(text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector", [vector(of_tokens(found))])
    try:
        page = search_tweets(viewer=None, query=text, page=PageRequest())
    except BadQuery:
        return
    assert page.results == []
