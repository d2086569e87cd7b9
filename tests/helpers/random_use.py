"""Random use of Chirp through its services by a number of accounts, for tests of timelines.

The generator is seeded, so that a failed run can be repeated. Actions that the services refuse (a
reply to an author who blocks the account, a follow of oneself) are counted and not avoided.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts import services
from accounts.models import User
from chirp.errors import ChirpError
from people import services as people
from people.models import Follow
from people.profile import update_profile
from timelines import celebrities, store
from tweets import marks, moderation
from tweets.deleting import delete_tweet
from tweets.models import Tweet
from tweets.posting import post_tweet

PASSWORD = "correct horse battery staple"
M = TypeVar("M", bound=Model)
RECENT = 400  # the latest tweets, which actions refer to
WRITING = {"post": 50, "reply": 20, "reply_to_self": 4, "repost": 16, "quote": 6, "like": 4}
CHANGING = {
    "follow": 22,
    "unfollow": 22,
    "block": 5,
    "unblock": 4,
    "mute": 8,
    "unmute": 6,
    "delete": 10,
    "undo_repost": 5,
    "hide_reposts": 3,
    "deactivate": 3,
    "reactivate": 3,
    "suspend": 1,
    "unsuspend": 1,
    "go_private": 2,
    "go_public": 2,
    "hide": 2,
    "unhide": 2,
    "make_celebrity": 2,
    "unmake_celebrity": 2,
    "evict": 6,
    **{kind: weight // 3 for kind, weight in WRITING.items()},
}


class Town:
    """Accounts that act at random, all with the password above, and their latest tweets."""

    def __init__(self, people: list[User], *, seed: int) -> None:
        self.people = [person.pk for person in people]
        self.random = random.Random(seed)
        self.tweets: list[int] = list(
            Tweet.objects.order_by("-pk").values_list("pk", flat=True)[:RECENT]
        )[::-1]
        self.done: Counter[str] = Counter()

    def live(self, steps: int, weights: dict[str, int] = CHANGING) -> None:
        """Perform `steps` actions, whose kinds are chosen at random by weight."""
        kinds, chances = list(weights), list(weights.values())
        for kind in self.random.choices(kinds, chances, k=steps):
            self.do(kind)

    def do(self, kind: str) -> None:
        """Perform one action, and count it or its refusal in `done`."""
        action: Callable[[], None] = getattr(self, f"_{kind}")
        try:
            action()
            self.done[kind] += 1
        except ChirpError as refusal:
            self.done[f"refused: {type(refusal).__name__}"] += 1

    def _any_user(self) -> User:
        person: User = User.objects.get(pk=self.random.choice(self.people))
        return person

    def _active(self) -> User:
        active = self._one(User.objects.filter(pk__in=self.people).active())
        return active or self._any_user()  # which the services then refuse

    def _one(self, rows: QuerySet[M]) -> M | None:
        """A random row, chosen by the seeded generator and not by the database."""
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.get(pk=self.random.choice(keys)) if keys else None

    def _pair(self) -> tuple[User, User]:
        return self._active(), self._active()

    def _tweet(self) -> Tweet:
        if not self.tweets:
            self._post()
        # Newer tweets are chosen more often.
        index = int(len(self.tweets) * self.random.random() ** 0.5)
        return Tweet.objects.get(pk=self.tweets[index])

    def _remember(self, tweet: Tweet) -> None:
        self.tweets.append(tweet.pk)
        del self.tweets[:-RECENT]

    def _text(self) -> str:
        other = self._any_user().handle if self.random.random() < 0.2 else ""
        return f"number {self.random.randrange(10**9)} #town" + (f" @{other}" if other else "")

    def _post(self) -> None:
        visibility = self.random.choices(
            ["public", "unlisted", "followers", "direct"], [85, 3, 9, 3]
        )[0]
        self._remember(post_tweet(author=self._active(), text=self._text(), visibility=visibility))

    def _reply(self) -> None:
        target = self._tweet()
        self._remember(post_tweet(author=self._active(), text=self._text(), reply_to_id=target.pk))

    def _reply_to_self(self) -> None:
        target = self._tweet()
        author = User.objects.get(pk=target.author_id)
        if author.is_active:
            self._remember(post_tweet(author=author, text=self._text(), reply_to_id=target.pk))

    def _quote(self) -> None:
        quoted = self._tweet()
        self._remember(post_tweet(author=self._active(), text=self._text(), quote_of_id=quoted.pk))

    def _repost(self) -> None:
        self._remember(marks.repost(user=self._active(), tweet_id=self._tweet().pk))

    def _undo_repost(self) -> None:
        reposts = Tweet.objects.filter(pk__in=self.tweets, repost_of__isnull=False, deleted_at=None)
        if one := self._one(reposts):
            marks.undo_repost(user=User.objects.get(pk=one.author_id), tweet_id=one.pk)

    def _like(self) -> None:
        marks.like(user=self._active(), tweet_id=self._tweet().pk)

    def _delete(self) -> None:
        tweet = self._tweet()
        delete_tweet(author=User.objects.get(pk=tweet.author_id), tweet_id=tweet.pk)

    def _hide(self) -> None:
        moderation.hide_tweet(tweet_id=self._tweet().pk, by=self._any_user())

    def _unhide(self) -> None:
        for tweet in Tweet.objects.filter(hidden_at__isnull=False)[:1]:
            moderation.unhide_tweet(tweet_id=tweet.pk, by=self._any_user())

    def _follow(self) -> None:
        one, other = self._pair()
        people.follow(follower=one, followee=other)
        if other.private and self.random.random() < 0.7:
            people.accept_request(followee=other, follower=one)

    def _random_follow(self) -> Follow | None:
        of_one_account = Follow.objects.filter(follower_id=self.random.choice(self.people))
        return self._one(of_one_account) or self._one(Follow.objects.all())

    def _unfollow(self) -> None:
        if follow := self._random_follow():
            people.unfollow(follower=follow.follower, followee=follow.followee)

    def _hide_reposts(self) -> None:
        if follow := self._random_follow():
            people.follow(
                follower=follow.follower, followee=follow.followee, reposts=not follow.reposts
            )

    def _block(self) -> None:
        one, other = self._pair()
        people.block(blocker=one, blocked=other)

    def _unblock(self) -> None:
        for person in User.objects.filter(blocks_out__isnull=False)[:1]:
            people.unblock(blocker=person, blocked=person.blocks_out.all()[0].blocked)

    def _mute(self) -> None:
        one, other = self._pair()
        people.mute(muter=one, muted=other)

    def _unmute(self) -> None:
        for person in User.objects.filter(mutes_out__isnull=False)[:1]:
            people.unmute(muter=person, muted=person.mutes_out.all()[0].muted)

    def _deactivate(self) -> None:
        services.deactivate(user=self._active(), password=PASSWORD, now=timezone.now())

    def _reactivate(self) -> None:
        if person := self._one(User.objects.filter(deactivated_at__isnull=False)):
            services.reactivate(user=person)

    def _suspend(self) -> None:
        services.suspend(user=self._active(), by=self._active(), now=timezone.now())

    def _unsuspend(self) -> None:
        if person := self._one(User.objects.filter(suspended_at__isnull=False)):
            services.unsuspend(user=person, by=self._active())

    def _go_private(self) -> None:
        update_profile(user=self._active(), changes={"private": True})

    def _go_public(self) -> None:
        if person := self._one(User.objects.filter(private=True)):
            update_profile(user=person, changes={"private": False})

    def _make_celebrity(self) -> None:
        decision = self.random.choice(["pull", None])
        celebrities.set_override(author=self._any_user(), decision=decision)

    def _unmake_celebrity(self) -> None:
        decision = self.random.choice(["push", None])
        celebrities.set_override(author=self._any_user(), decision=decision)

    def _evict(self) -> None:
        store.drop([store.home(self._any_user().pk), store.author(self._any_user().pk)])
