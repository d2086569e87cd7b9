"""What the site is and allows: what apps ask at their start."""

from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import get_language_info

from accounts import validation
from accounts.joining import terms as joining
from accounts.joining.models import Mode, Terms
from accounts.selectors import Usage, usage
from chirp.errors import NotFound
from chirp.times import rfc3339
from chirp.version import VERSION
from lists.featured_hashtags import MAX_FEATURED
from mastodon import policies
from mastodon.calls import Call
from mastodon.content import html_of
from mastodon.endpoints import public, user
from media.models import ALT_LENGTH
from media.services import MAX_IMAGES
from moderation.site import services
from moderation.site.models import Site
from notifications.push import vapid
from tweets import text as texts
from tweets.pins import MAX_PINS
from tweets.polls import rules

Json = dict[str, Any]
# The version of Mastodon whose interface this is: three numbers, then a space.
COMPATIBLE = f"4.5.0 (compatible; Chirp {VERSION})"
# All that Mastodon 4.5 added up to this number is there: see docs/mastodon-endpoints.md.
API_VERSION = 7
SOURCE = "https://github.com/chirp/chirp"
MEBIBYTE = 1024 * 1024
IMAGES = (
    *("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"),
    *("image/heic", "image/heif"),
)
FILMS = ("video/mp4", "video/webm", "video/quicktime")
SOUNDS = ("audio/mpeg", "audio/ogg", "audio/flac", "audio/wav", "audio/x-wav")
# Apps show their form in these modes. Who has an invitation registers on the site.
FOR_ALL = (Mode.OPEN, Mode.APPROVAL, Mode.DOMAINS)
FIELDS = 2  # website and place
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # of texts that nobody has written yet
USAGE_KEY, USAGE_SECONDS = "mastodon.usage", 600


def _usage() -> Usage:
    """How many accounts and tweets there are, at most some minutes old."""
    found: Usage | None = cache.get(USAGE_KEY)
    if found is None:
        found = usage(since=timezone.now() - timedelta(days=30))
        cache.set(USAGE_KEY, found, USAGE_SECONDS)
    return found


def configuration() -> Json:
    """The limits, which both versions of the instance show."""
    return {
        "accounts": {
            "max_featured_tags": MAX_FEATURED,
            "max_pinned_statuses": MAX_PINS,
            "max_profile_fields": FIELDS,
            "max_display_name_length": validation.NAME_LENGTH,
            "max_note_length": validation.BIO_LENGTH,
            "profile_field_name_limit": len("Website"),
            "profile_field_value_limit": validation.LINK_LENGTH,
        },
        "statuses": {
            "max_characters": texts.MAX_LENGTH,
            "max_media_attachments": MAX_IMAGES,
            "characters_reserved_per_url": texts.LINK_LENGTH,
        },
        "media_attachments": {
            "supported_mime_types": [*IMAGES, *FILMS, *SOUNDS],
            "description_limit": ALT_LENGTH,
            "image_size_limit": settings.MEDIA_MAX_IMAGE_MB * MEBIBYTE,
            "image_matrix_limit": settings.MEDIA_MAX_MEGAPIXELS * 1_000_000,
            "video_size_limit": settings.MEDIA_MAX_VIDEO_MB * MEBIBYTE,
            "video_frame_rate_limit": 120,
            "video_matrix_limit": settings.MEDIA_MAX_MEGAPIXELS * 1_000_000,
        },
        "polls": {
            "max_options": rules.MAX_CHOICES,
            "max_characters_per_option": rules.CHOICE_LENGTH,
            "min_expiration": rules.MIN_SECONDS,
            "max_expiration": rules.MAX_SECONDS,
        },
    }


def _rules() -> list[Json]:
    return [
        {"id": str(rule.pk), "text": rule.text, "hint": "", "translations": {}}
        for rule in services.rules()
    ]


def _email(site: Site) -> str:
    return site.contact if validation.is_email(site.contact) and " " not in site.contact else ""


def _message(terms: Terms) -> str:
    said = f"<p>{escape(terms.message)}</p>" if terms.message else ""
    return said or f"<p>{escape(terms.get_mode_display())} may register.</p>"


def _url(call: Call, site: Site, name: str) -> str | None:
    return f"{call.base}/{name}" if getattr(site, name) else None


def _preview(call: Call) -> str:
    return f"{call.base}/static/headers/original/missing.png"


