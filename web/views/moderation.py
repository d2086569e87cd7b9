"""Reporting, and the decisions of the moderators about the signed-in user."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from chirp.pagination import PageRequest
from chirp.texts import shown
from moderation import appeals, reporting, selectors, wording
from moderation.models import Strike
from people.selectors import access_user
from tweets.read.access import access_original
from web.auth import signed_in
from web.forms.base import respond_form
from web.forms.moderation import AppealForm, ReportForm
from web.lazy import gettext_lazy as _
from web.limits import limit_account, limit_person
from web.presenters.tweets import card
from web.responses import go_back, respond, safe_next
from web.suspended import signed_in_or_suspended
from web.viewer import viewer_context

shows_form = require_http_methods(["GET", "HEAD", "POST"])
THANKS = _("Thank you. The moderators will look at it.")


@shows_form
@signed_in
def report_account(request: HttpRequest, me: User, handle: str) -> HttpResponse:
    """Report an account."""
    account = access_user(viewer=me, handle=handle)
    return _report(request, me, {"account": account}, {"person": account, "card": None})


@shows_form
@signed_in
def report_tweet(request: HttpRequest, me: User, handle: str, tweet_id: int) -> HttpResponse:
    """Report a tweet, or the original of a repost."""
    tweet = access_original(viewer=me, tweet_id=tweet_id)
    shown = card(tweet, viewer=viewer_context(request))
    return _report(request, me, {"tweet_ids": [tweet.id]}, {"person": None, "card": shown})


def _report(
    request: HttpRequest, me: User, what: dict[str, Any], context: dict[str, Any]
) -> HttpResponse:
    form = ReportForm(request.POST if request.method == "POST" else None)

    def act(**data: Any) -> None:
        limit_account(request, "report")
        reporting.report(reporter=me, **what, **data)

    if form.is_bound and form.passes(act):
        return go_back(request, reverse("settings_reports"), say=THANKS)
    context = {**context, "next": safe_next(request, "")}
    return respond_form(request, "pages/moderation/report.html", form, context)


@require_safe
@signed_in
def reports(request: HttpRequest, me: User) -> HttpResponse:
    """What the signed-in user reported, and what became of it."""
    page = selectors.reports_of(reporter=me, page=PageRequest.of(request.GET))
    rows = [(report, selectors.state_of(report)) for report in page.results]
    return respond(request, "pages/moderation/reports.html", {"page": page, "rows": rows})


@require_safe
@signed_in_or_suspended
def strikes(request: HttpRequest, me: User) -> HttpResponse:
    """The decisions about an account."""
    page = selectors.strikes_of(user=me, page=PageRequest.of(request.GET))
    context = {"page": page, "rows": [_row(strike) for strike in page.results], "person": me}
    return respond(request, "pages/moderation/strikes.html", context)


@shows_form
@signed_in_or_suspended
def appeal(request: HttpRequest, me: User, strike_id: int) -> HttpResponse:
    """Appeal against a decision."""
    strike = selectors.own_strike(user=me, strike_id=strike_id)
    form = AppealForm(request.POST if request.method == "POST" else None)

    def act(text: str) -> None:
        limit_person(me)
        appeals.appeal(user=me, strike_id=strike_id, text=text)

    if form.is_bound and form.passes(act):
        return HttpResponseRedirect(reverse("settings_strikes"))
    return respond_form(request, "pages/moderation/appeal.html", form, {"row": _row(strike)})


def _row(strike: Strike) -> dict[str, Any]:
    return {
        "strike": strike,
        "done": shown(wording.done(strike.action)),
        "appeal": selectors.appeal_of(strike),
    }
