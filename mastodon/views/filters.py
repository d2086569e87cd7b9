"""Filters in both versions: with several keywords (v2), and one for each keyword (v1)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from chirp.errors import NotFound
from filters import selectors, services
from filters.matching import Phrase
from filters.models import Action, Filter, FilterPhrase
from mastodon.calls import Call, parsed
from mastodon.endpoints import user
from mastodon.errors import Invalid
from mastodon.params import Params
from mastodon.presenters import filters as presenters

Json = dict[str, Any]
READ, WRITE = "read:filters", "write:filters"
OURS = {theirs: str(ours) for ours, theirs in presenters.CONTEXTS.items()}
MOST_SECONDS = 10 * 365 * 24 * 60 * 60


def _all(call: Call) -> Sequence[Filter]:
    return selectors.filters_of(call.user)


def _own(call: Call, id: str) -> Filter:
    return services.own_filter(owner=call.user, filter_id=parsed(id))


def _of_keyword(call: Call, id: str) -> tuple[Filter, FilterPhrase]:
    """The filter of the signed-in user that has this keyword. Raises NotFound."""
    wanted = parsed(id)
    for found in _all(call):
        for phrase in found.phrases.all():
            if phrase.pk == wanted:
                return found, phrase
    raise NotFound


def _contexts(params: Params) -> list[str]:
    theirs = params.texts("context")
    unknown = [each for each in theirs if each not in OURS]
    if unknown:
        raise Invalid("Context has invalid values")
    return [OURS[each] for each in theirs]


def _action(theirs: str) -> str:
    if theirs not in Action.values:
        raise Invalid("Filter action is not included in the list")
    return theirs


def _expires_at(params: Params) -> datetime | None:
    if params.values.get("expires_in") in (None, ""):
        return None
    seconds = params.number("expires_in", 0, most=MOST_SECONDS)
    return timezone.now() + timedelta(seconds=seconds)


def _changes(params: Params) -> Json:
    """What a request says of the filter itself."""
    found: Json = {}
    if (title := params.text("title")) is not None:
        found["title"] = title
    if "context" in params:
        found["contexts"] = _contexts(params)
    if (action := params.text("filter_action")) is not None:
        found["action"] = _action(action)
    if "expires_in" in params:
        found["expires_at"] = _expires_at(params)
    return found


def _phrase(params: Params, before: FilterPhrase | None = None) -> Phrase:
    text, whole = params.text("keyword"), params.flag("whole_word")
    return Phrase(
        text if text is not None else (before.text if before else ""),
        whole if whole is not None else (before.whole_word if before else False),
    )


def _phrases(params: Params, before: Sequence[FilterPhrase] = ()) -> list[Phrase]:
    """The phrases after the changes in `keywords_attributes`."""
    kept = {phrase.pk: phrase for phrase in before}
    found = {id_: Phrase(phrase.text, phrase.whole_word) for id_, phrase in kept.items()}
    new = []
    for item in params.children("keywords_attributes"):
        id_ = item.id("id")
        if id_ is not None and id_ not in kept:
            raise NotFound
        if item.flag("_destroy"):
            found.pop(id_ or 0, None)
        elif id_ is not None:
            found[id_] = _phrase(item, kept[id_])
        else:
            new.append(_phrase(item))
    return [*found.values(), *new]


def _with_phrases(call: Call, found: Filter, phrases: Sequence[Phrase]) -> Filter:
    return services.change_filter(owner=call.user, filter_id=found.pk, phrases=phrases)


def _same(found: Filter) -> list[Phrase]:
    return [Phrase(phrase.text, phrase.whole_word) for phrase in found.phrases.all()]


@user(READ)
def index(call: Call) -> list[Json]:
    """GET /api/v2/filters."""
    return [presenters.filter_(each) for each in _all(call)]


@user(READ)
def show(call: Call, id: str) -> Json:
    """GET /api/v2/filters/:id."""
    return presenters.filter_(_own(call, id))


@user(WRITE)
def create(call: Call) -> Json:
    """POST /api/v2/filters."""
    values = {"title": call.params.needed("title"), "contexts": [], **_changes(call.params)}
    made = services.create_filter(owner=call.user, phrases=_phrases(call.params), **values)
    return presenters.filter_(made)


@user(WRITE)
def change(call: Call, id: str) -> Json:
    """PUT /api/v2/filters/:id."""
    found, changes = _own(call, id), _changes(call.params)
    if "keywords_attributes" in call.params:
        changes["phrases"] = _phrases(call.params, list(found.phrases.all()))
    return presenters.filter_(
        services.change_filter(owner=call.user, filter_id=found.pk, **changes)
    )


@user(WRITE)
def delete(call: Call, id: str) -> Json:
    """DELETE /api/v2/filters/:id."""
    services.delete_filter(owner=call.user, filter_id=_own(call, id).pk)
    return {}


@user(READ)
def keywords(call: Call, id: str) -> list[Json]:
    """GET /api/v2/filters/:id/keywords."""
    return [presenters.keyword(each) for each in _own(call, id).phrases.all()]


@user(WRITE)
def add_keyword(call: Call, id: str) -> Json:
    """POST /api/v2/filters/:id/keywords."""
    call.params.needed("keyword")
    found = _own(call, id)
    changed = _with_phrases(call, found, [*_same(found), _phrase(call.params)])
    return presenters.keyword(changed.phrases.order_by("-pk")[0])


@user(READ)
def show_keyword(call: Call, id: str) -> Json:
    """GET /api/v2/filters/keywords/:id."""
    return presenters.keyword(_of_keyword(call, id)[1])


@user(WRITE)
def change_keyword(call: Call, id: str) -> Json:
    """PUT /api/v2/filters/keywords/:id."""
    _, phrase = _of_keyword(call, id)
    return presenters.keyword(_changed(call, phrase, _phrase(call.params, phrase)))


def _changed(call: Call, phrase: FilterPhrase, new: Phrase) -> FilterPhrase:
    return services.change_phrase(
        owner=call.user, phrase_id=phrase.pk, text=new.text, whole_word=new.whole_word
    )


@user(WRITE)
def delete_keyword(call: Call, id: str) -> Json:
    """DELETE /api/v2/filters/keywords/:id."""
    found, phrase = _of_keyword(call, id)
    others = [each for each in found.phrases.all() if each.pk != phrase.pk]
    _with_phrases(call, found, [Phrase(each.text, each.whole_word) for each in others])
    return {}


@user(READ)
def old_index(call: Call) -> list[Json]:
    """GET filters."""
    return [
        presenters.old_filter(each, phrase) for each in _all(call) for phrase in each.phrases.all()
    ]


@user(READ)
def old_show(call: Call, id: str) -> Json:
    """GET filters/:id, where the id is that of a keyword."""
    return presenters.old_filter(*_of_keyword(call, id))


def _old_changes(params: Params) -> Json:
    found: Json = {}
    if "context" in params:
        found["contexts"] = _contexts(params)
    if "expires_in" in params:
        found["expires_at"] = _expires_at(params)
    if (irreversible := params.flag("irreversible")) is not None:
        found["action"] = "hide" if irreversible else "warn"
    return found


@user(WRITE)
def old_create(call: Call) -> Json:
    """POST filters."""
    text = call.params.needed("phrase")
    phrase = Phrase(text, bool(call.params.flag("whole_word")))
    values = {"contexts": [], **_old_changes(call.params)}
    made = services.create_filter(owner=call.user, title=text, phrases=[phrase], **values)
    return presenters.old_filter(made, made.phrases.all()[0])


@user(WRITE)
def old_change(call: Call, id: str) -> Json:
    """PUT filters/:id. Only a filter with one keyword can be changed like this."""
    found, phrase = _of_keyword(call, id)
    if found.phrases.count() > 1:
        raise Invalid("This filter has several keywords")
    text, whole = call.params.text("phrase"), call.params.flag("whole_word")
    new = Phrase(text or phrase.text, phrase.whole_word if whole is None else whole)
    changed = services.change_filter(
        owner=call.user, filter_id=found.pk, **_old_changes(call.params)
    )
    return presenters.old_filter(changed, _changed(call, phrase, new))


@user(WRITE)
def old_delete(call: Call, id: str) -> Json:
    """DELETE filters/:id: the keyword, and with the last one its filter."""
    found, phrase = _of_keyword(call, id)
    others = [each for each in found.phrases.all() if each.pk != phrase.pk]
    if others:
        _with_phrases(call, found, [Phrase(each.text, each.whole_word) for each in others])
    else:
        services.delete_filter(owner=call.user, filter_id=found.pk)
    return {}
