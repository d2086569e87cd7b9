"""Writing, marking, editing and deleting tweets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.double_submit import is_first
from accounts.models import User
from chirp import ids
from chirp.errors import ChirpError, NotFound
from media import services
from media.selectors import unused
from tweets import bookmarks, deleting, editing, marks
from tweets.editing import CannotEdit
from tweets.later import drafts, scheduling
from tweets.read.access import NotYours, access_original, access_tweet
from tweets.read.facts import Facts
from web.auth import signed_in, to_login, viewer_of
from web.composing import ENDS, PUBLISH, perform
from web.drafts import CHOOSE_AGAIN, keep_draft, take_draft
from web.forms.base import respond_form
from web.forms.media import Chosen
from web.forms.tweets import ComposeForm, EditForm
from web.limits import limit_account, limit_address
from web.presenters.tweets import Card, anchor_of, card
from web.responses import go_back, is_htmx, respond, safe_next
from web.viewer import viewer_context

GONE = {
    "reply_to_id": _("The tweet that this answered is not available any more."),
    "quote_of_id": _("The tweet that this quoted is not available any more."),
}
shows_form = require_http_methods(["GET", "HEAD", "POST"])

# The marks, by the last segment of the URL: (me, tweet) -> the service.
MARKS: dict[str, Callable[[User, int], object]] = {
    "like": lambda me, id_: marks.like(user=me, tweet_id=id_),
    "unlike": lambda me, id_: marks.unlike(user=me, tweet_id=id_),
    "repost": lambda me, id_: marks.repost(user=me, tweet_id=id_),
    "unrepost": lambda me, id_: marks.undo_repost(user=me, tweet_id=id_),
    "bookmark": lambda me, id_: bookmarks.add(user=me, tweet_id=id_),
    "unbookmark": lambda me, id_: bookmarks.remove(user=me, tweet_id=id_),
}


@require_POST
@signed_in
def mark(request: HttpRequest, me: User, handle: str, tweet_id: int, action: str) -> HttpResponse:
    """Perform one of MARKS on a tweet. htmx gets its buttons in their new state."""
    limit_account(request)
    MARKS[action](me, tweet_id)
    tweet = _if_seen(me, tweet_id)
    if tweet is None:  # a mark was removed from a tweet that this person cannot see any more
        return go_back(request, reverse("home"))
    if not is_htmx(request):
        return go_back(request, reverse("thread", args=[handle, tweet_id]))
    shown = card(tweet, anchor=anchor_of(request.POST), viewer=viewer_context(request))
    return respond(request, "fragments/actions.html", {"card": shown})


@shows_form
def compose(request: HttpRequest) -> HttpResponse:
    """The composer on a page of its own, and the target of every composer.

    A text that an anonymous visitor sends is kept until they have signed in.
    """
    if request.method == "POST" and viewer_of(request) is None:
        limit_address(request, "sign_in")
        keep_draft(request)
        if request.FILES:
            messages.warning(request, CHOOSE_AGAIN)
        return to_login(request, reverse("compose"))
    return _compose(request)


@signed_in
def _compose(request: HttpRequest, me: User) -> HttpResponse:
    if request.method == "POST":
        return _post(request, me)
    draft = _taken(request, me) or _begun(request, me)
    if draft:
        parent, quoted = _references(me, draft.initial)
        _forget_what_is_gone(request, draft, parent, quoted)
        return _composer(request, me, draft, parent, quoted)
    parent = _named(me, request.GET.get("reply_to"))
    quoted = _named(me, request.GET.get("quote"))
    if parent:
        form = ComposeForm.answering(parent)
    else:
        form = ComposeForm.quoting(quoted) if quoted else ComposeForm.sharing(request.GET)
    return _composer(request, me, form, parent, quoted)


def _forget_what_is_gone(
    request: HttpRequest, form: ComposeForm, parent: Facts | None, quoted: Facts | None
) -> None:
    """Let a draft be posted although the tweet that it answers or quotes is gone by now."""
    for name, found in (("reply_to_id", parent), ("quote_of_id", quoted)):
        if form.initial.get(name) and found is None:
            form.initial[name] = None
            messages.warning(request, GONE[name])


def _taken(request: HttpRequest, me: User) -> ComposeForm | None:
    """The composer with what was kept in the session, and its uploads."""
    form = take_draft(request)
    if form:
        parsed = map(ids.parse, form.initial.get("media_ids", ()))
        form.kept = unused(owner=me, media_ids=[id_ for id_ in parsed if id_ is not None])
    return form


def _begun(request: HttpRequest, me: User) -> ComposeForm | None:
    """The composer with the draft or the scheduled tweet in the query. Raises NotFound."""
    if draft_id := request.GET.get("draft"):
        draft = drafts.access_draft(user=me, draft_id=ids.parse(draft_id) or 0)
        return _continuing(me, draft.content, draft_id=draft.pk)
    if scheduled_id := request.GET.get("scheduled"):
        row = scheduling.access_scheduled(user=me, scheduled_id=ids.parse(scheduled_id) or 0)
        return _continuing(me, row.content, scheduled_id=row.pk, due_at=row.due_at)
    return None


def _continuing(me: User, content: Sequence[Mapping[str, Any]], **begun: Any) -> ComposeForm:
    """The composer with this content and its uploads."""
    form = ComposeForm.continuing(content, **begun)
    form.kept = unused(owner=me, media_ids=content[0].get("media_ids", ()))
    return form


def _named(me: User, text: str | None) -> Facts | None:
    """The tweet with the id in a query parameter. Raises NotFound if there is none."""
    if text is None:
        return None
    id_ = ids.parse(text)
    if id_ is None:
        raise NotFound
    return access_original(viewer=me, tweet_id=id_)


def _post(request: HttpRequest, me: User) -> HttpResponse:
    form = ComposeForm(request.POST, request.FILES)
    end = next((end for name, end in ENDS.items() if name in request.POST), PUBLISH)
    digests, uploaded = _take_files(request, me, form)

    def act(key: str, chosen: object, media_ids: list[int], **data: Any) -> None:
        for __ in ("first", *data["parts"]):
            limit_account(request)
        content = repr((end.said, sorted(data.items()), media_ids, digests))
        with transaction.atomic():
            if is_first(user=me, key=key, content=content):
                perform(end, me, media_ids=uploaded, **data)

    if "add_part" not in request.POST and form.passes(act):
        return go_back(request, end.page and reverse(end.page), say=end.said)
    form.kept = unused(owner=me, media_ids=uploaded)
    return _composer(request, me, form, *_references(me, form.cleaned_data))


def _take_files(request: HttpRequest, me: User, form: ComposeForm) -> tuple[list[str], list[int]]:
    """Upload the files that were chosen, also if the rest of the form is not right yet.

    A browser does not send them again. Returns their digests, and the ids of all uploads of the
    form. What is refused is an error of the form.
    """
    form.is_valid()
    chosen: list[Chosen] = form.cleaned_data["chosen"]
    digests = [file.digest() for file in chosen]
    uploaded = list(form.cleaned_data.get("media_ids", ()))
    for file in chosen:
        try:
            limit_account(request)
            uploaded.append(_upload(me, file))
            form.describe_next(file)
        except ChirpError as error:
            form.refuse(error)
    return digests, uploaded


def _upload(me: User, chosen: Chosen) -> int:
    """Upload a file of the composer. An error names its field."""
    try:
        return services.upload(owner=me, file=chosen.file, alt=chosen.alt, focus=chosen.focus).pk
    except ChirpError as error:
        part = error.at if error.at in ("alt", "focus") else "file"
        error.at = f"{part}{chosen.number}"
        raise


def _references(me: User, data: Mapping[str, Any]) -> tuple[Facts | None, Facts | None]:
    """The tweets that a form answers and quotes, as far as they can be seen."""
    ids_ = (ids.parse(str(data.get(name) or "")) for name in ("reply_to_id", "quote_of_id"))
    parent, quoted = (_if_seen(me, id_) for id_ in ids_)
    return parent, quoted


def _if_seen(me: User, id_: int | None) -> Facts | None:
    try:
        return access_original(viewer=me, tweet_id=id_) if id_ else None
    except NotFound:
        return None


def _composer(
    request: HttpRequest, me: User, form: ComposeForm, parent: Facts | None, quoted: Facts | None
) -> HttpResponse:
    context = {
        "next": safe_next(request),
        "heading": gettext("Reply")
        if parent
        else gettext("Quote")
        if quoted
        else gettext("New tweet"),
        "parent": card(parent, viewer=viewer_context(request)) if parent else None,
        "quoted": card(quoted, viewer=viewer_context(request)) if quoted else None,
    }
    form.preset(me.quotes_from)
    return respond_form(request, "pages/tweets/compose.html", form, context)


@shows_form
@signed_in
def edit(request: HttpRequest, me: User, handle: str, tweet_id: int) -> HttpResponse:
    """Edit a tweet of the signed-in user."""
    tweet = _mine(me, tweet_id)
    if tweet.repost_of_id is not None:
        raise CannotEdit

    def act(**data: Any) -> None:
        limit_account(request)
        editing.edit_tweet(author=me, tweet_id=tweet_id, **data)

    form = EditForm(request.POST) if request.method == "POST" else EditForm.of(tweet)
    thread = reverse("thread", args=[me.handle, tweet_id])
    if form.is_bound and form.passes(act):
        return go_back(request, thread, say=gettext("Your tweet is changed."))
    context = {
        "card": card(tweet, viewer=viewer_context(request)),
        "next": safe_next(request, thread),
    }
    return respond_form(request, "pages/tweets/edit.html", form, context)


@shows_form
@signed_in
def delete(request: HttpRequest, me: User, handle: str, tweet_id: int) -> HttpResponse:
    """Delete a tweet of the signed-in user, after a confirmation. Scripts have asked before."""
    if request.method != "POST":
        return _ask(request, card(_mine(me, tweet_id), viewer=viewer_context(request)))
    limit_account(request)
    deleting.delete_tweet(author=me, tweet_id=tweet_id)
    if is_htmx(request):
        return HttpResponse(status=204)
    messages.success(request, gettext("Your tweet is deleted."))
    profile = reverse("profile", args=[me.handle])
    gone = reverse("thread", args=[handle, tweet_id])
    target = safe_next(request, profile)
    return HttpResponseRedirect(profile if target.startswith(gone) else target)


def _mine(me: User, tweet_id: int) -> Facts:
    tweet = access_tweet(viewer=me, tweet_id=tweet_id)
    if not tweet.mine:
        raise NotYours
    return tweet


def _ask(request: HttpRequest, shown: Card) -> HttpResponse:
    context = {"card": shown, "next": safe_next(request, "")}
    return respond(request, "pages/tweets/delete.html", context)
