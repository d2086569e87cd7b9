"""All addresses of the API, with the endpoints by method."""

from mastodon.endpoints import Endpoint, Route
from mastodon.streams import HASHTAG, PUBLIC
from mastodon.views import (
    accounts,
    announcements,
    apps,
    conversations,
    empty,
    filters,
    instance,
    lists,
    markers,
    marks,
    media,
    notifications,
    polls,
    push,
    relations,
    reports,
    scheduled,
    search,
    signing_up,
    statuses,
    strangers,
    streaming,
    tags,
    timelines,
    tokens,
)


def route(path: str, **methods: Endpoint) -> Route:
    """An address below the root of the site."""
    return Route(path, methods)


def v1(path: str, **methods: Endpoint) -> Route:
    """An address below /api/v1."""
    return Route(f"api/v1/{path}", methods)


def v2(path: str, **methods: Endpoint) -> Route:
    """An address below /api/v2."""
    return Route(f"api/v2/{path}", methods)


STREAMS = [
    v1("streaming", GET=streaming.socket),
    v1("streaming/health", GET=streaming.health),
    v1("streaming/user", GET=streaming.events("user")),
    v1("streaming/user/notification", GET=streaming.events("user:notification")),
    *(
        v1(f"streaming/{name.replace(':', '/')}", GET=streaming.events(name))
        for name in (*PUBLIC, *HASHTAG)
    ),
    v1("streaming/list", GET=streaming.events("list")),
    v1("streaming/direct", GET=streaming.events("direct")),
]
OAUTH = [
    v1("apps", POST=apps.register),
    v1("apps/verify_credentials", GET=apps.verify_credentials),
    route("oauth/token", POST=tokens.token),
    route("oauth/revoke", POST=tokens.revoke),
    route("oauth/userinfo", GET=tokens.userinfo, POST=tokens.userinfo),
    route(".well-known/oauth-authorization-server", GET=tokens.metadata),
]
INSTANCE = [
    v1("instance", GET=instance.v1),
    v2("instance", GET=instance.v2),
    v1("instance/extended_description", GET=instance.extended_description),
    v1("instance/languages", GET=instance.languages),
    v1("instance/translation_languages", GET=empty.object_),
    *(v1(f"instance/{name}", GET=empty.array) for name in ("peers", "activity", "domain_blocks")),
    v1("instance/rules", GET=instance.written_rules),
    v1("instance/privacy_policy", GET=instance.privacy),
    v1("instance/terms_of_service", GET=instance.terms),
    route(".well-known/nodeinfo", GET=instance.nodeinfo_links),
    route("nodeinfo/2.0", GET=instance.nodeinfo),
    v1("preferences", GET=instance.preferences),
    v1("custom_emojis", GET=empty.array),
    v1("announcements", GET=announcements.announcements),
    v1("announcements/<id>/dismiss", POST=announcements.dismiss),
]
ACCOUNTS = [
    v1("accounts", GET=accounts.several, POST=signing_up.create),
    v1("emails/confirmations", POST=empty.done),
    v1("accounts/verify_credentials", GET=accounts.verify_credentials),
    v1("accounts/update_credentials", PATCH=accounts.update_credentials),
    v1("accounts/lookup", GET=accounts.lookup),
    v1("accounts/search", GET=accounts.search),
    v1("accounts/relationships", GET=accounts.relationships),
    v1("accounts/familiar_followers", GET=accounts.familiar_followers),
    v1("accounts/<id>", GET=accounts.show),
    v1("accounts/<id>/statuses", GET=accounts.account_statuses),
    v1("accounts/<id>/followers", GET=accounts.followers),
    v1("accounts/<id>/following", GET=accounts.following),
    v1("accounts/<id>/follow", POST=relations.follow),
    v1("accounts/<id>/unfollow", POST=relations.unfollow),
    v1("accounts/<id>/remove_from_followers", POST=relations.remove_from_followers),
    v1("accounts/<id>/block", POST=relations.block),
    v1("accounts/<id>/unblock", POST=relations.unblock),
    v1("accounts/<id>/mute", POST=relations.mute),
    v1("accounts/<id>/unmute", POST=relations.unmute),
    v1("accounts/<id>/note", POST=relations.note),
    v1("accounts/<id>/lists", GET=lists.of_account),
    *(
        v1(f"accounts/<id>/{name}", GET=empty.array)
        for name in ("featured_tags", "endorsements", "identity_proofs")
    ),
    v1("profile/avatar", DELETE=accounts.delete_avatar),
    v1("profile/header", DELETE=accounts.delete_header),
    v1("follow_requests", GET=relations.follow_requests),
    v1("follow_requests/<id>/authorize", POST=relations.authorize_request),
    v1("follow_requests/<id>/reject", POST=relations.reject_request),
    v1("blocks", GET=relations.blocks),
    v1("mutes", GET=relations.mutes),
    v1("domain_blocks", GET=empty.own_array, POST=empty.done, DELETE=empty.done),
    v1("endorsements", GET=empty.own_array),
    v1("directory", GET=empty.array),
]
STATUSES = [
    v1("statuses", GET=statuses.several, POST=statuses.post),
    v1("statuses/<id>", GET=statuses.show, PUT=statuses.edit, DELETE=statuses.delete),
    v1("statuses/<id>/context", GET=statuses.context),
    v1("statuses/<id>/source", GET=statuses.source),
    v1("statuses/<id>/history", GET=statuses.history),
    v1("statuses/<id>/card", GET=statuses.card),
    v1("statuses/<id>/translate", POST=instance.missing),
    v1("statuses/<id>/favourite", POST=marks.favourite),
    v1("statuses/<id>/unfavourite", POST=marks.unfavourite),
    v1("statuses/<id>/reblog", POST=marks.reblog),
    v1("statuses/<id>/unreblog", POST=marks.unreblog),
    v1("statuses/<id>/bookmark", POST=marks.bookmark),
    v1("statuses/<id>/unbookmark", POST=marks.unbookmark),
    v1("statuses/<id>/pin", POST=marks.pin),
    v1("statuses/<id>/unpin", POST=marks.unpin),
    v1("statuses/<id>/mute", POST=marks.mute),
    v1("statuses/<id>/unmute", POST=marks.unmute),
    v1("statuses/<id>/favourited_by", GET=marks.favourited_by),
    v1("statuses/<id>/reblogged_by", GET=marks.reblogged_by),
    v1("statuses/<id>/quotes", GET=marks.quotes),
    v1("statuses/<id>/quotes/<quote_id>/revoke", POST=marks.revoke_quote),
    v1("statuses/<id>/interaction_policy", PUT=statuses.interaction_policy),
    v1("favourites", GET=marks.favourites),
    v1("bookmarks", GET=marks.bookmarks),
]
TIMELINES = [
    v1("timelines/home", GET=timelines.home),
    v1("timelines/public", GET=timelines.everybody),
    v1("timelines/tag/<tag>", GET=timelines.tag),
    v1("timelines/list/<list_id>", GET=lists.timeline),
    v1("timelines/link", GET=empty.array),
    v1("timelines/direct", GET=empty.own_array),
    v1("lists", GET=lists.index, POST=lists.create),
    v1("lists/<id>", GET=lists.show, PUT=lists.change, DELETE=lists.delete),
    v1("lists/<id>/accounts", GET=lists.members, POST=lists.add, DELETE=lists.remove),
    v1("markers", GET=markers.show, POST=markers.move),
    v2("search", GET=search.search),
    v1("tags/<name>", GET=tags.show),
    v1("tags/<name>/follow", POST=tags.follow),
    v1("tags/<name>/unfollow", POST=tags.unfollow),
    v1("followed_tags", GET=tags.followed),
    v1("featured_tags", GET=empty.own_array),
    v1("featured_tags/suggestions", GET=empty.own_array),
    v1("trends", GET=tags.trends),
    v1("trends/tags", GET=tags.trends),
    v1("trends/statuses", GET=timelines.trending),
    v1("trends/links", GET=empty.array),
    v1("annual_reports/<year>", GET=instance.missing),
    v1("reports", POST=reports.report),
]
NOTIFICATIONS = [
    v1("notifications", GET=notifications.index),
    v1("notifications/clear", POST=notifications.clear),
    v1("notifications/dismiss", POST=notifications.dismiss),
    v1("notifications/unread_count", GET=notifications.unread_count),
    v1(
        "notifications/policy",
        GET=strangers.old_policy,
        PATCH=strangers.change_old_policy,
        PUT=strangers.change_old_policy,
    ),
    v1("notifications/requests", GET=strangers.requests),
    v1("notifications/requests/accept", POST=strangers.accept),
    v1("notifications/requests/dismiss", POST=strangers.dismiss),
    v1("notifications/requests/merged", GET=strangers.merged),
    v1("notifications/requests/<id>", GET=strangers.request),
    v1("notifications/requests/<id>/accept", POST=strangers.accept),
    v1("notifications/requests/<id>/dismiss", POST=strangers.dismiss),
    v1("notifications/<id>", GET=notifications.show),
    v1("notifications/<id>/dismiss", POST=notifications.dismiss),
    v2("notifications", GET=notifications.groups),
    v2("notifications/unread_count", GET=notifications.unread_groups),
    v2("notifications/policy", GET=strangers.policy, PATCH=strangers.change_policy),
    v2("notifications/<key>", GET=notifications.group),
    v2("notifications/<key>/accounts", GET=notifications.group_accounts),
    v2("notifications/<key>/dismiss", POST=notifications.dismiss_group),
]
MORE = [
    v2("media", POST=media.upload),
    v1("media", POST=media.upload_and_wait),
    v1("media/<id>", GET=media.show, PUT=media.describe, DELETE=media.delete),
    v1("polls/<id>", GET=polls.show),
    v1("polls/<id>/votes", POST=polls.vote),
    v1("conversations", GET=conversations.index),
    v1("conversations/<id>", DELETE=conversations.delete),
    v1("conversations/<id>/read", POST=conversations.read_one),
    v1("scheduled_statuses", GET=scheduled.index),
    v1(
        "scheduled_statuses/<id>",
        GET=scheduled.show,
        PUT=scheduled.change,
        DELETE=scheduled.cancel,
    ),
    v2("filters", GET=filters.index, POST=filters.create),
    v2(
        "filters/keywords/<id>",
        GET=filters.show_keyword,
        PUT=filters.change_keyword,
        DELETE=filters.delete_keyword,
    ),
    v2("filters/<id>", GET=filters.show, PUT=filters.change, DELETE=filters.delete),
    v2("filters/<id>/keywords", GET=filters.keywords, POST=filters.add_keyword),
    v2("filters/<id>/statuses", GET=empty.own_array),
    v1("filters", GET=filters.old_index, POST=filters.old_create),
    v1(
        "filters/<id>",
        GET=filters.old_show,
        PUT=filters.old_change,
        DELETE=filters.old_delete,
    ),
    v2("suggestions", GET=accounts.suggestions),
    v1("suggestions", GET=accounts.old_suggestions),
    v1("suggestions/<id>", DELETE=empty.done),
    v1(
        "push/subscription",
        GET=push.show,
        PUT=push.change,
        DELETE=push.remove,
        POST=push.subscribe,
    ),
]
ROUTES = [*STREAMS, *OAUTH, *INSTANCE, *ACCOUNTS, *STATUSES, *TIMELINES, *NOTIFICATIONS, *MORE]
