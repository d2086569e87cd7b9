"""Reports and strikes as JSON, and their serializers."""

from typing import Any

from rest_framework import serializers

from api.request_fields import IdField, StrictCharField
from chirp.times import rfc3339
from moderation.models import (
    APPEAL_LENGTH,
    COMMENT_LENGTH,
    Action,
    Appeal,
    Category,
    Report,
    Strike,
)
from moderation.reporting import MAX_TWEETS
from moderation.selectors import STATES, appeal_of, state_of

Json = dict[str, Any]
STRIKES = [choice for choice in Action.choices if choice[0] != Action.DISMISS]


def represent_report(report: Report) -> Json:
    """The JSON of a report, for the account that made it."""
    return {
        "id": str(report.pk),
        "handle": report.case.account.handle,
        "category": report.category,
        "rule_ids": [str(id_) for id_ in report.rule_ids],
        "comment": report.comment,
        "tweet_ids": sorted(str(row.tweet_id) for row in report.tweets.all()),
        "state": state_of(report),
        "created_at": rfc3339(report.created_at),
    }


def represent_strike(strike: Strike) -> Json:
    """The JSON of a strike, for the account that it is against."""
    appeal = appeal_of(strike)
    return {
        "id": str(strike.pk),
        "action": strike.action,
        "reason": strike.reason,
        "tweet_ids": [str(id_) for id_ in strike.tweet_ids],
        "created_at": rfc3339(strike.created_at),
        "lifted_at": strike.lifted_at and rfc3339(strike.lifted_at),
        "appeal": appeal and _represent_appeal(appeal),
    }


def _represent_appeal(appeal: Appeal) -> Json:
    return {
        "text": appeal.text,
        "created_at": rfc3339(appeal.created_at),
        "accepted": appeal.accepted,
        "answer": appeal.answer,
    }


class NewReportSerializer(serializers.Serializer[Any]):
    """A report. It names an account, or tweets of one account."""

    handle = StrictCharField(
        required=False,
        max_length=30,
        help_text="The account. Not needed if there are tweets, whose author it is.",
    )
    tweet_ids = serializers.ListField(
        child=IdField(), required=False, max_length=MAX_TWEETS, help_text="All by one account."
    )
    category = serializers.ChoiceField(choices=Category.choices)
    rule_ids = serializers.ListField(
        child=IdField(), required=False, max_length=20, help_text="The rules that are broken."
    )
    comment = StrictCharField(required=False, allow_blank=True, max_length=COMMENT_LENGTH)


class ReportSerializer(serializers.Serializer[Any]):
    """A report of the viewer."""

    id = serializers.CharField()
    handle = serializers.CharField()
    category = serializers.ChoiceField(choices=Category.choices)
    rule_ids = serializers.ListField(child=serializers.CharField())
    comment = serializers.CharField()
    tweet_ids = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(
        choices=STATES, help_text="Which action was taken is known to the reported account only."
    )
    created_at = serializers.DateTimeField()


class NewAppealSerializer(serializers.Serializer[Any]):
    """An appeal."""

    text = StrictCharField(max_length=APPEAL_LENGTH)


class AppealSerializer(serializers.Serializer[Any]):
    """An appeal against a strike."""

    text = serializers.CharField()
    created_at = serializers.DateTimeField()
    accepted = serializers.BooleanField(allow_null=True, help_text="Null until it is decided.")
    answer = serializers.CharField()


class StrikeSerializer(serializers.Serializer[Any]):
    """A decision of the moderators against the viewer."""

    id = serializers.CharField()
    action = serializers.ChoiceField(choices=STRIKES)
    reason = serializers.CharField()
    tweet_ids = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    lifted_at = serializers.DateTimeField(allow_null=True)
    appeal = AppealSerializer(allow_null=True)
