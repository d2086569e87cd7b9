"""Keep drafts. They are stored as they were typed, and checked when they are posted."""

from collections.abc import Sequence
from contextlib import suppress

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import ChirpError, Conflict, NotFound
from chirp.pagination import Page, PageRequest, paginate
from chirp.texts import ntext
from chirp.texts import text as _
from tweets.deleted_media import take_back
from tweets.later.content import NewTweet, stored
from tweets.later.models import Draft

MAX_DRAFTS = 200


class EmptyDraft(ChirpError):
    """Raised when a draft has neither a text nor a poll nor media."""

    message = _("There is nothing to keep yet.")
    field = "text"


class TooManyDrafts(Conflict):
    """Raised when an account has as many drafts as it can have."""

    code = "too_many_drafts"
    message = ntext(
        "You can keep %(num)s drafts. Delete one first.",
        "You can keep %(num)s drafts. Delete one first.",
        MAX_DRAFTS,
    )


def create_draft(*, user: User, tweets: Sequence[NewTweet]) -> Draft:
    """Keep a draft, and return it. Raises EmptyDraft and TooManyDrafts."""
    content = _checked(tweets)
    with transaction.atomic():
        lock_account(user.pk)
        if Draft.objects.filter(user=user).count() >= MAX_DRAFTS:
            raise TooManyDrafts
        take_back(author_id=user.pk, content=content, now=timezone.now())
        draft = Draft.objects.create(user=user, content=content)
    return access_draft(user=user, draft_id=draft.pk)


def replace_draft(*, user: User, draft_id: int, tweets: Sequence[NewTweet]) -> Draft:
    """Replace what a draft holds, and return it. Raises EmptyDraft and NotFound."""
    rows, content = Draft.objects.filter(user=user, pk=draft_id), _checked(tweets)
    with transaction.atomic():
        if not rows.update(content=content, reason="", updated_at=Now()):
            raise NotFound
        take_back(author_id=user.pk, content=content, now=timezone.now())
    return access_draft(user=user, draft_id=draft_id)


def save_draft(*, user: User, draft_id: int | None, tweets: Sequence[NewTweet]) -> Draft:
    """Replace a draft if it is still there, else create one.

    Raises EmptyDraft and TooManyDrafts.
    """
    if draft_id is not None:
        with suppress(NotFound):
            return replace_draft(user=user, draft_id=draft_id, tweets=tweets)
    return create_draft(user=user, tweets=tweets)


def delete_draft(*, user: User, draft_id: int) -> None:
    """Delete a draft, if there is one. Idempotent."""
    Draft.objects.filter(user=user, pk=draft_id).delete()


def access_draft(*, user: User, draft_id: int) -> Draft:
    """Return a draft of the user. Raises NotFound."""
    draft = Draft.objects.filter(user=user, pk=draft_id).first()
    if draft is None:
        raise NotFound
    return draft


def drafts(*, user: User, page: PageRequest) -> Page[Draft]:
    """Return the drafts of the user, the latest first."""
    return paginate(Draft.objects.filter(user=user), page=page)


def _checked(tweets: Sequence[NewTweet]) -> list[dict[str, object]]:
    content = stored(tweets)
    if not any(map(_has_content, content)):
        raise EmptyDraft
    return content


def _has_content(tweet: NewTweet) -> bool:
    return bool(tweet.get("text", "").strip() or tweet.get("poll") or tweet.get("media_ids"))
