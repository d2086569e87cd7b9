"""Filters as entities."""

from datetime import datetime
from typing import Any

from chirp.times import rfc3339
from filters.models import Context, Filter, FilterPhrase
from filters.selectors import ActiveFilter

Json = dict[str, Any]
CONTEXTS = {
    Context.HOME: "home",
    Context.NOTIFICATIONS: "notifications",
    Context.PUBLIC: "public",
    Context.THREAD: "thread",
    Context.PROFILE: "account",
}


def _head(
    id_: int, title: str, contexts: list[str], action: str, expires_at: datetime | None
) -> Json:
    return {
        "id": str(id_),
        "title": title,
        "context": [CONTEXTS[Context(each)] for each in contexts],
        "expires_at": rfc3339(expires_at) if expires_at else None,
        "filter_action": action,
    }


def filter_(found: Filter) -> Json:
    """A Filter with its keywords."""
    return {
        **_head(found.pk, found.title, found.contexts, found.action, found.expires_at),
        "keywords": [keyword(each) for each in found.phrases.all()],
        "statuses": [],
    }


def keyword(phrase: FilterPhrase) -> Json:
    """A FilterKeyword."""
    return {"id": str(phrase.pk), "keyword": phrase.text, "whole_word": phrase.whole_word}


def old_filter(found: Filter, phrase: FilterPhrase) -> Json:
    """A V1::Filter: one for each keyword."""
    return {
        "id": str(phrase.pk),
        "phrase": phrase.text,
        "context": [CONTEXTS[Context(each)] for each in found.contexts],
        "expires_at": rfc3339(found.expires_at) if found.expires_at else None,
        "irreversible": found.action == "hide",
        "whole_word": phrase.whole_word,
    }


def results(found: tuple[ActiveFilter, ...]) -> list[Json]:
    """The FilterResults of a status."""
    return [
        {
            "filter": _head(each.id, each.title, list(each.contexts), each.action, each.expires_at),
            "keyword_matches": [phrase.text for phrase in each.phrases],
            "status_matches": None,
        }
        for each in found
    ]
