"""The tables of search: copies of what other apps hold, in the form in which it is looked up."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from tweets.models import LANGUAGE_LENGTH, Tweet

WORD_LENGTH = 100


class Document(models.Model):
    """What can be found of a tweet: see search.lexemes. Reposts, and what is gone, have none.

    `public` is whether everybody may find it, as long as its author is not private.
    """

    tweet = models.OneToOneField(Tweet, models.CASCADE, primary_key=True, related_name="+")
    author_id = models.BigIntegerField()
    language = models.CharField(max_length=LANGUAGE_LENGTH)
    public = models.BooleanField()
    lexemes = SearchVectorField()

    class Meta:
        indexes = [
            # Every search reads the whole list of pending entries, so it is kept short.
            GinIndex(fields=["lexemes"], name="document_lexemes", gin_pending_list_limit=256),
        ]


class Name(models.Model):
    """A word by which an account is found: its handle, or a part of its handle or name.

    Words are compared by their bytes, so that an index finds those that begin alike. `tier` is the
    magnitude of the number of followers, from time to time brought up to date. `near` is what
    remains of the word after a typo: see search.names.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    word = models.CharField(max_length=WORD_LENGTH, db_collation="C")
    is_handle = models.BooleanField()
    tier = models.PositiveSmallIntegerField()
    near = ArrayField(models.TextField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "word"], name="name_once")]
        indexes = [
            models.Index(fields=["tier", "word"], name="name_by_beginning"),
            GinIndex(fields=["near"], name="name_by_typo"),
        ]


class Tag(models.Model):
    """A hashtag that was used in public: by how many accounts lately, and whether it is a trend.

    All of it is from the last count. `authors` used it within eight days; `trend` is above zero if
    it is used more than usual. An operator can keep it out of the trends.
    """

    tag = models.CharField(max_length=WORD_LENGTH, primary_key=True, db_collation="C")
    authors = models.PositiveIntegerField(default=0)
    tier = models.PositiveSmallIntegerField(default=0)
    trend = models.FloatField(default=0)
    blocked = models.BooleanField(default=False, help_text="Never a trend.")

    class Meta:
        indexes = [
            models.Index(fields=["tier", "tag"], name="tag_by_beginning"),
            models.Index(
                fields=["-trend"], name="tag_trends", condition=models.Q(trend__gt=0, blocked=False)
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.tag}"


class TrendingTweet(models.Model):
    """A tweet that trends, by the last count; or one that an operator keeps out of the trends."""

    tweet = models.OneToOneField(Tweet, models.CASCADE, primary_key=True, related_name="+")
    score = models.FloatField()
    blocked = models.BooleanField(default=False, help_text="Never a trend.")

    def __str__(self) -> str:
        return str(self.pk)


class Progress(models.Model):
    """A walk through the rows of another app: it has done everything up to `position`."""

    part = models.CharField(max_length=20, primary_key=True)
    position = models.BigIntegerField(default=0)
