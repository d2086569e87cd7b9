"""The avatar and the header of an account."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from accounts.models import User
from chirp.errors import ChirpError
from media import services
from media.models import Media, Purpose, State
from people import profile

if TYPE_CHECKING:
    from django.core.files import File

PICTURES = (Purpose.AVATAR, Purpose.HEADER)


def update_profile(
    *,
    user: User,
    changes: Mapping[str, object],
    pictures: "Mapping[str, File[Any]] | None" = None,
    removed: Collection[str] = (),
) -> User:
    """Change the profile, and return the updated account.

    `pictures` are new files for the avatar and the header, by purpose. They replace the present
    ones when they are processed; those in `removed` go at once. Nothing changes if one of them is
    refused. Raises the errors of people.profile.update_profile and of media.services.upload, which
    name the picture.
    """
    chosen = dict(pictures or {})
    for purpose, file in chosen.items():
        with _naming(purpose):
            services.recognized(file, purpose=purpose)
    updated = profile.update_profile(user=user, changes={**changes, **dict.fromkeys(removed, "")})
    _waiting(user.pk, removed).delete()
    for purpose, file in chosen.items():
        with _naming(purpose):
            services.upload(owner=user, file=file, purpose=purpose)
    return updated


@contextmanager
def _naming(purpose: str) -> Iterator[None]:
    """Let errors name the picture."""
    try:
        yield
    except ChirpError as error:
        error.at = purpose
        raise


def _waiting(owner_id: int, purposes: Collection[str]) -> Any:
    return Media.objects.filter(owner=owner_id, purpose__in=list(purposes), state=State.PROCESSING)


def use(media: Media) -> None:
    """Make a picture that is ready the avatar or the header of its owner.

    Not if the owner has uploaded another one since. Call it in the transaction that marks it as
    ready.
    """
    later = Media.objects.filter(owner=media.owner_id, purpose=media.purpose, pk__gt=media.pk)
    if media.owner_id is None or later.exclude(state=State.FAILED).exists():
        return
    profile.set_picture(user_id=media.owner_id, purpose=media.purpose, key=media.key)


def unfinished(owner: User) -> list[Media]:
    """Return the newest avatar and header of the owner, as far as they cannot be seen (yet)."""
    rows = Media.objects.filter(owner=owner, purpose__in=PICTURES)
    newest = {row.purpose: row for row in rows.order_by("pk")}
    return [row for row in newest.values() if row.state != State.READY]
