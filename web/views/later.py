"""Pages of drafts and scheduled tweets."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from chirp.pagination import PageRequest
from tweets.later import drafts, scheduling
from web.auth import signed_in
from web.limits import limit_account
from web.presenters.later import draft_row, scheduled_row
from web.responses import go_back, respond

PAGE, FRAGMENT = "pages/tweets/later.html", "fragments/later.html"


@require_safe
@signed_in
def draft_list(request: HttpRequest, me: User) -> HttpResponse:
    """The drafts of the signed-in user."""
    page = drafts.drafts(user=me, page=PageRequest.of(request.GET))
    context = {"tab": "drafts", "page": page, "rows": [draft_row(row) for row in page.results]}
    return respond(request, PAGE, context, fragment=FRAGMENT)


@require_safe
@signed_in
def scheduled_list(request: HttpRequest, me: User) -> HttpResponse:
    """The scheduled tweets of the signed-in user."""
    page = scheduling.scheduled(user=me, page=PageRequest.of(request.GET))
    rows = [scheduled_row(row) for row in page.results]
    context = {"tab": "scheduled", "page": page, "rows": rows}
    return respond(request, PAGE, context, fragment=FRAGMENT)


@require_POST
@signed_in
def delete_draft(request: HttpRequest, me: User, draft_id: int) -> HttpResponse:
    """Delete a draft."""
    limit_account(request)
    drafts.delete_draft(user=me, draft_id=draft_id)
    return go_back(request, reverse("drafts"), say=gettext("The draft is deleted."))


@require_POST
@signed_in
def cancel(request: HttpRequest, me: User, scheduled_id: int) -> HttpResponse:
    """Delete a scheduled tweet."""
    limit_account(request)
    scheduling.cancel(user=me, scheduled_id=scheduled_id)
    return go_back(request, reverse("scheduled"), say=gettext("The scheduled tweet is deleted."))
