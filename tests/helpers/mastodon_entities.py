"""The entities of Mastodon's API, written down from its documentation and what clients require.

`check(value, "Status")` fails if a value does not have the form of a Status. Every key that is
listed must be there unless its name ends with `*`; no other key may be. A form is the name of an
entity or of a kind of value; `[Form]` is a list, and `Form?` may be null.
"""

import re
from collections.abc import Callable
from typing import Any

DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
URL = re.compile(r"https?://[^\s\"'<>]+")


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _among(*values: str) -> Callable[[Any], bool]:
    return lambda value: value in values


KINDS: dict[str, Callable[[Any], bool]] = {
    "Anything": lambda value: True,
    "str": lambda value: isinstance(value, str),
    "text": lambda value: isinstance(value, str) and value != "",
    "html": lambda value: isinstance(value, str) and (value == "" or value.startswith("<")),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
    "false": lambda value: value is False,
    "null": lambda value: value is None,
    "id": _matches(re.compile(r"[0-9]+")),
    "dt": _matches(DATETIME),
    "date": _matches(DATE),
    "url": _matches(URL),
    "vapid_key": _matches(re.compile(r"[A-Za-z0-9_-]{87}")),
    "Empty": lambda value: value == {},
    "visibility": _among("public", "unlisted", "private", "direct"),
    "quote_state": _among(
        *("accepted", "pending", "rejected", "revoked", "deleted", "unauthorized"),
        *("blocked_account", "blocked_domain", "muted_account"),
    ),
    "notification_type": _among(
        *("mention", "status", "reblog", "favourite", "follow", "follow_request", "poll"),
        *("update", "quote", "quoted_update", "moderation_warning"),
    ),
    "card_type": _among("link", "photo", "video", "rich"),
    "report_category": _among("spam", "legal", "violation", "other"),
    "push_policy": _among("all", "followed", "follower", "none"),
    "media_type": _among("image", "video", "gifv", "audio", "unknown"),
}