@public()
def v2(call: Call) -> Json:
    """GET /api/v2/instance."""
    site, rule = services.texts(), joining.current()
    everybody, nobody = {"local": "public", "remote": "disabled"}, "disabled"
    return {
        "domain": call.host,
        "title": site.name,
        "version": COMPATIBLE,
        "source_url": SOURCE,
        "description": site.description,
        "usage": {"users": {"active_month": _usage().active}},
        "thumbnail": {"url": _preview(call), "blurhash": None, "versions": {}},
        "icon": [{"src": f"{call.base}{static('img/favicon.svg')}", "size": "512x512"}],
        "languages": [settings.LANGUAGE_CODE],
        "configuration": {
            "urls": {
                "streaming": _streaming(call),
                "status": f"{call.base}/status",
                "about": f"{call.base}/about",
                "privacy_policy": _url(call, site, "privacy"),
                "terms_of_service": _url(call, site, "terms"),
            },
            **configuration(),
            "translation": {"enabled": False},
            "vapid": {"public_key": vapid.public_key()},
            "timelines_access": {
                "live_feeds": everybody,
                "hashtag_feeds": everybody,
                "trending_link_feeds": {"local": nobody, "remote": nobody},
            },
            "limited_federation": True,
        },
        "registrations": {
            "enabled": rule.mode in FOR_ALL,
            "approval_required": rule.mode == Mode.APPROVAL,
            "reason_required": rule.mode == Mode.APPROVAL,
            "message": None if rule.mode in FOR_ALL else _message(rule),
            "min_age": None,
            "url": f"{call.base}/register",
        },
        "api_versions": {"mastodon": API_VERSION, "chirp": 1},
        "contact": {"email": _email(site), "account": None},
        "rules": _rules(),
    }


def _streaming(call: Call) -> str:
    """Where WebSockets are, without a path: clients add that of streams themselves."""
    return call.base.replace("http", "ws", 1)


@public()
def v1(call: Call) -> Json:
    """GET /api/v1/instance."""
    found, site, rule = _usage(), services.texts(), joining.current()
    return {
        "uri": call.host,
        "title": site.name,
        "short_description": site.description,
        "description": site.description,
        "email": _email(site),
        "version": COMPATIBLE,
        "urls": {"streaming_api": _streaming(call)},
        "stats": {"user_count": found.users, "status_count": found.tweets, "domain_count": 1},
        "thumbnail": _preview(call),
        "languages": [settings.LANGUAGE_CODE],
        "registrations": rule.mode in FOR_ALL,
        "approval_required": rule.mode == Mode.APPROVAL,
        "invites_enabled": rule.members_invite,
        "configuration": configuration(),
        "contact_account": None,
        "rules": _rules(),
    }


@public()
def extended_description(call: Call) -> Json:
    """GET instance/extended_description."""
    site = services.texts()
    content = html_of(site.description, (), call.base)
    return {"updated_at": rfc3339(site.updated_at or EPOCH), "content": content}


@public()
def written_rules(call: Call) -> list[Json]:
    """GET instance/rules."""
    return _rules()


@public()
def privacy(call: Call) -> Json:
    """GET instance/privacy_policy: a 404 until somebody writes it."""
    site = services.texts()
    if not site.privacy:
        raise NotFound
    content = html_of(site.privacy, (), call.base)
    return {"updated_at": rfc3339(site.updated_at), "content": content}


@public()
def terms(call: Call) -> Json:
    """GET instance/terms_of_service: a 404 until somebody writes them."""
    site = services.texts()
    if not site.terms:
        raise NotFound
    return {
        "effective_date": rfc3339(site.updated_at)[:10],
        "effective": True,
        "content": html_of(site.terms, (), call.base),
        "succeeded_by": None,
    }


@public()
def languages(call: Call) -> list[Json]:
    """GET instance/languages: those that the site is in, by their English names."""
    return [
        {"code": code, "name": get_language_info(code)["name"]} for code, _ in settings.LANGUAGES
    ]


@public()
def nodeinfo_links(call: Call) -> Json:
    """GET /.well-known/nodeinfo."""
    rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    return {"links": [{"rel": rel, "href": f"{call.base}/nodeinfo/2.0"}]}


@public()
def nodeinfo(call: Call) -> Json:
    """GET /nodeinfo/2.0."""
    found = _usage()
    return {
        "version": "2.0",
        "software": {"name": "chirp", "version": VERSION},
        "protocols": [],
        "services": {"inbound": [], "outbound": []},
        "usage": {
            "users": {
                "total": found.users,
                "activeMonth": found.active,
                "activeHalfyear": found.active,
            },
            "localPosts": found.tweets,
        },
        "openRegistrations": joining.current().mode in FOR_ALL,
        "metadata": {"nodeName": services.texts().name},
    }


@user("read:accounts")
def preferences(call: Call) -> Json:
    """GET preferences. Who may quote is the one to choose."""
    return {
        "posting:default:visibility": "private" if call.user.private else "public",
        "posting:default:sensitive": False,
        "posting:default:language": None,
        "posting:default:quote_policy": policies.THEIRS[call.user.quotes_from],
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }


@public()
def missing(call: Call, **names: str) -> Json:
    """What Mastodon has and Chirp does not: a 404 in the right form."""
    raise NotFound
