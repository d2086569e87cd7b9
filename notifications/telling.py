"""What a notification says outside of the site: in e-mails, and on devices."""

from django.utils.text import Truncator

from chirp.texts import shown
from notifications.kinds import Kind
from notifications.selectors import Item
from notifications.wording import names, sentence
from tweets.read.facts import Facts


def what(item: Item) -> str:
    """Return who did what, in the active language: "Ann and 2 others liked your tweet"."""
    who = shown(names(item.actors[0].display_name, others=item.count - 1)) if item.actors else ""
    return shown(sentence(Kind(item.kind), who=who, count=item.count if item.actors else 0))


def path(item: Item) -> str:
    """Return the path of the page that a notification leads to."""
    return f"/@{item.tweet.handle}/{item.tweet.id}" if item.tweet else "/notifications"


def words(tweet: Facts, *, length: int) -> str:
    """Return the beginning of a tweet, or its warning in place of it."""
    return tweet.spoiler or Truncator(tweet.text).chars(length)
