"""Steps in which users choose what they read: hashtags, exclusive lists, filters, no reposts."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from accounts.models import User
from filters import services as filters
from filters.matching import Phrase
from filters.models import Filter
from lists import hashtags
from lists import services as lists
from lists.models import PeopleList
from people import services as people
from timelines.tests.model.interactions import OTHERS, Interactions, sequences_of
from timelines.tests.model.world import USER, USERS, ignore_refusals
from tweets import marks
from tweets.posting import post_tweet

TAGS = st.sampled_from(["birds", "null"])
WORDS = st.sampled_from(["birds", "once", "me"])  # of "#birds", "once upon a time", "look at me"


class Choices(Interactions):
    """Sequences of choices of one user, with posts of others and reads in between."""

    @rule(
        user=USER,
        others=OTHERS,
        tag=TAGS,
        word=WORDS,
        sequence=sequences_of(
            *("follow_tag", "follow_tag", "unfollow_tag", "tagged", "tagged", "edit"),
            *("list", "unlist", "switch_exclusive", "filter", "expire", "unfilter"),
            *("hide_reposts", "show_reposts", "post", "repost", "follow", "unfollow", "mute"),
            *("deliver", "read", "read", "check"),
        ),
    )
    def choose(
        self, user: int, others: tuple[int, int], tag: str, word: str, sequence: list[str]
    ) -> None:
        """A user changes what they read, and others post what that concerns."""
        one, other, third = (self.user((user + step) % USERS) for step in (0, *others))
        calls: dict[str, Callable[[], object]] = {
            "follow_tag": partial(hashtags.follow_hashtag, user=one, tag=tag),
            "unfollow_tag": partial(hashtags.unfollow_hashtag, user=one, tag=tag),
            "tagged": partial(self._post_tagged, other, tag),
            "edit": partial(self._edit_latest, other),
            "list": partial(self._list, one, other),
            "unlist": partial(self._unlist, one, other),
            "switch_exclusive": partial(self._switch_exclusive, one),
            "filter": partial(self._filter, one, word),
            "expire": partial(self._expire_filters, one),
            "unfilter": partial(self._remove_filters, one),
            "hide_reposts": partial(self._hide_reposts, one, 1),
            "show_reposts": partial(self._hide_reposts, one, -1),
            "post": partial(self._post_as, other),
            "repost": partial(self._repost, third, other),
            "follow": partial(people.follow, follower=one, followee=other),
            "unfollow": partial(people.unfollow, follower=one, followee=other),
            "mute": partial(people.mute, muter=one, muted=other),
            "deliver": self.deliver_round,
            "read": partial(self.read_and_check, one, 3),
            "check": partial(self.deliver_and_check, one, 2),
        }
        for action in sequence:
            with ignore_refusals():
                calls[action]()

    def _post_tagged(self, author: User, tag: str) -> None:
        tweet = post_tweet(author=author, text=f"look #{tag}")
        self.remember(tweet)
        self.remember(post_tweet(author=author, text=f"again #{tag}", reply_to_id=tweet.pk))
        self.remember(marks.repost(user=author, tweet_id=tweet.pk))

    def _list(self, owner: User, member: User) -> None:
        found = PeopleList.objects.filter(owner=owner).first()
        if found is None:
            found = lists.create_list(owner=owner, name="some", exclusive=True)
        lists.add_member(owner=owner, list_id=found.pk, user=member)

    def _unlist(self, owner: User, member: User) -> None:
        for found in PeopleList.objects.filter(owner=owner):
            lists.remove_member(owner=owner, list_id=found.pk, handle=member.handle)

    def _switch_exclusive(self, owner: User) -> None:
        for found in PeopleList.objects.filter(owner=owner):
            lists.change_list(owner=owner, list_id=found.pk, exclusive=not found.exclusive)

    def _filter(self, owner: User, word: str) -> None:
        filters.create_filter(
            owner=owner,
            title=word,
            phrases=[Phrase(word, whole_word=True)],
            contexts=["home"],
            action="hide",
        )

    def _expire_filters(self, owner: User) -> None:
        past = timezone.now() - timedelta(days=1)
        Filter.objects.filter(owner=owner).update(expires_at=past)

    def _remove_filters(self, owner: User) -> None:
        for found in Filter.objects.filter(owner=owner):
            filters.delete_filter(owner=owner, filter_id=found.pk)

    def _hide_reposts(self, user: User, days: int) -> None:
        until = timezone.now() + timedelta(days=days)
        User.objects.filter(pk=user.pk).update(reposts_hidden_until=until)
