"""The town's talk: who says what, and who answers, reposts, quotes and likes it."""

import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from accounts.models import User
from demo.texts import TALK, Writer
from tweets import marks, posting
from tweets.models import Tweet
from tweets.places import NewPlace
from tweets.visibility import Visibility

RECENT = 60  # what people still react to
FIRST_TALK = 15  # said before anybody reacts
AGAIN = 0.4  # how often an author answers back
LEAN = 0.75  # how often people take to what the better known of two says
PLACES: dict[str, tuple[float, float]] = tomllib.loads(
    Path(__file__).with_name("places.toml").read_text(encoding="utf-8")
)
OUT = 0.8  # how often people say where they are, of those whose home is among PLACES
AROUND = 0.03  # degrees: how far from its middle they are
CROWD = 25  # the most people who join in at once


@dataclass(slots=True)
class Resident:
    """A person, with what they care for and whom they know."""

    user: User
    interests: tuple[str, str]
    sayings: tuple[str, ...] = ()
    follows: set[int] = field(default_factory=set)
    followers: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """A tweet that people may react to."""

    tweet: Tweet
    author: Resident
    interest: str


class Talk:
    """One thing happens after another. `people` come with the best known first, who say most."""

    def __init__(self, chance: random.Random, people: Sequence[Resident]) -> None:
        self.chance = chance
        # Of its own: where people are changes nothing of what they say.
        self.wandering = random.Random(len(people))  # noqa: S311
        self.people = people
        self.writer = Writer(chance)
        self.said: list[Said] = []
        self.questions = chance.sample(TALK["questions"], len(TALK["questions"]))
        self.stories = chance.sample(TALK["threads"], len(TALK["threads"]))
        self.weights = list(accumulate(1 / (place + 20) for place in range(len(people))))
        self.reactions: list[tuple[Callable[[], None], int]] = [
            *((self.answer, 24), (self.like, 30), (self.repost, 12), (self.quote, 4)),
        ]
        self.turns: list[tuple[Callable[[], None], int]] = [
            *((self.speak, 34), (self.mention, 5), (self.speak_quietly, 3), (self.greet, 5)),
            *((self.ask, 2), (self.tell, 2), *self.reactions),
        ]

    def happen(self) -> None:
        """The next thing."""
        if len(self.said) < FIRST_TALK:
            self.speak()
        else:
            self._one_of(self.turns)

    def react(self) -> None:
        """The next reaction: nobody says anything new."""
        self._one_of(self.reactions)

    def about(self, guest: User, *, hello: str) -> None:
        """Give the visitor something to find: a mention, a conversation and a welcome."""
        friend = self.people[0].user
        text = f"Everybody, meet @{guest.handle}, who is new here. Be nice. And bring biscuits."
        tweet = posting.post_tweet(author=friend, text=text)
        reply = _reply(guest, tweet, "Thank you! I brought the good ones. 🍪")
        _reply(friend, reply, "Then you may stay.")
        first = posting.post_tweet(author=guest, text=hello)
        for one in self.people[:5]:
            marks.like(user=one.user, tweet_id=first.pk)

    def speak(self) -> None:
        """Somebody says something about what they care for."""
        author = self._somebody()
        interest = self.chance.choice(author.interests)
        self._say(author, self.writer.tweet(interest), interest)

    def greet(self) -> None:
        """Somebody says something in their own language."""
        author = self._somebody()
        saying = self.writer.own(author.sayings)
        if saying is not None:
            self._say(author, saying, author.interests[0])

    def mention(self) -> None:
        """Somebody speaks of somebody else."""
        author, other = self._somebody(), self._somebody()
        if author is not other:
            self._say(author, self.writer.mentioning(other.user.handle), author.interests[0])

    def speak_quietly(self) -> None:
        """Somebody says something to fewer people, or with a warning in front."""
        author = self._somebody()
        text = self.writer.tweet(author.interests[0])
        if self.chance.random() < 0.3:
            warning = "Strong opinion"
            posting.post_tweet(author=author.user, text=text, sensitive=True, spoiler=warning)
        else:
            audience = self.chance.choice([Visibility.FOLLOWERS, Visibility.UNLISTED])
            posting.post_tweet(author=author.user, text=text, visibility=audience)

    def ask(self) -> None:
        """Somebody asks, several answer, and the asker answers some of them."""
        author = self._somebody()
        if not self.questions or author.user.private:
            return
        question = self.questions.pop()
        tweet = self._say(author, question["ask"], author.interests[0])
        for text in question["answers"]:
            answer = _reply(self._other_than(author), tweet, text)
            self._maybe_again(author.user, answer)

    def tell(self) -> None:
        """Somebody tells a story in several tweets."""
        author = self._somebody()
        if not self.stories:
            return
        first, *rest = self.stories.pop()
        tweet = self._say(author, first, author.interests[0])
        for part in rest:
            tweet = _reply(author.user, tweet, part)

    def answer(self) -> None:
        """Somebody answers something recent; often its author answers back."""
        said = self._recent()
        text = self.writer.answer(said.interest)
        self._maybe_again(said.author.user, _reply(self._other_than(said.author), said.tweet, text))

    def like(self) -> None:
        """A few people, now and then a crowd, like something recent."""
        said = self._recent()
        for one in self._crowd():
            marks.like(user=one.user, tweet_id=said.tweet.pk)

    def repost(self) -> None:
        """Somebody reposts something recent."""
        said = self._recent()
        marks.repost(user=self._other_than(said.author), tweet_id=said.tweet.pk)

    def quote(self) -> None:
        """Somebody quotes something recent."""
        said = self._recent()
        author, text = self._other_than(said.author), self.writer.quote()
        posting.post_tweet(author=author, text=text, quote_of_id=said.tweet.pk)

    def _one_of(self, turns: list[tuple[Callable[[], None], int]]) -> None:
        ways, weights = zip(*turns, strict=True)
        self.chance.choices(ways, weights)[0]()

    def _say(self, author: Resident, text: str, interest: str) -> Tweet:
        """Say something; what private people say is not for everybody to react to."""
        where = self._where(author.user.place)
        tweet = posting.post_tweet(author=author.user, text=text, location=where)
        if not author.user.private:
            self.said.append(Said(tweet, author, interest))
        return tweet

    def _where(self, home: str) -> NewPlace | None:
        """Somewhere about somebody's home, if they say where they are."""
        if home not in PLACES or self.wandering.random() >= OUT:
            return None
        lat, lon = (self.wandering.gauss(degrees, AROUND) for degrees in PLACES[home])
        return NewPlace(lat, lon, name=home)

    def _maybe_again(self, author: User, answer: Tweet) -> None:
        if self.chance.random() < AGAIN:
            _reply(author, answer, self.writer.again())

    def _recent(self) -> Said:
        """Something said lately, rather by somebody well known."""
        some = [self.chance.choice(self.said[-RECENT:]) for _ in range(2)]
        some.sort(key=lambda said: said.author.followers, reverse=True)
        return some[0 if self.chance.random() < LEAN else 1]

    def _somebody(self) -> Resident:
        return self.chance.choices(self.people, cum_weights=self.weights)[0]

    def _other_than(self, author: Resident) -> User:
        while True:
            one = self.chance.choice(self.people)
            if one is not author and not one.user.private:
                return one.user

    def _crowd(self) -> Sequence[Resident]:
        """One or two as a rule, rarely many: a Pareto number of people."""
        count = min(int(self.chance.paretovariate(0.8)), CROWD, len(self.people))
        return self.chance.sample(self.people, count)


def _reply(author: User, to: Tweet, text: str) -> Tweet:
    return posting.post_tweet(author=author, text=text, reply_to_id=to.pk)
