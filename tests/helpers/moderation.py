"""Helpers for tests of moderation."""

from django.utils import timezone

from accounts.models import User
from moderation import deciding
from moderation.models import Action, Case


def decided(case: Case, by: User, action: Action, *tweet_ids: int) -> int:
    """Decide about a case, and return the id of the strike; 0 for a dismissal."""
    strike = deciding.decide(
        case_id=case.pk,
        by=by,
        action=action,
        reason="Buy nothing",
        tweet_ids=tweet_ids,
        now=timezone.now(),
    )
    return strike.pk if strike else 0
