"""Reads about reports, strikes and appeals."""

from collections.abc import Collection
from dataclasses import dataclass

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest, paginate
from moderation.models import Action, Appeal, Case, Note, Report, ReportedTweet, Strike
from moderation.site.models import Rule

OPEN, ACTED, DISMISSED = "open", "acted", "dismissed"
STATES = (OPEN, ACTED, DISMISSED)
SHOWN = 50  # of each kind of row on the page of a case


def reports_of(*, reporter: User, page: PageRequest) -> Page[Report]:
    """Return what an account reported, the latest first, with cases, accounts and tweets."""
    rows = Report.objects.filter(reporter=reporter).select_related("case__account")
    return paginate(rows.prefetch_related("tweets"), page=page)


def state_of(report: Report) -> str:
    """Return what became of a report: one of STATES. Which action it was, only the owner knows."""
    if report.case.closed_at is None:
        return OPEN
    return DISMISSED if report.case.outcome == Action.DISMISS else ACTED


def reported(*, author_id: int, tweet_ids: Collection[int]) -> set[int]:
    """Return those of these tweets of an account that somebody has reported."""
    copies = ReportedTweet.objects.filter(report__case__account=author_id, tweet_id__in=tweet_ids)
    return set(copies.values_list("tweet_id", flat=True))


def strikes_of(*, user: User, page: PageRequest) -> Page[Strike]:
    """Return the strikes of an account, the latest first, with their appeals."""
    return paginate(Strike.objects.filter(account=user).select_related("appeal"), page=page)


def own_strike(*, user: User, strike_id: int) -> Strike:
    """Return a strike of an account, with its appeal. Raises NotFound."""
    mine = Strike.objects.filter(account=user, pk=strike_id).select_related("appeal").first()
    if mine is None:
        raise NotFound
    return mine


def appeal_of(strike: Strike) -> Appeal | None:
    """Return the appeal against a strike, or None."""
    return getattr(strike, "appeal", None)


@dataclass(frozen=True, slots=True)
class Dossier:
    """What a moderator reads about an open or closed case. Each list has at most SHOWN rows."""

    case: Case
    reports: list[Report]
    tweets: list[ReportedTweet]
    earlier: list[Case]
    strikes: list[Strike]
    notes: list[Note]


def _with_rules(reports: list[Report]) -> list[Report]:
    """Give each report the texts of the rules that it names, as `rules`."""
    wanted = {rule_id for report in reports for rule_id in report.rule_ids}
    texts = dict(Rule.objects.filter(pk__in=wanted).values_list("pk", "text")) if wanted else {}
    for report in reports:
        report.rules = [texts[id_] for id_ in report.rule_ids if id_ in texts]
    return reports


def dossier(case: Case) -> Dossier:
    """Return everything about a case. Takes as many queries for many rows as for few."""
    account = case.account_id
    reports = Report.objects.filter(case=case).select_related("reporter").order_by("pk")
    tweets = ReportedTweet.objects.filter(report__case=case).order_by("tweet_id", "pk")
    earlier = Case.objects.filter(account=account).exclude(pk=case.pk).order_by("-pk")
    strikes = Strike.objects.filter(account=account).select_related("moderator", "appeal")
    notes = Note.objects.filter(account=account).select_related("author").order_by("-pk")
    return Dossier(
        case=case,
        reports=_with_rules(list(reports[:SHOWN])),
        tweets=list(tweets.distinct("tweet_id")[:SHOWN]),
        earlier=list(earlier[:SHOWN]),
        strikes=list(strikes.order_by("-pk")[:SHOWN]),
        notes=list(notes[:SHOWN]),
    )
