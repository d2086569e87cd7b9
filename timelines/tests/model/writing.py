"""Steps of people who write."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from outbox import services as outbox
from timelines import oracle
from timelines.tests.model.world import PEOPLE, WHICH, WHO, World, counted, refused
from tweets import marks, moderation
from tweets.deleting import delete_tweet
from tweets.editing import edit_tweet
from tweets.models import Tweet
from tweets.posting import post_tweet

AUDIENCES = st.sampled_from(["public", "public", "unlisted", "followers", "direct"])
FOLLOWER = st.sampled_from([1, 2, 3, 4])  # steps back along the ring: the first three follow
something_was_said = precondition(lambda self: self.tweets)


class Writing(World):
    """Post, answer, pass on, edit, delete."""

    @rule(who=WHO, visibility=AUDIENCES, back=FOLLOWER, several=st.integers(1, 7))
    def post(self, who: int, visibility: str, back: int, several: int) -> None:
        """Somebody posts, perhaps enough to fill a timeline, and mentions somebody."""
        author, text = self.person(who), f"hello @{self.person((who - back) % PEOPLE).handle}"
        for _ in range(several):
            self.keep(post_tweet(author=author, text=text, visibility=visibility))

    @something_was_said
    @rule(who=WHO, which=WHICH, to_self=st.booleans())
    def reply(self, who: int, which: int, to_self: bool) -> None:
        """Somebody answers, or goes on."""
        with refused():
            parent = self.tweet(which)
            author = parent.author if to_self else self.person(who)
            self.keep(post_tweet(author=author, text="so it is", reply_to_id=parent.pk))

    @something_was_said
    @rule(who=WHO, which=WHICH)
    def quote(self, who: int, which: int) -> None:
        """Somebody quotes."""
        with refused():
            author, quoted = self.person(who), self.tweet(which)
            self.keep(post_tweet(author=author, text="look", quote_of_id=quoted.pk))

    @something_was_said
    @rule(who=WHO, which=WHICH)
    def repost(self, who: int, which: int) -> None:
        """Somebody passes a tweet on."""
        with refused():
            self.keep(marks.repost(user=self.person(who), tweet_id=self.tweet(which).pk))

    @something_was_said
    @rule(one=WHO, other=WHO, which=WHICH)
    def repost_and_undo(self, one: int, other: int, which: int) -> None:
        """Two pass the same tweet on, and the first takes it back."""
        tweet = self.tweet(which)
        with refused():
            self.keep(marks.repost(user=self.person(one), tweet_id=tweet.pk))
            self.keep(marks.repost(user=self.person(other), tweet_id=tweet.pk))
            marks.undo_repost(user=self.person(one), tweet_id=tweet.pk)

    @something_was_said
    @rule(which=WHICH)
    def undo_repost(self, which: int) -> None:
        """Somebody takes a repost back."""
        repost = counted(Tweet.objects.filter(repost_of__isnull=False, deleted_at=None), which)
        if repost is not None:
            with refused():
                marks.undo_repost(user=repost.author, tweet_id=repost.pk)

    @something_was_said
    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        """Somebody deletes a tweet."""
        tweet = self.tweet(which)
        delete_tweet(author=tweet.author, tweet_id=tweet.pk)

    @something_was_said
    @rule(which=WHICH, mentioned=WHO)
    def edit(self, which: int, mentioned: int) -> None:
        """Somebody edits a tweet."""
        self.change(self.tweet(which), f"I mean @{self.person(mentioned).handle}")

    def change(self, tweet: Tweet, text: str) -> None:
        """Edit a tweet: no timeline changes, and nobody is told."""
        before = self.entries(), outbox.owed()
        with refused():
            edited = edit_tweet(author=tweet.author, tweet_id=tweet.pk, text=text)
            assert edited.pk == tweet.pk
        assert (self.entries(), outbox.owed()) == before

    def entries(self) -> list[list[tuple[int, int]]]:
        """What is in everybody's timeline, by its definition."""
        return [oracle.entries(viewer) for viewer in self.everybody()]

    @something_was_said
    @rule(which=WHICH, who=WHO, hidden=st.booleans())
    def moderate(self, which: int, who: int, hidden: bool) -> None:
        """A moderator hides a tweet or brings it back."""
        tweet, by = self.tweet(which), self.person(who)
        if hidden:
            moderation.hide_tweet(tweet_id=tweet.pk, by=by)
        else:
            moderation.unhide_tweet(tweet_id=tweet.pk, by=by)