FIELD = {"name": "str", "value": "str", "verified_at": "dt?"}
ACCOUNT: dict[str, Any] = {
    "id": "id",
    "username": "text",
    "acct": "text",
    "url": "url",
    "uri": "url",
    "display_name": "str",
    "note": "html",
    "avatar": "url",
    "avatar_static": "url",
    "header": "url",
    "header_static": "url",
    "locked": "bool",
    "bot": "bool",
    "group": "bool",
    "discoverable": "bool?",
    "indexable": "bool",
    "hide_collections": "bool?",
    "created_at": "dt",
    "last_status_at": "date?",
    "statuses_count": "int",
    "followers_count": "int",
    "following_count": "int",
    "emojis": ["CustomEmoji"],
    "fields": [FIELD],
    "roles": ["Anything"],
    "mute_expires_at*": "dt?",
}
MENTION = {"id": "id", "username": "text", "acct": "text", "url": "url"}
VIEWED = {
    name + "*": "bool" for name in ("favourited", "reblogged", "muted", "bookmarked", "pinned")
}
STATUS: dict[str, Any] = {
    "id": "id",
    "uri": "url",
    "url": "url",
    "created_at": "dt",
    "edited_at": "dt?",
    "account": "Account",
    "content": "html",
    "visibility": "visibility",
    "sensitive": "bool",
    "spoiler_text": "str",
    "media_attachments": ["MediaAttachment"],
    "mentions": [MENTION],
    "tags": [{"name": "text", "url": "url"}],
    "emojis": ["CustomEmoji"],
    "reblogs_count": "int",
    "favourites_count": "int",
    "replies_count": "int",
    "quotes_count": "int",
    "in_reply_to_id": "id?",
    "in_reply_to_account_id": "id?",
    "reblog": "Status?",
    "poll": "Poll?",
    "card": "PreviewCard?",
    "language": "text?",
    "quote": "Quote?",
    "quote_approval": "QuoteApproval",
    "text*": "str",
    "application*": "Anything",
    "filtered*": ["FilterResult"],
    **VIEWED,
}
STATUS_CONFIGURATION = {
    "accounts": {
        "max_featured_tags": "int",
        "max_pinned_statuses": "int",
        "max_profile_fields": "int",
        "max_display_name_length": "int",
        "max_note_length": "int",
        "profile_field_name_limit": "int",
        "profile_field_value_limit": "int",
    },
    "statuses": {
        "max_characters": "int",
        "max_media_attachments": "int",
        "characters_reserved_per_url": "int",
    },
    "media_attachments": {
        "supported_mime_types": ["text"],
        "description_limit": "int",
        "image_size_limit": "int",
        "image_matrix_limit": "int",
        "video_size_limit": "int",
        "video_frame_rate_limit": "int",
        "video_matrix_limit": "int",
    },
    "polls": {
        "max_options": "int",
        "max_characters_per_option": "int",
        "min_expiration": "int",
        "max_expiration": "int",
    },
}
APPLICATION = {
    "id": "id",
    "name": "text",
    "website": "url?",
    "scopes": ["text"],
    "redirect_uris": ["text"],
    "redirect_uri": "text",
    "vapid_key": "vapid_key",
}
ALERTS = (
    *("mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update"),
    *("quote", "quoted_update", "admin.sign_up", "admin.report"),
)
ENTITIES: dict[str, Any] = {
    "Error": {"error": "text", "error_description*": "text", "details*": "Anything"},
    "Application": APPLICATION,
    "CredentialApplication": {
        **APPLICATION,
        "client_id": "text",
        "client_secret": "text",
        "client_secret_expires_at": "int",
    },
    "Token": {"access_token": "text", "token_type": "text", "scope": "text", "created_at": "int"},
    "Account": ACCOUNT,
    "CredentialAccount": {
        **ACCOUNT,
        "source": {
            "note": "str",
            "fields": [FIELD],
            "privacy": "visibility",
            "sensitive": "bool",
            "language": "str?",
            "follow_requests_count": "int",
            "hide_collections": "bool?",
            "discoverable": "bool?",
            "indexable": "bool",
            "attribution_domains": ["str"],
            "quote_policy": "text",
        },
        "role": {
            "id": "text",
            "name": "str",
            "color": "str",
            "permissions": "text",
            "highlighted": "bool",
            "collection_limit": "int",
        },
    },
    "Relationship": {
        "id": "id",
        **dict.fromkeys(
            (
                *("following", "showing_reblogs", "notifying", "followed_by", "blocking"),
                *("blocked_by", "muting", "muting_notifications", "requested", "requested_by"),
                *("domain_blocking", "endorsed"),
            ),
            "bool",
        ),
        "languages": "null",
        "muting_expires_at": "dt?",
        "note": "str",
    },
    "Status": STATUS,
    "Quote": {"state": "quote_state", "quoted_status*": "Status?", "quoted_status_id*": "id?"},
    "QuoteApproval": {"automatic": ["text"], "manual": ["text"], "current_user": "text"},
    "Context": {"ancestors": ["Status"], "descendants": ["Status"]},
    "MediaAttachment": {
        "id": "id",
        "type": "media_type",
        "url": "url?",
        "preview_url": "url?",
        "remote_url": "null",
        "preview_remote_url": "null",
        "text_url": "null",
        "meta": "Anything",
        "description": "text?",
        "blurhash": "text?",
    },
    "Poll": {
        "id": "id",
        "expires_at": "dt?",
        "expired": "bool",
        "multiple": "bool",
        "votes_count": "int",
        "voters_count": "int?",
        "emojis": ["CustomEmoji"],
        "options": [{"title": "text", "votes_count": "int?"}],
        "voted*": "bool",
        "own_votes*": ["int"],
    },
    "Notification": {
        "id": "id",
        "type": "notification_type",
        "created_at": "dt",
        "group_key": "text",
        "account": "Account",
        "status*": "Status",
        "moderation_warning*": "Anything",
    },
    "NotificationGroup": {
        "group_key": "text",
        "notifications_count": "int",
        "type": "notification_type",
        "most_recent_notification_id": "id",
        "page_min_id": "id",
        "page_max_id": "id",
        "latest_page_notification_at": "dt",
        "sample_account_ids": ["id"],
        "status_id*": "id",
    },
    "GroupedNotificationsResults": {
        "accounts": ["Account"],
        "statuses": ["Status"],
        "partial_accounts*": ["Anything"],
        "notification_groups": ["NotificationGroup"],
    },
    "NotificationPolicy": {
        **dict.fromkeys(
            (
                *("for_not_following", "for_not_followers", "for_new_accounts"),
                *("for_private_mentions", "for_limited_accounts"),
            ),
            "text",
        ),
        "summary": {"pending_requests_count": "int", "pending_notifications_count": "int"},
    },
    "NotificationRequest": {
        "id": "id",
        "created_at": "dt",
        "updated_at": "dt",
        "account": "Account",
        "notifications_count": "id",
        "last_status": "Status?",
    },
    "Filter": {
        "id": "id",
        "title": "text",
        "context": ["text"],
        "expires_at": "dt?",
        "filter_action": "text",
        "keywords*": [{"id": "id", "keyword": "text", "whole_word": "bool"}],
        "statuses*": [{"id": "id", "status_id": "id"}],
    },
    "FilterResult": {
        "filter": "Filter",
        "keyword_matches": "Anything",
        "status_matches": "Anything",
    },
    "List": {"id": "id", "title": "text", "replies_policy": "text", "exclusive": "bool"},
    "Marker": {"last_read_id": "id", "version": "int", "updated_at": "dt"},
    "Markers": {"home*": "Marker", "notifications*": "Marker"},
    "Conversation": {
        "id": "id",
        "unread": "bool",
        "accounts": ["Account"],
        "last_status": "Status?",
    },
    "Search": {"accounts": ["Account"], "statuses": ["Status"], "hashtags": ["Tag"]},
    "Tag": {
        "id": "text",
        "name": "text",
        "url": "url",
        "history": [{"day": "id", "uses": "id", "accounts": "id"}],
        "following*": "bool",
        "featuring*": "bool",
    },
    "FeaturedTag": {
        "id": "id",
        "name": "text",
        "url": "url",
        "statuses_count": "id",
        "last_status_at": "date?",
    },
    "Preferences": {
        "posting:default:visibility": "visibility",
        "posting:default:sensitive": "bool",
        "posting:default:language": "text?",
        "posting:default:quote_policy": "text",
        "reading:expand:media": "text",
        "reading:expand:spoilers": "bool",
        "reading:autoplay:gifs": "bool",
    },
    "ScheduledStatus": {
        "id": "id",
        "scheduled_at": "dt",
        "params": "Anything",
        "media_attachments": ["MediaAttachment"],
    },
    "StatusEdit": {
        "content": "html",
        "spoiler_text": "str",
        "sensitive": "bool",
        "created_at": "dt",
        "account": "Account",
        "media_attachments": ["MediaAttachment"],
        "emojis": ["CustomEmoji"],
        "poll*": {"options": [{"title": "text"}]},
    },
    "StatusSource": {"id": "id", "text": "str", "spoiler_text": "str"},
    "Suggestion": {"source": "text", "sources": ["text"], "account": "Account"},
    "Announcement": {
        "id": "id",
        "content": "str",
        "starts_at": "dt?",
        "ends_at": "dt?",
        "all_day": "bool",
        "published_at": "dt",
        "updated_at": "dt",
        "read": "bool",
        **dict.fromkeys(("mentions", "statuses", "tags", "emojis", "reactions"), "Anything"),
    },
    "WebPushSubscription": {
        "id": "id",
        "endpoint": "url",
        "standard": "bool",
        "alerts": dict.fromkeys(ALERTS, "bool"),
        "policy": "push_policy",
        "server_key": "vapid_key",
    },
    "Rule": {"id": "id", "text": "text", "hint": "str", "translations": "Anything"},
    "CustomEmoji": {
        "shortcode": "text",
        "url": "url",
        "static_url": "url",
        "visible_in_picker": "bool",
        "category": "text?",
    },
    "PreviewCard": {
        "url": "url",
        "title": "str",
        "description": "str",
        "type": "card_type",
        "authors": [{"name": "str", "url": "url", "account": "Account?"}],
        "author_name": "str",
        "author_url": "str",
        "provider_name": "str",
        "provider_url": "str",
        "html": "str",
        "width": "int",
        "height": "int",
        "image": "url?",
        "image_description": "str",
        "embed_url": "str",
        "blurhash": "text?",
        "language": "text?",
        "published_at": "dt?",
    },
    "Report": {
        "id": "id",
        "action_taken": "bool",
        "action_taken_at": "dt?",
        "category": "report_category",
        "comment": "str",
        "forwarded": "bool",
        "created_at": "dt",
        "status_ids": ["id"],
        "rule_ids": ["id"],
        "collection_ids": ["id"],
        "target_account": "Account",
    },
    "InstanceV1": {
        "uri": "text",
        "title": "text",
        "short_description": "text",
        "description": "text",
        "email": "str",
        "version": "text",
        "urls": "Anything",
        "languages": ["text"],
        "stats": {"user_count": "int", "status_count": "int", "domain_count": "int"},
        "thumbnail": "url?",
        "registrations": "bool",
        "approval_required": "bool",
        "invites_enabled": "bool",
        "configuration": STATUS_CONFIGURATION,
        "contact_account": "Account?",
        "rules": ["Rule"],
    },
    "Instance": {
        "domain": "text",
        "title": "text",
        "version": "text",
        "source_url": "url",
        "description": "text",
        "usage": {"users": {"active_month": "int"}},
        "thumbnail": {"url": "url", "blurhash": "null", "versions": "Empty"},
        "icon": [{"src": "url", "size": "text"}],
        "languages": ["text"],
        "configuration": {
            "urls": "Anything",
            **STATUS_CONFIGURATION,
            "translation": {"enabled": "false"},
            "vapid": {"public_key": "vapid_key"},
            "timelines_access": "Anything",
            "limited_federation": "bool",
        },
        "registrations": {
            "enabled": "bool",
            "approval_required": "bool",
            "reason_required": "bool",
            "message": "text?",
            "min_age": "null",
            "url": "url?",
        },
        "api_versions": {"mastodon": "int", "chirp": "int"},
        "contact": {"email": "str", "account": "Account?"},
        "rules": ["Rule"],
    },
}


