"""The form of the answer of every address of the API, in the words of the entities.

A form is what `tests.helpers.mastodon_entities.check` takes. A test holds the table to
`mastodon/routes.py`. Streams and WebSockets have no single answer, and are left out.
"""

import re
from typing import Any

Form = Any
ACCOUNTS, STATUSES, TAGS, NOTHING = "[Account]", "[Status]", "[Tag]", "Empty"
NO_ENTRIES = "[null]"  # a list that is always empty
TEXT_OF_SITE = {"updated_at": "dt", "content": "html"}
COUNT = {"count": "int"}
NOT_HERE = "Error"  # an address that is always a 404
V1_FILTER = {
    "id": "id",
    "phrase": "text",
    "context": ["text"],
    "expires_at": "dt?",
    "irreversible": "bool",
    "whole_word": "bool",
}
KEYWORD = {"id": "id", "keyword": "text", "whole_word": "bool"}
OLD_POLICY = {
    **dict.fromkeys(
        (
            *("filter_not_following", "filter_not_followers", "filter_new_accounts"),
            "filter_private_mentions",
        ),
        "bool",
    ),
    "summary": {"pending_requests_count": "int", "pending_notifications_count": "int"},
}


def _v1(forms: dict[str, Form]) -> dict[str, Form]:
    return {line.replace(" ", " api/v1/", 1): form for line, form in forms.items()}


def _v2(forms: dict[str, Form]) -> dict[str, Form]:
    return {line.replace(" ", " api/v2/", 1): form for line, form in forms.items()}


def _each(method: str, path: str, names: tuple[str, ...], form: Form) -> dict[str, Form]:
    """The same form for several addresses."""
    return {f"{method} {path}/{name}": form for name in names}


