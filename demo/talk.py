"""The activity of the town: its people post, reply, repost, quote and like."""

import random
import tomllib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from accounts.models import User
from demo.clock import Clock
from demo.pictures import Gallery, Upload
from demo.texts import TALK, Writer
from tweets import editing, marks, posting
from tweets.models import Tweet
from tweets.places import NewPlace
from tweets.polls import voting
from tweets.polls.rules import NewPoll
from tweets.text import normalize
from tweets.visibility import Visibility

RECENT = 60  # posts that people still react to
FIRST_POSTS = 15  # posts before the first reaction
ANSWER_BACK = 0.4  # probability that an author answers a reply
LEAN = 0.75  # probability that people react to the better known of two authors
PLACES: dict[str, tuple[float, float]] = tomllib.loads(
    Path(__file__).with_name("places.toml").read_text(encoding="utf-8")
)
LOCATED = 0.8  # probability that a post has a location, if its author's home is in PLACES
SPREAD = 0.03  # standard deviation of locations from the centre of the place, in degrees
POLL_SECONDS = (86_400, 3 * 86_400, 7 * 86_400)
PICTURED = 0.05  # probability that somebody posts pictures after an action
HIDDEN = 0.08  # probability that pictures are marked as sensitive
VOTERS = 12  # people who vote in a poll
CROWD = 25  # the largest number of people who like a post at once


@dataclass(slots=True)
class Resident:
    """A person of the town, with interests and follows. `follows` has ids of users."""

    user: User
    interests: tuple[str, str]
    sayings: tuple[str, ...] = ()
    follows: set[int] = field(default_factory=set)
    followers: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    """A tweet that people may react to, with its author and its topic."""

    tweet: Tweet
    author: Resident
    interest: str