def check(value: Any, form: Any, at: str = "the answer") -> None:
    """Fail unless the value has the form."""
    if isinstance(form, str) and form.endswith("?"):
        if value is not None:
            check(value, form[:-1], at)
    elif isinstance(form, str) and form.startswith("["):
        check(value, [form[1:-1]], at)
    elif isinstance(form, str) and form in ENTITIES:
        check(value, ENTITIES[form], f"{at} ({form})")
    elif isinstance(form, str):
        assert KINDS[form](value), f"{at} is no {form}: {value!r}"
    elif isinstance(form, list):
        assert isinstance(value, list), f"{at} is no list: {value!r}"
        for number, entry in enumerate(value):
            check(entry, form[0], f"{at}[{number}]")
    else:
        _check_object(value, form, at)


def _check_object(value: Any, form: dict[str, Any], at: str) -> None:
    assert isinstance(value, dict), f"{at} is no object: {value!r}"
    needed = {name for name in form if not name.endswith("*")}
    missing, unknown = needed - set(value), set(value) - {name.rstrip("*") for name in form}
    assert not missing, f"{at} has no {', '.join(sorted(missing))}"
    assert not unknown, f"{at} has unknown keys: {', '.join(sorted(unknown))}"
    for name, inner in form.items():
        if name.rstrip("*") in value:
            check(value[name.rstrip("*")], inner, f"{at}.{name.rstrip('*')}")
