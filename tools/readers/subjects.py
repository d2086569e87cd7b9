"""What the pages are about: authors, a tweet, a hashtag and words, in the demo and elsewhere."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from accounts.models import User
from chirp.pagination import Cursor
from tools.partitions.rows import Span
from tools.readers.rows import STAR
from tweets.models import Hashtag, Tweet

WORD = re.compile("[a-z]{5,}")


@dataclass(frozen=True, slots=True)
class Subjects:
    """The names in the paths of tools.readers.pages, and their values."""

    busy: str  # the handle of an author who writes much
    busy_id: int
    rare: str  # of one who hardly writes
    star: str  # of one with many followers
    star_id: int
    popular: int  # the id of a tweet with many answers
    popular_author: str
    answer: int  # the id of the first answer to it
    tag: str
    often: str  # a word of many tweets
    seldom: str
    middle: str  # a cursor to the tweets of half of the time ago, which no timeline in Redis has
    middle_id: int


def of_demo() -> Subjects:
    """Those of the demo."""
    authors = User.objects.filter(tweets_count__gt=0, private=False).order_by("tweets_count")
    stars = User.objects.filter(private=False).order_by("-followers_count")
    tags = Hashtag.objects.values("tag").annotate(uses=Count("id")).order_by("-uses")
    texts = Tweet.objects.values_list("text", flat=True)
    words = Counter(word for text in texts for word in WORD.findall(text.lower()))
    ids = Tweet.objects.order_by("pk").values_list("pk", flat=True)
    return Subjects(
        **_named("busy", authors.reverse()[0]),
        rare=authors[0].handle,
        **_named("star", stars[0]),
        **_popular(Tweet.objects.filter(author__private=False).latest("replies_count")),
        tag=tags[0]["tag"],
        often=words.most_common(1)[0][0],
        seldom=min(words, key=lambda word: (words[word], word)),
        **_middle(ids[len(ids) // 2]),
    )


def of_large(span: Span) -> Subjects:
    """Those of generated tweets, in whose database this is called."""
    return Subjects(
        **_named("busy", User.objects.get(pk=3)),
        rare=f"p{span.people}",
        **_named("star", User.objects.get(pk=span.people - STAR)),
        **_popular(Tweet.objects.get(pk=span.id(span.popular))),
        tag="tag7",
        often="coffee",
        seldom="w4321",
        **_middle(span.id(span.total // 2)),
    )


def _popular(tweet: Tweet) -> dict[str, Any]:
    answer = Tweet.objects.filter(reply_to=tweet).earliest("pk")
    return {
        "popular": tweet.pk,
        "popular_author": tweet.author.handle,
        "answer": answer.pk,
    }


def _named(name: str, user: User) -> dict[str, Any]:
    return {name: user.handle, f"{name}_id": user.pk}


def _middle(tweet_id: int) -> dict[str, Any]:
    return {"middle": Cursor(before=tweet_id).encode(), "middle_id": tweet_id}
