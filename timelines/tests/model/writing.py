"""Steps in which users post, edit and delete tweets, and moderators hide them."""

from datetime import timedelta
from itertools import compress

from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from filters.models import Filter
from lists.models import HashtagFollow
from outbox.models import Event
from timelines import oracle
from timelines.tests.model.world import INDEX, USER, USERS, World, ignore_refusals, pick
from tweets import history, marks, moderation
from tweets.deleting import delete_tweet
from tweets.editing import edit_tweet
from tweets.history import PastTweet
from tweets.models import Mention, Tweet
from tweets.posting import post_tweet

AUDIENCES = st.sampled_from(["public", "public", "unlisted", "followers", "direct"])
FOLLOWER = st.sampled_from([1, 2, 3, 4])  # steps back along the ring: the first three follow
there_are_tweets = precondition(lambda self: self.tweets)


def _owed_to_timelines() -> int:
    """Return the number of events that a task of timelines has not consumed."""
    pending = Event.objects.values_list("consumers", flat=True)
    return sum(any(task.startswith("timelines.") for task in tasks) for tasks in pending)


def _mentioned(tweet: Tweet) -> set[int]:
    """Return the ids of the accounts that the tweet mentions."""
    return set(Mention.objects.filter(tweet=tweet).values_list("user", flat=True))


def _who_read_texts() -> set[int]:
    """Return the ids of the accounts that follow hashtags, or filter words."""
    return {
        *HashtagFollow.objects.values_list("user", flat=True),
        *Filter.objects.values_list("owner", flat=True),
    }


class Writing(World):
    """Post, reply, quote, repost, edit, delete and hide tweets."""

    @rule(writer=USER, visibility=AUDIENCES, back=FOLLOWER, count=st.integers(1, 7))
    def post(self, writer: int, visibility: str, back: int, count: int) -> None:
        """A user posts tweets that mention another user, perhaps enough to fill a timeline."""
        author, text = self.user(writer), f"hello @{self.user((writer - back) % USERS).handle}"
        for _ in range(count):
            self.remember(post_tweet(author=author, text=text, visibility=visibility))

    @rule(writer=USER, days=st.sampled_from([1, 9, 5_000]), count=st.integers(1, 7))
    def bring_along(self, writer: int, days: int, count: int) -> None:
        """A user imports tweets of the past."""
        author, moment = self.user(writer), timezone.now() - timedelta(days=days)
        moments = [moment + timedelta(minutes=number) for number in range(count)]
        ids = history.ids_for(moments)
        past = [
            PastTweet(id=id_, text="long ago", written_at=moment)
            for id_, moment in zip(ids, moments, strict=True)
        ]
        with transaction.atomic():
            history.write(author=author, tweets=past)
            history.end(author_id=author.pk)
        for tweet in Tweet.objects.filter(pk__in=ids):
            self.remember(tweet)

    @there_are_tweets
    @rule(user=USER, tweet_index=INDEX, to_self=st.booleans())
    def reply(self, user: int, tweet_index: int, to_self: bool) -> None:
        """A user replies to a tweet, or an author to their own tweet."""
        with ignore_refusals():
            parent = self.tweet(tweet_index)
            author = parent.author if to_self else self.user(user)
            self.remember(post_tweet(author=author, text="so it is", reply_to_id=parent.pk))

    @there_are_tweets
    @rule(user=USER, tweet_index=INDEX)
    def quote(self, user: int, tweet_index: int) -> None:
        """A user quotes a tweet."""
        with ignore_refusals():
            author, quoted = self.user(user), self.tweet(tweet_index)
            self.remember(post_tweet(author=author, text="look", quote_of_id=quoted.pk))

    @there_are_tweets
    @rule(user=USER, tweet_index=INDEX)
    def repost(self, user: int, tweet_index: int) -> None:
        """A user reposts a tweet."""
        with ignore_refusals():
            self.remember(marks.repost(user=self.user(user), tweet_id=self.tweet(tweet_index).pk))

    @there_are_tweets
    @rule(first=USER, second=USER, tweet_index=INDEX)
    def repost_and_undo(self, first: int, second: int, tweet_index: int) -> None:
        """Two users repost the same tweet, and the first undoes the repost."""
        tweet = self.tweet(tweet_index)
        with ignore_refusals():
            self.remember(marks.repost(user=self.user(first), tweet_id=tweet.pk))
            self.remember(marks.repost(user=self.user(second), tweet_id=tweet.pk))
            marks.undo_repost(user=self.user(first), tweet_id=tweet.pk)

    @there_are_tweets
    @rule(index=INDEX)
    def undo_repost(self, index: int) -> None:
        """A user undoes a repost."""
        repost = pick(Tweet.objects.filter(repost_of__isnull=False, deleted_at=None), index)
        if repost is not None:
            with ignore_refusals():
                marks.undo_repost(user=repost.author, tweet_id=repost.pk)

    @there_are_tweets
    @rule(tweet_index=INDEX)
    def delete(self, tweet_index: int) -> None:
        """An author deletes a tweet."""
        tweet = self.tweet(tweet_index)
        delete_tweet(author=tweet.author, tweet_id=tweet.pk)

    @there_are_tweets
    @rule(tweet_index=INDEX, mentioned=USER)
    def edit(self, tweet_index: int, mentioned: int) -> None:
        """An author edits a tweet so that it mentions a user."""
        self.change_text(self.tweet(tweet_index), f"I mean @{self.user(mentioned).handle}")

    def change_text(self, tweet: Tweet, text: str) -> None:
        """Edit a tweet: no timeline changes, and timelines have no work.

        Only an account that the edit mentions, or no longer mentions, may see more or less, and one
        that follows hashtags or filters words.
        """
        before, owed, mentioned = self.entries(), _owed_to_timelines(), _mentioned(tweet)
        with ignore_refusals():
            edited = edit_tweet(author=tweet.author, tweet_id=tweet.pk, text=text)
            assert edited.pk == tweet.pk
        concerned = mentioned ^ _mentioned(tweet) | _who_read_texts()
        others = [pk not in concerned for pk in sorted(self.user_ids)]
        assert list(compress(self.entries(), others)) == list(compress(before, others))
        assert _owed_to_timelines() == owed

    def entries(self) -> list[list[tuple[int, int]]]:
        """Return the timelines of all users, as defined by the oracle."""
        return [oracle.entries(viewer) for viewer in self.all_users()]

    @there_are_tweets
    @rule(tweet_index=INDEX, user=USER, hidden=st.booleans())
    def moderate(self, tweet_index: int, user: int, hidden: bool) -> None:
        """A moderator hides or restores a tweet."""
        tweet, by = self.tweet(tweet_index), self.user(user)
        if hidden:
            moderation.hide_tweet(tweet_id=tweet.pk, by=by)
        else:
            moderation.unhide_tweet(tweet_id=tweet.pk, by=by)
