"""The site and its announcements as JSON, and their serializers."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from accounts.joining.domains import parsed
from accounts.joining.models import Mode, Terms
from accounts.sso.config import passwords_are_off, provider
from chirp.times import rfc3339
from chirp.version import VERSION
from media.services import MAX_IMAGES
from moderation.site.models import Announcement, Rule, Site
from tweets.text import MAX_LENGTH
from tweets.threads import MAX_TWEETS

Json = dict[str, Any]
FEATURES = [
    *("conversations", "drafts", "filters", "invitations", "lists", "media", "nearby"),
    *("notifications", "polls", "quotes", "reports", "scheduled", "search", "threads", "trends"),
]


def represent_site(site: Site, rules: Iterable[Rule], terms: Terms, *, base: str) -> Json:
    """The JSON of the site. `base` is its address."""
    sso = provider()
    return {
        "software": "chirp",
        "version": VERSION,
        "name": site.name,
        "description": site.description,
        "contact": site.contact,
        "rules": [{"id": str(rule.pk), "text": rule.text} for rule in rules],
        "terms_url": f"{base}/terms" if site.terms else None,
        "privacy_url": f"{base}/privacy" if site.privacy else None,
        "registration": {
            "mode": terms.mode,
            "domains": parsed(terms.domains) if terms.mode == Mode.DOMAINS else [],
            "message": terms.message,
            "invitations": "members" if terms.members_invite else "staff",
            "url": f"{base}{reverse('register')}",
        },
        "single_sign_on": sso and {"name": sso.label, "url": f"{base}{reverse('login')}"},
        "password_sign_in": not passwords_are_off(),
        "features": FEATURES,
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


class TermsSerializer(serializers.Serializer[Any]):
    """Who may register."""

    mode = serializers.ChoiceField(Mode.choices)
    domains = serializers.ListField(
        child=serializers.CharField(), help_text="With the mode `domains`."
    )
    message = serializers.CharField(help_text="What administrators say about it; may be empty.")
    invitations = serializers.ChoiceField(["staff", "members"], help_text="Who may invite.")
    url = serializers.URLField(help_text="The page to register.")


class SignOnSerializer(serializers.Serializer[Any]):
    """The OpenID provider that people can sign in with, on the site."""

    name = serializers.CharField(help_text="What the provider is called: Log in with ...")
    url = serializers.URLField(help_text="The page that leads there.")


class SiteSerializer(serializers.Serializer[Any]):
    """The site."""

    software = serializers.CharField()
    version = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    contact = serializers.CharField(help_text="An e-mail address, or another way; may be empty.")
    rules = RuleSerializer(many=True)
    terms_url = serializers.URLField(allow_null=True)
    privacy_url = serializers.URLField(allow_null=True)
    registration = TermsSerializer()
    single_sign_on = SignOnSerializer(allow_null=True)
    password_sign_in = serializers.BooleanField(
        help_text="Whether passwords sign in; otherwise only staff has them."
    )
    features = serializers.ListField(
        child=serializers.CharField(), help_text="What this version can do, beside tweets."
    )
    limits = SiteLimitsSerializer()


class AnnouncementSerializer(serializers.Serializer[Any]):
    """An announcement of the site."""

    id = serializers.CharField()
    text = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    dismissed = serializers.BooleanField(help_text="Always false for anonymous visitors.")