class Talk:
    """Performs one action after another. `people` are ordered by followers: the first post most.

    `posted` are the tweets of an interrupted run with the same seed, oldest first. They are not
    posted again.
    """

    def __init__(
        self,
        rng: random.Random,
        people: Sequence[Resident],
        clock: Clock,
        posted: Iterable[Tweet] = (),
    ) -> None:
        self.rng = rng
        self.clock = clock
        self.posted = deque(posted)
        # A generator of its own, so that locations do not change what people post.
        self.location_rng = random.Random(len(people))  # noqa: S311
        self.gallery = Gallery(random.Random(people[0].user.handle))  # noqa: S311
        self.people = people
        self.writer = Writer(rng)
        self.posts: list[Post] = []
        self.polls_posted: list[Tweet] = []
        self.questions = rng.sample(TALK["questions"], len(TALK["questions"]))
        self.polls = rng.sample(TALK["polls"], len(TALK["polls"]))
        self.stories = rng.sample(TALK["threads"], len(TALK["threads"]))
        self.weights = list(accumulate(1 / (place + 20) for place in range(len(people))))
        self.reactions: list[tuple[Callable[[], None], int]] = [
            *((self.answer, 24), (self.like, 30), (self.repost, 12), (self.quote, 4)),
        ]
        self.turns: list[tuple[Callable[[], None], int]] = [
            *(
                (self.speak, 34),
                (self.mention, 5),
                (self.speak_quietly, 3),
                (self.speak_own_language, 5),
            ),
            *((self.ask_question, 2), (self.tell_story, 2), (self.start_poll, 2)),
            *self.reactions,
        ]

    def act(self) -> None:
        """Perform the next action."""
        if len(self.posts) < FIRST_POSTS:
            self.speak()
        else:
            self._choose(self.turns)
        if self.gallery.rng.random() < PICTURED:
            self.show_picture()

    def react(self) -> None:
        """Perform the next reaction, an action that starts no new topic."""
        self._choose(self.reactions)

    def speak(self) -> None:
        """Let an author post about an interest."""
        author = self._random_author()
        interest = self.rng.choice(author.interests)
        self._post(author, self.writer.tweet(interest), interest)

    def speak_own_language(self) -> None:
        """Let an author post in their own language."""
        author = self._random_author()
        saying = self.writer.own_language(author.sayings)
        if saying is not None:
            self._post(author, saying, author.interests[0])

    def mention(self) -> None:
        """Let an author mention another person."""
        author, other = self._random_author(), self._random_author()
        if author is not other:
            self._post(author, self.writer.mentioning(other.user.handle), author.interests[0])

    def speak_quietly(self) -> None:
        """Let an author post to a smaller audience, or with a content warning."""
        author = self._random_author()
        text = self.writer.tweet(author.interests[0])
        if self.rng.random() < 0.3:
            warning = "Strong opinion"
            self.publish(author.user, text, sensitive=True, spoiler=warning)
        else:
            audience = self.rng.choice([Visibility.FOLLOWERS, Visibility.UNLISTED])
            self.publish(author.user, text, visibility=audience)

    def show_picture(self) -> None:
        """Let an author post drawings."""
        self.picture_by(self.gallery.rng.choices(self.people, cum_weights=self.weights)[0])

    def picture_by(self, author: Resident) -> None:
        """Let this author post drawings."""
        rng = self.gallery.rng
        interest = rng.choice(author.interests)
        show, sensitive = self.gallery.next(interest), rng.random() < HIDDEN
        tweet = self.publish(author.user, show.text, upload=show.upload, sensitive=sensitive)
        if not author.user.private:
            self.posts.append(Post(tweet, author, interest))

    def edit_some(self) -> None:
        """Let the authors of some recent posts edit them. Needs a transaction with the end."""
        texts = TALK["edits"]
        for post, text in zip(self.posts[-1 : -4 * len(texts) : -4], texts, strict=False):
            changed = f"{post.tweet.text}\n\n{text}"
            editing.edit_tweet(author=post.author.user, tweet_id=post.tweet.pk, text=changed)

    def ask_question(self) -> None:
        """Let an author ask a question. Several people reply, and the author answers some."""
        author = self._random_author()
        if not self.questions or author.user.private:
            return
        question = self.questions.pop()
        tweet = self._post(author, question["ask"], author.interests[0])
        for text in question["answers"]:
            answer = self.reply(self._random_other(author), tweet, text)
            self._maybe_answer_back(author.user, answer)

    def start_poll(self) -> None:
        """Let an author start a poll. Some people vote at once."""
        author = self._random_author()
        if len(self.polls) > 1 and not author.user.private:  # the last one is for the guest
            self.poll_by(author)

    def poll_by(self, author: Resident) -> Tweet:
        """Let this author start the next poll. Some people vote at once."""
        question = self.polls.pop()
        poll = NewPoll(question["choices"], self.rng.choice(POLL_SECONDS))
        tweet = self.publish(author.user, question["ask"], poll=poll)
        self.posts.append(Post(tweet, author, author.interests[0]))
        for one in self.rng.sample(self.people, min(VOTERS, len(self.people))):
            if one is not author:
                choice = self.rng.randrange(len(question["choices"]))
                # An interrupted run has done so.
                with suppress(voting.AlreadyVoted, voting.PollIsOver):
                    self.vote_by(one.user, tweet, choice)
        self.polls_posted.append(tweet)
        return tweet

    def vote_by(self, user: User, poll: Tweet, choice: int, *, at: datetime | None = None) -> None:
        """Let a user vote, now or at another moment of the town."""
        at = at or self.clock.now
        voting.vote(user=user, poll_id=poll.pk, choices=[choice], at=at)

    def tell_story(self) -> None:
        """Let an author tell a story in a thread."""
        author = self._random_author()
        if not self.stories:
            return
        first, *rest = self.stories.pop()
        tweet = self._post(author, first, author.interests[0])
        for part in rest:
            tweet = self.reply(author.user, tweet, part)

    def answer(self) -> None:
        """Let a person reply to a recent post. Its author often answers."""
        post = self._recent_post()
        text = self.writer.answer(post.interest)
        self._maybe_answer_back(
            post.author.user, self.reply(self._random_other(post.author), post.tweet, text)
        )

    def like(self) -> None:
        """Let a few people, or rarely many, like a recent post."""
        post = self._recent_post()
        for one in self._crowd():
            self.like_by(one.user, post.tweet)

    def repost(self) -> None:
        """Let a person repost a recent post."""
        post = self._recent_post()
        self.repost_by(self._random_other(post.author), post.tweet)

    def quote(self) -> None:
        """Let a person quote a recent post."""
        post = self._recent_post()
        author, text = self._random_other(post.author), self.writer.quote()
        self.publish(author, text, quote_of_id=post.tweet.pk)

    def _choose(self, turns: list[tuple[Callable[[], None], int]]) -> None:
        ways, weights = zip(*turns, strict=True)
        self.rng.choices(ways, weights)[0]()

    def _post(self, author: Resident, text: str, interest: str) -> Tweet:
        """Post a tweet. People may react to it unless its author is private."""
        where = self._location(author.user.place)
        tweet = self.publish(author.user, text, location=where)
        if not author.user.private:
            self.posts.append(Post(tweet, author, interest))
        return tweet

    def _location(self, home: str) -> NewPlace | None:
        """A random location near an author's home, or None."""
        if home not in PLACES or self.location_rng.random() >= LOCATED:
            return None
        lat, lon = (self.location_rng.gauss(degrees, SPREAD) for degrees in PLACES[home])
        return NewPlace(lat, lon, name=home)

    def _maybe_answer_back(self, author: User, answer: Tweet) -> None:
        if self.rng.random() < ANSWER_BACK:
            self.reply(author, answer, self.writer.answer_back())

    def _recent_post(self) -> Post:
        """A random recent post, rather one by a well known author."""
        pair = [self.rng.choice(self.posts[-RECENT:]) for _ in range(2)]
        pair.sort(key=lambda post: post.author.followers, reverse=True)
        return pair[0 if self.rng.random() < LEAN else 1]

    def _random_author(self) -> Resident:
        return self.rng.choices(self.people, cum_weights=self.weights)[0]

    def _random_other(self, author: Resident) -> User:
        while True:
            one = self.rng.choice(self.people)
            if one is not author and not one.user.private:
                return one.user

    def _crowd(self) -> Sequence[Resident]:
        """Usually one or two people, rarely many: their number has a Pareto distribution."""
        count = min(int(self.rng.paretovariate(0.8)), CROWD, len(self.people))
        return self.rng.sample(self.people, count)

    def reply(self, author: User, to: Tweet, text: str) -> Tweet:
        """Reply to a tweet."""
        return self.publish(author, text, reply_to_id=to.pk)

    def publish(
        self, author: User, text: str, *, upload: Upload | None = None, **more: Any
    ) -> Tweet:
        """Post a tweet, or return the one that an interrupted run has posted.

        `upload` uploads its media, and returns their ids.
        """
        at = self.clock.tick()
        if self.posted:
            next_one = self.posted.popleft()
            if (next_one.author_id, next_one.text) == (author.pk, normalize(text)):
                return next_one
            self.posted.clear()  # of another seed, or of another number of people
        media_ids = upload(author) if upload else ()
        return posting.post_tweet(author=author, text=text, media_ids=media_ids, at=at, **more)

    def like_by(self, user: User, tweet: Tweet) -> None:
        """Let a user like a tweet."""
        marks.like(user=user, tweet_id=tweet.pk, at=self.clock.now)

    def repost_by(self, user: User, tweet: Tweet) -> None:
        """Let a user repost a tweet."""
        marks.repost(user=user, tweet_id=tweet.pk, at=self.clock.tick())
