"""Do at once what workers would do after all other events of the town, which takes minutes.

They do it again: all of it may be done twice.
"""

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from media import processing, profiles
from media.models import Media, State
from notifications import services
from people.models import Follow
from search import hashtags, trending
from tweets.models import Like, Tweet

FIRST = 5  # tweets: processing a picture takes a quarter of a second


def notify(guest: User) -> None:
    """Write the notifications of the guest."""
    now = timezone.now()
    for follower_id in Follow.objects.filter(followee=guest).values_list("follower_id", flat=True):
        services.follow_changed(follower_id=follower_id, followee_id=guest.pk, now=now)
    likes = Like.objects.filter(tweet__author=guest)
    services.liked(likes=likes.values_list("tweet_id", "user_id"))
    reposts = Tweet.objects.filter(repost_of__author=guest).values_list("repost_of__pk", "author")
    services.reposted(reposts=[(tweet_id, user_id) for tweet_id, user_id in reposts if tweet_id])
    services.posted(tweet_ids=_about(guest))


def _about(guest: User) -> list[int]:
    """The ids of tweets that mention, answer or quote the guest, the oldest first."""
    about = Q(mention_rows__user=guest) | Q(reply_to_author=guest) | Q(quote_of__author=guest)
    return sorted(set(Tweet.objects.filter(about).values_list("pk", flat=True)))


def process_pictures(guest: User) -> None:
    """Process the pictures that the guest sees first."""
    newest = Tweet.objects.order_by("-pk").values_list("pk", "author")[:FIRST]
    tweets, authors = zip(*newest, strict=True)
    faces = Q(purpose__in=profiles.PICTURES, owner__in=[guest.pk, *authors])
    waiting = Media.objects.filter(faces | Q(tweet_id__in=tweets), state=State.PROCESSING)
    for id_ in waiting.values_list("pk", flat=True):
        processing.process(media_id=id_)


def find_trends() -> None:
    """Count which hashtags and tweets trend."""
    hashtags.refresh()
    trending.refresh()
