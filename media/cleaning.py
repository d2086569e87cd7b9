"""Remove what nobody will see again: uploads without a tweet, old avatars, media of deleted tweets.

A row is removed after its files, in one transaction that holds its lock: whatever is interrupted is
done again the next time, and an upload that is being posted is left alone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from media import storage
from media.models import Media, Purpose, State
from media.previews.models import Preview

UNUSED_FOR = timedelta(hours=24)
BATCH = 1_000  # uploads that one run removes


class Busy(Exception):
    """Another worker is at these files."""


def clean(*, now: datetime) -> int:
    """Remove uploads that are of no use for a day, and originals that should be gone. Idempotent.

    These are uploads without a tweet, avatars, headers and pictures of link previews that were
    replaced, and what belonged to accounts that do not exist any more. Returns the number of
    uploads that were removed.
    """
    _remove_originals()
    unused = Media.objects.filter(_unused(now)).order_by("pk")
    return sum(_remove(row_id, _unused(now)) for row_id in _ids(unused))


def remove_upload(*, owner: User, media_id: int) -> bool:
    """Remove an upload of the owner that no tweet and no draft has. Return whether there was one.

    One that is being processed or posted at this moment stays.
    """
    mine = Q(owner=owner, purpose=Purpose.TWEET, tweet_id=None, needed=False)
    return _remove(media_id, mine)


def _unused(now: datetime) -> Q:
    mine = User.objects.filter(pk=OuterRef("owner"))
    in_use = Exists(mine.filter(avatar=OuterRef("key"))) | Exists(
        mine.filter(header=OuterRef("key"))
    )
    old = Q(tweet_id=None, needed=False, created_at__lt=now - UNUSED_FOR)
    card = Q(purpose=Purpose.CARD)  # which nobody owns
    no_preview = Q(~Exists(Preview.objects.filter(image=OuterRef("pk"))))
    unused = old & ~card & (Q(purpose=Purpose.TWEET) | ~in_use)
    return (Q(owner=None) & ~card) | unused | (old & card & no_preview)


def _ids(rows: QuerySet[Media]) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _remove(media_id: int, condition: Q) -> bool:
    """Remove an upload, if the condition still holds and nobody else works on it."""
    with transaction.atomic():
        rows = Media.objects.filter(condition, pk=media_id)
        row = rows.select_for_update(skip_locked=True, of=("self",)).first()
        if row is None:
            return False
        storage.remove_all(row.key)
        row.delete()
    return True


def _remove_originals() -> None:
    """Remove originals that outlived their processing, since a process ended at the wrong time."""
    done = Media.objects.exclude(state=State.PROCESSING).exclude(original="")
    for row in done[:BATCH]:
        storage.remove(row.original)
        Media.objects.filter(pk=row.pk).update(original="")


def keep_only(media_ids: Sequence[int]) -> None:
    """Keep these uploads although no tweet has them yet, and no others."""
    unused = Media.objects.filter(tweet_id=None)
    unused.filter(needed=True).exclude(pk__in=list(media_ids)).update(needed=False)
    unused.filter(needed=False, pk__in=list(media_ids)).update(needed=True)


def remove_of_tweets(tweet_ids: Sequence[int]) -> int:
    """Remove the media of tweets that will not be seen again, and return their number."""
    condition = Q(tweet_id__in=list(tweet_ids))
    rows = Media.objects.filter(condition).order_by("pk").values_list("pk", flat=True)
    return sum(_remove(row_id, condition) for row_id in list(rows))


def remove_of_account(user_id: int) -> bool:
    """Remove a batch of the uploads of an account. Return whether there may be more.

    Raises Busy if another worker has the only ones that are left: they are tried again later.
    """
    mine = Q(owner=user_id)
    ids = _ids(Media.objects.filter(mine).order_by("pk"))
    if ids and not sum(_remove(row_id, mine) for row_id in ids):
        raise Busy
    return bool(ids)


def remove_card(media_id: int) -> None:
    """Remove the picture of a link preview that is gone, if no other preview has it."""
    unused = Q(~Exists(Preview.objects.filter(image=media_id)))
    _remove(media_id, Q(purpose=Purpose.CARD) & unused)


def remove_strays(*, now: datetime) -> int:
    """Remove files that belong to no upload, and return of how many uploads they were.

    It lists the whole storage. New files may not have their row yet, so only those that are older
    than a day are removed.
    """
    strays = 0
    for shelf in storage.shelves():
        keys = storage.directories(shelf)
        known = set(Media.objects.filter(key__in=keys).values_list("key", flat=True))
        for key in keys:
            if key not in known and storage.changed_before(key, now - UNUSED_FOR):
                storage.remove_all(key)
                strays += 1
    return strays
