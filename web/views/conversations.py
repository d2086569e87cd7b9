"""Pages of direct tweets, by conversation."""

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from chirp.pagination import PageRequest
from tweets.conversations import read
from tweets.conversations.services import mark_read
from web.auth import signed_in
from web.forms.tweets import ComposeForm
from web.presenters.conversations import conversation_rows, participants
from web.presenters.tweets import cards
from web.responses import respond
from web.viewer import viewer_context


@require_safe
@signed_in
def conversations(request: HttpRequest, me: User) -> HttpResponse:
    """The conversations of the signed-in user, with the newest tweet of each."""
    page = read.conversations(viewer=me, page=PageRequest.of(request.GET))
    rows = conversation_rows(page.results, viewer=viewer_context(request))
    context = {"page": page, "rows": rows}
    fragment = "fragments/conversations.html"
    return respond(request, "pages/tweets/conversations.html", context, fragment=fragment)


@require_safe
@signed_in
def conversation(request: HttpRequest, me: User, conversation_id: int) -> HttpResponse:
    """The direct tweets of one conversation, newest first, which are read from then on."""
    page = PageRequest.of(request.GET)
    tweets = read.direct_tweets(viewer=me, conversation_id=conversation_id, page=page)
    try:
        found = mark_read(user=me, conversation_id=conversation_id)
    except OperationalError:  # a replica may still show it
        found = read.access_conversation(viewer=me, conversation_id=conversation_id)
    context = {
        "participants": participants(found.participants),
        "page": tweets,
        "cards": cards(tweets.results, viewer=viewer_context(request)),
        "form": ComposeForm.answering_all(found.newest, found.participants).preset(me.quotes_from),
    }
    fragment = "fragments/feed.html"
    return respond(request, "pages/tweets/conversation.html", context, fragment=fragment)