SITE = {
    "POST oauth/token": "Token",
    "POST oauth/revoke": NOTHING,
    "GET oauth/userinfo": "Anything",
    "POST oauth/userinfo": "Anything",
    "GET .well-known/oauth-authorization-server": "Anything",
    "GET .well-known/nodeinfo": {"links": [{"rel": "url", "href": "url"}]},
    "GET nodeinfo/2.0": "Anything",
    **_v2({"GET instance": "Instance"}),
    **_v1(
        {
            "POST apps": "CredentialApplication",
            "GET apps/verify_credentials": "Application",
            "GET instance": "InstanceV1",
            "GET instance/extended_description": TEXT_OF_SITE,
            "GET instance/privacy_policy": TEXT_OF_SITE,
            "GET instance/terms_of_service": TEXT_OF_SITE,
            "GET instance/languages": [{"code": "text", "name": "text"}],
            "GET instance/translation_languages": NOTHING,
            "GET instance/rules": "[Rule]",
            **_each("GET", "instance", ("peers", "activity", "domain_blocks"), NO_ENTRIES),
            "GET preferences": "Preferences",
            "GET custom_emojis": "[CustomEmoji]",
            "GET announcements": "[Announcement]",
            "POST announcements/<id>/dismiss": NOTHING,
            "POST reports": "Report",
        }
    ),
}
PEOPLE = _v1(
    {
        "GET accounts": ACCOUNTS,
        "POST accounts": "Token",
        "POST emails/confirmations": NOTHING,
        "GET accounts/verify_credentials": "CredentialAccount",
        "PATCH accounts/update_credentials": "CredentialAccount",
        "GET accounts/lookup": "Account",
        "GET accounts/search": ACCOUNTS,
        "GET accounts/relationships": "[Relationship]",
        "GET accounts/familiar_followers": [{"id": "id", "accounts": ["Account"]}],
        "GET accounts/<id>": "Account",
        "GET accounts/<id>/statuses": STATUSES,
        **_each("GET", "accounts/<id>", ("followers", "following", "endorsements"), ACCOUNTS),
        **_each(
            *("POST", "accounts/<id>"),
            (
                *("follow", "unfollow", "remove_from_followers", "block", "unblock"),
                *("mute", "unmute", "note", "endorse", "unendorse", "pin", "unpin"),
            ),
            "Relationship",
        ),
        "GET accounts/<id>/lists": "[List]",
        "GET accounts/<id>/featured_tags": "[FeaturedTag]",
        "GET accounts/<id>/identity_proofs": NO_ENTRIES,
        **_each("DELETE", "profile", ("avatar", "header"), "CredentialAccount"),
        "GET follow_requests": ACCOUNTS,
        **_each("POST", "follow_requests/<id>", ("authorize", "reject"), "Relationship"),
        **{f"GET {name}": ACCOUNTS for name in ("blocks", "mutes", "endorsements", "directory")},
        "GET domain_blocks": NO_ENTRIES,
        "POST domain_blocks": NOTHING,
        "DELETE domain_blocks": NOTHING,
        "GET suggestions": ACCOUNTS,
        "DELETE suggestions/<id>": NOTHING,
    }
) | _v2({"GET suggestions": "[Suggestion]"})
TWEETS = _v1(
    {
        "GET statuses": STATUSES,
        "POST statuses": "Status",
        **{f"{method} statuses/<id>": "Status" for method in ("GET", "PUT", "DELETE")},
        "GET statuses/<id>/context": "Context",
        "GET statuses/<id>/source": "StatusSource",
        "GET statuses/<id>/history": "[StatusEdit]",
        "GET statuses/<id>/card": "PreviewCard",
        "POST statuses/<id>/translate": NOT_HERE,
        **_each(
            *("POST", "statuses/<id>"),
            (
                *("favourite", "unfavourite", "reblog", "unreblog", "bookmark", "unbookmark"),
                *("pin", "unpin", "mute", "unmute"),
            ),
            "Status",
        ),
        **_each("GET", "statuses/<id>", ("favourited_by", "reblogged_by"), ACCOUNTS),
        "GET statuses/<id>/quotes": STATUSES,
        "POST statuses/<id>/quotes/<quote_id>/revoke": "Status",
        "PUT statuses/<id>/interaction_policy": "Status",
        **{f"GET {name}": STATUSES for name in ("favourites", "bookmarks")},
        "GET scheduled_statuses": "[ScheduledStatus]",
        "GET scheduled_statuses/<id>": "ScheduledStatus",
        "PUT scheduled_statuses/<id>": "ScheduledStatus",
        "DELETE scheduled_statuses/<id>": NOTHING,
        "POST media": "MediaAttachment",
        "GET media/<id>": "MediaAttachment",
        "PUT media/<id>": "MediaAttachment",
        "DELETE media/<id>": NOTHING,
        "GET polls/<id>": "Poll",
        "POST polls/<id>/votes": "Poll",
    }
) | _v2({"POST media": "MediaAttachment"})
LISTS = _v1(
    {
        **_each("GET", "timelines", ("home", "public", "direct", "link"), STATUSES),
        "GET timelines/tag/<tag>": STATUSES,
        "GET timelines/list/<list_id>": STATUSES,
        "GET lists": "[List]",
        "POST lists": "List",
        "GET lists/<id>": "List",
        "PUT lists/<id>": "List",
        "DELETE lists/<id>": NOTHING,
        "GET lists/<id>/accounts": ACCOUNTS,
        "POST lists/<id>/accounts": NOTHING,
        "DELETE lists/<id>/accounts": NOTHING,
        "GET markers": "Markers",
        "POST markers": "Markers",
        "GET tags/<name>": "Tag",
        **_each("POST", "tags/<name>", ("follow", "unfollow", "feature", "unfeature"), "Tag"),
        "GET followed_tags": TAGS,
        "GET featured_tags": "[FeaturedTag]",
        "POST featured_tags": "FeaturedTag",
        "DELETE featured_tags/<id>": NOTHING,
        "GET featured_tags/suggestions": TAGS,
        "GET trends": TAGS,
        "GET trends/tags": TAGS,
        "GET trends/statuses": STATUSES,
        "GET trends/links": NO_ENTRIES,
        "GET annual_reports/<year>": NOT_HERE,
        "GET conversations": "[Conversation]",
        "DELETE conversations/<id>": NOTHING,
        "POST conversations/<id>/read": "Conversation",
        "GET filters": [V1_FILTER],
        "POST filters": V1_FILTER,
        "GET filters/<id>": V1_FILTER,
        "PUT filters/<id>": V1_FILTER,
        "DELETE filters/<id>": NOTHING,
    }
) | _v2(
    {
        "GET search": "Search",
        "GET filters": "[Filter]",
        "POST filters": "Filter",
        "GET filters/<id>": "Filter",
        "PUT filters/<id>": "Filter",
        "DELETE filters/<id>": NOTHING,
        "GET filters/<id>/keywords": [KEYWORD],
        "POST filters/<id>/keywords": KEYWORD,
        "GET filters/<id>/statuses": NO_ENTRIES,
        "GET filters/keywords/<id>": KEYWORD,
        "PUT filters/keywords/<id>": KEYWORD,
        "DELETE filters/keywords/<id>": NOTHING,
    }
)
NOTICES = _v1(
    {
        "GET notifications": "[Notification]",
        "GET notifications/<id>": "Notification",
        "POST notifications/clear": NOTHING,
        "POST notifications/dismiss": NOTHING,
        "POST notifications/<id>/dismiss": NOTHING,
        "GET notifications/unread_count": COUNT,
        **{f"{method} notifications/policy": OLD_POLICY for method in ("GET", "PATCH", "PUT")},
        "GET notifications/requests": "[NotificationRequest]",
        "GET notifications/requests/merged": {"merged": "bool"},
        "GET notifications/requests/<id>": "NotificationRequest",
        **_each("POST", "notifications/requests", ("accept", "dismiss"), NOTHING),
        **_each("POST", "notifications/requests/<id>", ("accept", "dismiss"), NOTHING),
        "GET push/subscription": "WebPushSubscription",
        "POST push/subscription": "WebPushSubscription",
        "PUT push/subscription": "WebPushSubscription",
        "DELETE push/subscription": NOTHING,
    }
) | _v2(
    {
        "GET notifications": "GroupedNotificationsResults",
        "GET notifications/unread_count": COUNT,
        "GET notifications/policy": "NotificationPolicy",
        "PATCH notifications/policy": "NotificationPolicy",
        "GET notifications/<key>": "GroupedNotificationsResults",
        "GET notifications/<key>/accounts": ACCOUNTS,
        "POST notifications/<key>/dismiss": NOTHING,
    }
)
FORMS: dict[str, Form] = SITE | PEOPLE | TWEETS | LISTS | NOTICES
# Answers that have another form on condition of what was sent or is there.
ALSO = {
    "POST api/v1/statuses": "ScheduledStatus",
    "GET api/v1/statuses/<id>/card": NOTHING,
}


def _pattern(line: str) -> re.Pattern[str]:
    parts = re.split(r"<\w+>", line)
    return re.compile("[^/]+".join(map(re.escape, parts)))


# Addresses without a variable part first: `accounts/search` is no id.
PATTERNS = [(_pattern(line), line) for line in sorted(FORMS, key=lambda each: each.count("<"))]


def line_of(method: str, path: str) -> str | None:
    """Return the line of FORMS for a request; None if there is none."""
    wanted = f"{method} {path.strip('/')}"
    return next((line for pattern, line in PATTERNS if pattern.fullmatch(wanted)), None)
