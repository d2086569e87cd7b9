"""The tables of search: copies of what other apps hold, in the form in which it is looked up."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from tweets.models import LANGUAGE_LENGTH, Tweet


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


class Rebuild(models.Model):
    """A rebuild of the index that has not finished: it has done everything up to `position`."""

    part = models.CharField(max_length=20, primary_key=True)
    position = models.BigIntegerField(default=0)
