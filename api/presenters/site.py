"""The site and its announcements as JSON, and their serializers."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from chirp.times import rfc3339
from media.services import MAX_IMAGES
from moderation.site.models import Announcement, Rule, Site
from tweets.text import MAX_LENGTH
from tweets.threads import MAX_TWEETS

Json = dict[str, Any]


def represent_site(site: Site, rules: Iterable[Rule], *, base: str) -> Json:
    """The JSON of the site. `base` is its address."""
    return {
        "name": site.name,
        "description": site.description,
        "contact": site.contact,
        "rules": [{"id": str(rule.pk), "text": rule.text} for rule in rules],
        "terms_url": f"{base}/terms" if site.terms else None,
        "privacy_url": f"{base}/privacy" if site.privacy else None,
        "limits": {
            "tweet_length": MAX_LENGTH,
            "pictures": MAX_IMAGES,
            "thread_length": MAX_TWEETS,
        },
    }


def represent_announcement(announcement: Announcement, *, dismissed: bool) -> Json:
    """The JSON of an announcement for one viewer."""
    return {
        "id": str(announcement.pk),
        "text": announcement.text,
        "starts_at": rfc3339(announcement.starts_at),
        "ends_at": announcement.ends_at and rfc3339(announcement.ends_at),
        "dismissed": dismissed,
    }


class RuleSerializer(serializers.Serializer[Any]):
    """A rule of the site. Reports name rules by their ids."""

    id = serializers.CharField()
    text = serializers.CharField()


class SiteLimitsSerializer(serializers.Serializer[Any]):
    """Limits of what can be posted."""

    tweet_length = serializers.IntegerField(help_text="In characters as a reader counts them.")
    pictures = serializers.IntegerField(help_text="Of one tweet.")
    thread_length = serializers.IntegerField(help_text="Tweets that are posted at once.")


class SiteSerializer(serializers.Serializer[Any]):
    """The site."""

    name = serializers.CharField()
    description = serializers.CharField()
    contact = serializers.CharField(help_text="An e-mail address, or another way; may be empty.")
    rules = RuleSerializer(many=True)
    terms_url = serializers.URLField(allow_null=True)
    privacy_url = serializers.URLField(allow_null=True)
    limits = SiteLimitsSerializer()


class AnnouncementSerializer(serializers.Serializer[Any]):
    """An announcement of the site."""

    id = serializers.CharField()
    text = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    dismissed = serializers.BooleanField(help_text="Always false for anonymous visitors.")
