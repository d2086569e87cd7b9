"""The invariants of timelines in Redis, and of single tasks."""

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from chirp.redis.client import RedisAway, client
from lists.models import ListMember
from people.models import Follow, Mute
from timelines import store
from timelines.models import PulledAuthor
from tweets.models import Mention, Tweet
from tweets.visibility import Visibility

HomeIds = dict[int, set[int]]


def home_ids(user_ids: list[int]) -> HomeIds:
    """Return the ids in every warm home timeline, by viewer; nothing if Redis is not available."""
    try:
        warm = store.warm([store.home(pk) for pk in user_ids])
        return {source.owner: set(store.peek(source)[1]) for source in warm}
    except RedisAway:
        return {}


def check_task(before: HomeIds, after: HomeIds) -> None:
    """A task adds only tweets that are not deleted, by followees or mentioning the viewer."""
    for viewer_id, ids in after.items():
        added = ids - before.get(viewer_id, ids)
        if added:
            allowed = _ids(_may_be_added(viewer_id).filter(pk__in=added))
            assert added <= allowed, "a task added too much"


def check_viewer(viewer: User) -> None:
    """A timeline that was just read is warm, trimmed, and complete above its floor.

    So are the sets of pulled authors, unless no read needs them: the viewer mutes the author or has
    them in an exclusive list, or the author is gone.
    """
    pulled = PulledAuthor.objects.values("author")
    followed = _followed(viewer.pk)
    mentioned = Mention.objects.filter(tweet=OuterRef("pk"), user=viewer)
    for_viewer = ~Q(visibility=Visibility.DIRECT) | Q(Exists(mentioned))
    pushed = Tweet.objects.filter(for_viewer, author__in=followed, deleted_at=None)
    _check(store.home(viewer.pk), pushed.exclude(author__in=pulled), warm=True)
    muted = Mute.objects.filter(muter=viewer).values("muted")
    exclusive = ListMember.objects.filter(list__owner=viewer, list__exclusive=True).values("user")
    needed = User.objects.active().exclude(pk__in=muted).exclude(pk__in=exclusive).values("pk")
    for author_id in pulled.filter(author__in=followed).values_list("author", flat=True):
        check_author(author_id, warm=needed.filter(pk=author_id).exists())


def check_author(author_id: int, *, warm: bool = False) -> None:
    """The set of an author, which readers may pull now or later, is complete above its floor."""
    tweets = Tweet.objects.filter(author=author_id, deleted_at=None)
    _check(store.author(author_id), tweets, warm=warm)


def check_length(viewer: User) -> None:
    """A timeline is as long as possible if no id was removed since it was built."""
    floor, ids = store.peek(store.home(viewer.pk))
    assert floor is not None
    assert len(ids) == settings.HOME_MAX_LENGTH or floor == 0, "trimmed too much"


def _check(source: store.Source, wanted: QuerySet[Tweet], *, warm: bool) -> None:
    floor, ids = store.peek(source)
    if floor is None:
        building = client().exists(source.build)
        assert building or not warm, f"{source.key} stays cold, and is not being built"
        return
    assert len(ids) <= settings.HOME_MAX_LENGTH, f"{source.key} is too long"
    assert all(id_ > floor for id_ in ids), f"{source.key} has ids below its floor"
    missing = _ids(wanted.filter(pk__gt=floor)) - set(ids)
    assert not missing, f"{source.key} has a gap above its floor"


def _may_be_added(viewer_id: int) -> QuerySet[Tweet]:
    # This includes tweets of accounts with a pending follow request: reads leave them out.
    follows = Follow.objects.filter(follower=viewer_id, followee=OuterRef("author"))
    mentioned = Mention.objects.filter(tweet=OuterRef("pk"), user=viewer_id)
    return Tweet.objects.filter(Q(Exists(follows)) | Q(Exists(mentioned)), deleted_at=None)


def _followed(viewer_id: int) -> QuerySet[Follow, int]:
    edges = Follow.objects.filter(follower=viewer_id, since_id__isnull=False)
    return edges.values_list("followee", flat=True)


def _ids(rows: QuerySet[Tweet]) -> set[int]:
    return set(rows.values_list("pk", flat=True))
