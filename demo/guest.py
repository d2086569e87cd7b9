"""What the guest account finds: talk about and with it, and something in each of its collections.

All of it goes through the functions that users call. The workers make notifications of it.
"""

from collections import Counter
from datetime import timedelta
from itertools import islice

from django.utils import timezone

from accounts.models import User
from demo.talk import Post, Resident, Talk
from demo.texts import TOPICS
from filters import services as filters
from filters.matching import Phrase
from filters.models import Context
from lists import services as lists
from lists.featured_hashtags import feature_hashtag
from lists.hashtags import follow_hashtag
from moderation.models import Category
from moderation.reporting import report
from people import services as people
from people.featured import feature
from tweets import bookmarks, editing, pins
from tweets.later.drafts import create_draft
from tweets.later.scheduling import schedule
from tweets.models import Tweet
from tweets.polls.models import Poll
from tweets.polls.rules import NewPoll
from tweets.visibility import Visibility

HELLO = (
    "Hello! This is the demo account. Sign in as me, look around, and say something. 👋 #welcome"
)
HIDDEN = "Between us: the biscuits are behind the encyclopaedia."
WRONG = "House rules: stories off, shoes on."
MENDED = "House rules: shoes off, stories on. (I had that the wrong way round.)"
BOOKMARKS = 6
LIKES = 8
FANS = 9  # people who like what the guest says


