"""Create, change and delete filters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import ChirpError, Conflict, NotFound
from chirp.plain_text import clean_line
from chirp.texts import ntext
from chirp.texts import text as _
from filters.matching import Phrase, normal, words_of
from filters.models import PHRASE_LENGTH, TITLE_LENGTH, Action, Context, Filter, FilterPhrase

MAX_FILTERS = 50
MAX_PHRASES = 20  # of one filter; every tweet of a page is compared with all of them


class BadFilter(ChirpError):
    """A field of the filter is not valid."""


class TooManyFilters(Conflict):
    """The account has MAX_FILTERS filters."""

    code = "too_many_filters"
    message = ntext(
        "You can have %(num)s filters. Delete one first.",
        "You can have %(num)s filters. Delete one first.",
        MAX_FILTERS,
    )


def create_filter(
    *,
    owner: User,
    title: str,
    phrases: Sequence[Phrase],
    contexts: Sequence[str],
    action: str = Action.WARN,
    expires_at: datetime | None = None,
) -> Filter:
    """Create a filter, and return it. Raises BadFilter, BadText and TooManyFilters."""
    values = _checked(title=title, contexts=contexts, action=action, expires_at=expires_at)
    checked = _checked_phrases(phrases)
    with transaction.atomic():
        lock_account(owner.pk)
        if Filter.objects.filter(owner=owner).count() >= MAX_FILTERS:
            raise TooManyFilters
        created = Filter.objects.create(owner=owner, **values)
        _insert(created, checked)
    return created


def change_filter(*, owner: User, filter_id: int, **changes: Any) -> Filter:
    """Change the given fields of a filter: those of `create_filter`. `phrases` replaces them all.

    Raises NotFound, BadFilter and BadText.
    """
    phrases = changes.pop("phrases", None)
    values = _checked(**changes)
    checked = None if phrases is None else _checked_phrases(phrases)
    with transaction.atomic():
        found = own_filter(owner=owner, filter_id=filter_id, lock=True)
        for name, value in values.items():
            setattr(found, name, value)
        found.save()
        if checked is not None:
            FilterPhrase.objects.filter(filter=found).delete()
            _insert(found, checked)
    return found


def change_phrase(*, owner: User, phrase_id: int, text: str, whole_word: bool) -> FilterPhrase:
    """Change one phrase of a filter of the owner, and return it: it keeps its id.

    Raises NotFound, BadFilter (also if the filter has the text already) and BadText.
    """
    (new,) = _checked_phrases([Phrase(text, whole_word)])
    with transaction.atomic():
        lock_account(owner.pk)
        found = FilterPhrase.objects.filter(pk=phrase_id, filter__owner=owner).first()
        if found is None:
            raise NotFound
        same = FilterPhrase.objects.filter(filter=found.filter_id, text=new.text)
        if same.exclude(pk=phrase_id).exists():
            raise BadFilter(_("The filter has this phrase already."), field="phrases")
        found.text, found.whole_word = new.text, new.whole_word
        found.save()
    return found


def delete_filter(*, owner: User, filter_id: int) -> None:
    """Delete a filter if there is one. Idempotent."""
    Filter.objects.filter(owner=owner, pk=filter_id).delete()


def own_filter(*, owner: User, filter_id: int, lock: bool = False) -> Filter:
    """Return a filter of the owner. Raises NotFound."""
    rows = Filter.objects.select_for_update() if lock else Filter.objects.all()
    found = rows.filter(owner=owner, pk=filter_id).first()
    if found is None:
        raise NotFound
    return found


def _insert(owner: Filter, phrases: Sequence[Phrase]) -> None:
    FilterPhrase.objects.bulk_create(
        FilterPhrase(filter=owner, text=phrase.text, whole_word=phrase.whole_word)
        for phrase in phrases
    )


def _checked(**values: Any) -> dict[str, Any]:
    """Return the given fields of a filter as they are stored. Raises BadFilter and BadText."""
    if "title" in values:
        values["title"] = clean_line(values["title"], field="title", limit=TITLE_LENGTH)
        if not values["title"]:
            raise BadFilter(_("Give it a title."), field="title")
    if "contexts" in values:
        values["contexts"] = _checked_contexts(values["contexts"])
    if "action" in values and values["action"] not in Action.values:
        raise BadFilter(
            _("Must be one of %(names)s.", names=", ".join(Action.values)), field="action"
        )
    expires_at = values.get("expires_at")
    if expires_at is not None and expires_at <= timezone.now():
        raise BadFilter(_("Must be in the future."), field="expires_at")
    return values


def _checked_contexts(contexts: Sequence[str]) -> list[str]:
    if not contexts or not set(contexts) <= set(Context.values):
        text = _("Choose one or more of %(names)s.", names=", ".join(Context.values))
        raise BadFilter(text, field="contexts")
    return [context for context in Context.values if context in contexts]


def _checked_phrases(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return the phrases without repeats. Raises BadFilter and BadText."""
    if len(phrases) > MAX_PHRASES:
        raise BadFilter(
            ntext("At most %(num)s phrases.", "At most %(num)s phrases.", MAX_PHRASES),
            field="phrases",
        )
    found: dict[str, Phrase] = {}
    for phrase in phrases:
        text = clean_line(phrase.text, field="phrases", limit=PHRASE_LENGTH)
        # A phrase of nothing but invisible characters would match everything.
        if not text or not words_of(text.replace("#", "")):
            raise BadFilter(_("A phrase must not be blank."), field="phrases")
        found.setdefault(normal(text), Phrase(text, phrase.whole_word))
    if not found:
        raise BadFilter(_("Give one phrase or more."), field="phrases")
    return list(found.values())