class Welcome:
    """Welcomes the guest at the end of the talk. Needs a transaction: it is not repeatable."""

    def __init__(self, talk: Talk, guest: User) -> None:
        self.talk = talk
        self.guest = guest
        self.friends = [one.user for one in talk.people[:5]]

    def perform(self) -> None:
        """Do everything. The guest's first tweet is the sign that it was done."""
        self._meet()
        self._introduce()
        self._write_directly()
        self._mark()
        self._collect()
        self._filter()
        self._write_for_later()
        self._vote()
        self._report()
        for one in self.talk.people[1:3]:
            self.talk.picture_by(one)

    def _meet(self) -> None:
        friend = self.friends[0]
        text = (
            f"Everybody, meet @{self.guest.handle}, who is new here. Be nice. And bring biscuits."
        )
        tweet = self.talk.publish(friend, text)
        answer = self.talk.reply(self.guest, tweet, "Thank you! I brought the good ones. 🍪")
        self.talk.reply(friend, answer, "Then you may stay.")
        pins.pin(user=friend, tweet_id=tweet.pk)

    def _introduce(self) -> None:
        """Let the guest say hello, and others react in every way."""
        hello = self.talk.publish(self.guest, HELLO)
        pins.pin(user=self.guest, tweet_id=hello.pk)
        for fan in self.talk.people[:FANS]:
            self.talk.like_by(fan.user, hello)
        for friend in self.friends[1:4]:
            self.talk.repost_by(friend, hello)
        quoting, asking = self.friends[2], self.friends[4]
        text = "A newcomer with manners. We have not had one since the bell fell."
        self.talk.publish(quoting, text, quote_of_id=hello.pk)
        self.talk.reply(asking, hello, "Welcome! Tea or coffee? Choose wisely.")

    def _write_directly(self) -> None:
        """Start two conversations, one of which the guest has not read yet."""
        friend, other = self.friends[:2]
        text = "Are you coming to the street party? I can save you a chair."
        first = self._direct(other, text)
        text = "With pleasure. Shall I bring a cake?"
        answer = self._direct(self.guest, text, to=first, of=other)
        self._direct(other, "Bring two. Word has got around.", to=answer)
        self._direct(friend, HIDDEN)

    def _direct(
        self, author: User, text: str, *, to: Tweet | None = None, of: User | None = None
    ) -> Tweet:
        """Post a direct tweet to `of`, who is usually the guest."""
        text = f"@{(of or self.guest).handle} {text}"
        reply_to_id = to.pk if to else None
        return self.talk.publish(
            author, text, visibility=Visibility.DIRECT, reply_to_id=reply_to_id
        )

    def _mark(self) -> None:
        """Let the guest like, repost and bookmark. A reposted tweet is edited afterwards."""
        author = self.friends[1]
        tweet = self.talk.publish(author, WRONG)
        self.talk.repost_by(self.guest, tweet)
        editing.edit_tweet(author=author, tweet_id=tweet.pk, text=MENDED)
        latest = [post.tweet for post in reversed(self.talk.posts)]
        for liked in latest[:LIKES]:
            self.talk.like_by(self.guest, liked)
        for kept in reversed(latest[1 : 2 * BOOKMARKS : 2]):
            bookmarks.add(user=self.guest, tweet_id=kept.pk)

    def _collect(self) -> None:
        """Give the guest lists, followed hashtags, recommendations, a bell and a mute."""
        known = lists.create_list(owner=self.guest, name="Well known", private=False)
        baking = lists.create_list(owner=self.guest, name="Tea and baking")
        for one in self.talk.people[:8]:
            lists.add_member(owner=self.guest, list_id=known.pk, user=one.user)
        for one in islice(self._interested("tea", "baking"), 12):
            lists.add_member(owner=self.guest, list_id=baking.pk, user=one.user)
        ((interest, _),) = Counter(post.interest for post in self.talk.posts).most_common(1)
        for tag in (*TOPICS[interest]["tags"], "welcome"):
            follow_hashtag(user=self.guest, tag=tag)
        feature_hashtag(user=self.guest, tag="welcome")
        for friend in self.friends[:3]:
            feature(user=self.guest, person=friend)
        people.follow(follower=self.guest, followee=self._quiet_author(), notify=True)
        people.mute(muter=self.guest, muted=self.talk.people[-1].user)

    def _interested(self, *interests: str) -> list[Resident]:
        return [one for one in self.talk.people if {*interests} & {*one.interests}]

    def _quiet_author(self) -> User:
        """The author with the fewest posts: each of them notifies the guest."""
        posts = Counter(post.author.user.pk for post in self.talk.posts)
        return min(self.talk.posts, key=lambda post: posts[post.author.user.pk]).author.user

    def _filter(self) -> None:
        filters.create_filter(
            owner=self.guest,
            title="Complaints",
            phrases=[Phrase("never again", True), Phrase("#overheard", True)],
            contexts=[Context.HOME, Context.PUBLIC],
        )

    def _write_for_later(self) -> None:
        """Leave two drafts, one of which is a thread, and a scheduled tweet."""
        poll = NewPoll(["One", "Two", "The tin"], 86_400)
        create_draft(user=self.guest, tweets=[{"text": "How many biscuits is", "poll": poll}])
        thread = ["What I have learned here so far:", "1. Bring biscuits.", "2. "]
        create_draft(user=self.guest, tweets=[{"text": text} for text in thread])
        text = "Three days in, and I have run out of biscuits. #welcome"
        due = timezone.now() + timedelta(days=3)
        schedule(user=self.guest, tweets=[{"text": text}], due_at=due)

    def _vote(self) -> None:
        """Let the guest have voted in a poll that is over, and others vote in one of the guest's.

        In another one the guest may vote.
        """
        over = self._poll_that_is_over()
        if over:
            self.talk.vote_by(self.guest, over.tweet, 0, at=over.ends_at - timedelta(minutes=1))
        self.talk.poll_by(self.talk.people[0])
        poll = NewPoll(["Oat", "Ginger", "Anything with chocolate"], 2 * 86_400)
        text = "Serious question: which biscuits do I bring next?"
        tweet = self.talk.publish(self.guest, text, poll=poll)
        for number, one in enumerate(self.talk.people[:FANS]):
            self.talk.vote_by(one.user, tweet, number * 2 % 5 % 3)

    def _poll_that_is_over(self) -> Poll | None:
        """The latest, if there is one: the guest is notified of its end."""
        polls = Poll.objects.filter(tweet__in=self.talk.polls_posted, ended_at=None)
        over = polls.filter(ends_at__lt=self.talk.clock.now)
        return over.select_related("tweet").order_by("ends_at").last()

    def _report(self) -> None:
        """Give the moderators something to decide."""
        post = self._strangest()
        comment = "I laughed so hard that I spilled my tea. Somebody has to answer for that."
        report(
            reporter=self.friends[3],
            category=Category.OTHER,
            tweet_ids=[post.tweet.pk],
            comment=comment,
        )

    def _strangest(self) -> Post:
        """The latest post that the reporter did not write."""
        return next(p for p in reversed(self.talk.posts) if p.author.user != self.friends[3])
