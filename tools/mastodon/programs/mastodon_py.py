"""Every call of Mastodon.py that Chirp answers. A program for `python -I`.

Arguments: the base URL, two tokens, the handle and the id of the account of the second one, and
`workers` if there are any: for uploads and notifications. With them it ends with an error if it did
not use a method of the library that is not listed here as absent or local. It prints a line for
each call, and ends with 1 if one failed.
"""

import inspect
import secrets
import sys
import time
import traceback
import warnings
from datetime import UTC, datetime, timedelta

from mastodon import (
    Mastodon,
    MastodonIllegalArgumentError,
    MastodonNotFoundError,
    MastodonVersionError,
)

base, token, other_token, other_handle, other_id, *options = sys.argv[1:]
warnings.simplefilter("error")  # a warning about versions or deprecation is a finding
failed = []
used = set()

# What Mastodon has and Chirp has not: docs/mastodon.md.
ABSENT = {
    *("account_collections", "account_in_collections", "collection", "collection_create"),
    *("collection_delete", "collection_item_add", "collection_item_delete", "collection_update"),
    *("collection_item_revoke", "annual_report", "annual_report_generate", "annual_report_read"),
    *("annual_report_state", "annual_reports", "profile", "profile_update"),
    *("announcement_reaction_create", "announcement_reaction_delete", "status_translate"),
    *("add_filter_status_v2", "filter_status_v2", "delete_filter_status_v2"),
    *("await_async_refresh", "get_async_refresh_info", "get_async_refresh_status"),
    *("reports", "follows", "search_v1"),  # which Mastodon removed
    "instance_health",  # /health is no part of the API: docs/running.md names Chirp's
}
# These ask the server for nothing, or are streams: stream_py.py.
LOCAL = {
    *("clear_caches", "decode_blurhash", "filters_apply", "generate_media_edit_attributes"),
    *("get_pagination_info", "get_status_length", "get_supported_version", "set_language"),
    *("persistable_login_credentials", "push_subscription_decrypt_push", "timeline_is_available"),
    *("verify_minimum_version", "stream_open_websocket"),
    *("stream_direct", "stream_hashtag", "stream_healthy", "stream_list", "stream_local"),
    *("stream_public", "stream_user", "stream_user_notifications", "get_approx_server_time"),
    *("from_json", "to_json"),
    *(() if base.startswith("https:") else ("oauth_userinfo", "revoke_access_token")),
}


METHODS = {
    name
    for name, _ in inspect.getmembers(Mastodon, inspect.isfunction)
    if not name.startswith(("_", "admin_"))
}


class Watched(Mastodon):
    """A client that notes which of its methods are used."""

    def __getattribute__(self, name):
        if name in METHODS:
            used.add(name)
        return super().__getattribute__(name)


def call(name, work):
    """Do one call. A failure is told, and the others go on."""
    try:
        found = work()
    except Exception:
        failed.append(name)
        print(f"FAILED {name}\n{traceback.format_exc()}")
        return None
    print(f"ok {name}")
    return found


def refused(name, work):
    """Do a call that must be refused."""
    try:
        work()
    except (
        *(MastodonNotFoundError, MastodonVersionError, MastodonIllegalArgumentError),
        Warning,
    ):
        print(f"ok {name} is refused")
    except Exception:
        failed.append(name)
        print(f"FAILED {name}\n{traceback.format_exc()}")
    else:
        failed.append(f"{name} was not refused")


def until(work):
    """Return what `work` finds, as soon as workers are done."""
    for _ in range(60):
        if found := work():
            return found
        time.sleep(0.5)
    raise AssertionError("workers did nothing in 30 seconds")


def client(secret):
    return Watched(
        access_token=secret,
        api_base_url=base,
        version_check_mode="created",
        ratelimit_method="throw",
    )


m, other = client(token), client(other_token)
me = call("account_verify_credentials", m.account_verify_credentials)
for name in (
    *("instance", "instance_v1", "instance_v2", "instance_nodeinfo", "instance_rules"),
    *("instance_activity", "instance_peers", "instance_domain_blocks", "instance_languages"),
    *("instance_extended_description", "instance_translation_languages", "custom_emojis"),
    *("app_verify_credentials", "oauth_authorization_server_info"),
    # It asks for that only with TLS.
    *(("oauth_userinfo",) if base.startswith("https:") else ()),
    *("preferences", "announcements", "endorsements", "domain_blocks", "directory"),
    *("featured_tags", "featured_tag_suggestions", "trending_tags", "trending_statuses"),
    *("trending_links", "suggestions", "suggestions_v1", "suggestions_v2", "filters", "filters_v2"),
    *("followed_tags", "conversations", "scheduled_statuses", "lists", "bookmarks", "favourites"),
    *("blocks", "mutes", "follow_requests", "get_approx_server_time", "retrieve_mastodon_version"),
    *("notification_requests", "notifications_policy", "notifications_merged"),
    *("notifications_unread_count", "unread_grouped_notifications_count"),
):
    call(name, getattr(m, name))

post = call("status_post", lambda: m.status_post("hello #birds", idempotency_key="k1"))
again = call("status_post, the same key", lambda: m.status_post("x", idempotency_key="k1"))
assert post.id == again.id, "the same key made two statuses"
reply = call("status_reply", lambda: other.status_reply(post, "an answer"))
poll = call(
    "status_post with a poll",
    lambda: other.status_post("?", poll=m.make_poll(["a", "b"], 3600, multiple=True)),
)
later = datetime.now(UTC) + timedelta(hours=2)
planned = call("status_post, scheduled", lambda: m.status_post("later", scheduled_at=later))
call("scheduled_status", lambda: m.scheduled_status(planned))
call(
    "scheduled_status_update",
    lambda: m.scheduled_status_update(planned, later + timedelta(hours=1)),
)
call("scheduled_status_delete", lambda: m.scheduled_status_delete(planned))
for name in (
    *("status", "status_context", "status_source", "status_history", "status_favourited_by"),
    *("status_reblogged_by", "status_card"),
):
    call(name, lambda name=name: getattr(m, name)(post))
call("statuses", lambda: m.statuses([post.id, reply.id]))
for name in (
    *("status_favourite", "status_unfavourite", "status_bookmark", "status_unbookmark"),
    *("status_mute", "status_unmute", "status_reblog", "status_unreblog"),
):
    call(name, lambda name=name: getattr(m, name)(reply))
call("status_pin", lambda: m.status_pin(post))
call("status_unpin", lambda: m.status_unpin(post))
call("status_update", lambda: m.status_update(post, "hello again"))
call("poll", lambda: m.poll(poll.poll))
call("poll_vote", lambda: m.poll_vote(poll.poll, [0, 1]))

call("account", lambda: m.account(other_id))
call("accounts", lambda: m.accounts([other_id, me.id]))
call("account_lookup", lambda: m.account_lookup(other_handle))
call("account_search", lambda: m.account_search(other_handle))
call("account_statuses", lambda: m.account_statuses(other_id, exclude_replies=True))
for name in (
    *("account_follow", "account_endorse", "account_unendorse", "account_pin", "account_unpin"),
    *("account_followers", "account_following", "account_mute"),
    *("account_unmute", "account_unfollow", "account_block", "account_unblock"),
    *("account_remove_from_followers", "account_lists", "account_featured_tags"),
    *("account_relationships", "account_familiar_followers"),
):
    call(name, lambda name=name: getattr(m, name)(other_id))
call(
    "account_update_credentials",
    lambda: m.account_update_credentials(
        display_name="Me", note="hi", locked=True, fields=[("Website", "https://me.example/")]
    ),
)
call("account_follow of a private account", lambda: other.account_follow(me.id))
call("follow_request_authorize", lambda: m.follow_request_authorize(other_id))
call("account_update_credentials", lambda: m.account_update_credentials(locked=False))
call("account_delete_avatar", m.account_delete_avatar)
call("account_delete_header", m.account_delete_header)

for name in ("timeline_home", "timeline_local", "timeline_public"):
    call(name, lambda name=name: getattr(m, name)(limit=5))
for name in ("tag_feature", "tag_unfeature"):
    call(name, lambda name=name: getattr(m, name)("birds"))
featured = call("featured_tag_create", lambda: m.featured_tag_create("birds"))
call("featured_tag_delete", lambda: m.featured_tag_delete(featured))
call("timeline_hashtag", lambda: m.timeline_hashtag("birds"))
for number in range(5):
    m.status_post(f"number {number}")
page = call("timeline_home", lambda: m.timeline_home(limit=2))
older = call("fetch_next", lambda: m.fetch_next(page))
assert older[0].id < page[-1].id, "the next page is not below"
newer = call("fetch_previous", lambda: m.fetch_previous(older))
assert [s.id for s in newer] == [s.id for s in page], "the previous page is another one"
everything = call("fetch_remaining", lambda: m.fetch_remaining(page))
ids = [status.id for status in everything]
assert ids == sorted(set(ids), reverse=True), "pages repeat statuses, or are out of order"

call("search", lambda: m.search("hello", result_type="statuses"))
call("search_v2", lambda: m.search_v2(f"@{other_handle}", resolve=True))
found = call("search of a link", lambda: m.search_v2(post.url, resolve=True))
assert found.statuses[0].id == post.id, "a link of this site finds nothing"
call("tag", lambda: m.tag("birds"))
call("tag_follow", lambda: m.tag_follow("birds"))
call("tag_unfollow", lambda: m.tag_unfollow("birds"))

mine = call("list_create", lambda: m.list_create("Friends"))
call("list", lambda: m.list(mine))
call("list_update", lambda: m.list_update(mine, "Others", replies_policy="list"))
call("list_accounts_add", lambda: m.list_accounts_add(mine, [other_id]))
call("list_accounts", lambda: m.list_accounts(mine))
call("timeline_list", lambda: m.timeline_list(mine))
call("list_accounts_delete", lambda: m.list_accounts_delete(mine, [other_id]))
call("list_delete", lambda: m.list_delete(mine))

kept = call(
    "create_filter_v2",
    lambda: m.create_filter_v2(
        "Fruit", ["home"], "warn", keywords_attributes=[{"keyword": "banana", "whole_word": True}]
    ),
)
call("filter_v2", lambda: m.filter_v2(kept.id))
call("update_filter_v2", lambda: m.update_filter_v2(kept.id, title="Fruits"))
word = call("add_filter_keyword_v2", lambda: m.add_filter_keyword_v2(kept.id, "kiwi", False))
call("filter_keywords_v2", lambda: m.filter_keywords_v2(kept.id))
call("delete_filter_keyword_v2", lambda: m.delete_filter_keyword_v2(word.id))
call("delete_filter_v2", lambda: m.delete_filter_v2(kept.id))
old = call("filter_create", lambda: m.filter_create("plum", ["home"], expires_in=600))
call("filter", lambda: m.filter(old.id))
call("filter_update", lambda: m.filter_update(old.id, phrase="plums", context=["home"]))
call("filter_delete", lambda: m.filter_delete(old.id))

call("notifications", lambda: m.notifications(types=["mention", "follow"]))
call("grouped_notifications", m.grouped_notifications)
call(
    "update_notifications_policy", lambda: m.update_notifications_policy(for_not_following="accept")
)
call("markers_set", lambda: m.markers_set(["home"], [post.id]))
call("markers_get", lambda: m.markers_get(["home"]))
call("notifications_clear", m.notifications_clear)
keys = call("push_subscription_generate_keys", m.push_subscription_generate_keys)
endpoint = "https://push.example/device"
call(
    "push_subscription_set",
    lambda: m.push_subscription_set(endpoint, keys[1], mention_events=True, standard=True),
)
call("push_subscription", m.push_subscription)
call("push_subscription_update", lambda: m.push_subscription_update(follow_events=True))
call("push_subscription_delete", m.push_subscription_delete)

call("account_note_set", lambda: m.account_note_set(other_id, "a note"))
call("account_mute with an end", lambda: m.account_mute(other_id, duration=600))
call("account_unmute", lambda: m.account_unmute(other_id))
call("me", m.me)
call("toot", lambda: m.toot("by toot"))
call("trends", m.trends)
call("search", lambda: m.search("hello"))
call("timeline", lambda: m.timeline("home"))
# It warns that the instance says it has none.
refused("timeline_link", lambda: m.timeline_link("https://example.org/"))
call("domain_block", lambda: m.domain_block("elsewhere.example"))
call("domain_unblock", lambda: m.domain_unblock("elsewhere.example"))
call("suggestion_delete", lambda: m.suggestion_delete(other_id))
call("pagination_iterator", lambda: list(m.pagination_iterator(m.timeline_home(limit=40)))[:3])
call(
    "pagination_page_iterator",
    lambda: list(m.pagination_page_iterator(m.timeline_home(limit=40)))[:3],
)
refused("instance_terms_of_service", m.instance_terms_of_service)
refused("announcement_dismiss", lambda: m.announcement_dismiss(1))
refused("status_translate", lambda: m.status_translate(reply))
call("filter_statuses_v2", lambda: m.filter_statuses_v2(1))
bad = call("status_post of the other", lambda: other.status_post("buy this"))
call("report", lambda: m.report(other_id, [bad.id], "it is spam", category="spam"))
m.account_update_credentials(locked=True)
other.account_unfollow(me.id)
call("account_follow, refused", lambda: other.account_follow(me.id))
call("follow_request_reject", lambda: m.follow_request_reject(other_id))
m.account_update_credentials(locked=False)
direct = call(
    "status_post, direct",
    lambda: other.status_post(f"@{me.acct} in private", visibility="direct"),
)
talk = call("conversations", m.conversations)
call("conversations_read", lambda: m.conversations_read(talk[0]))
quoting = call("status_post, quoting", lambda: other.status_post("see", quoted_status_id=post.id))
for name, work in (
    ("status_quotes", lambda: m.status_quotes(post)),
    (
        "status_update_quote_approval_policy",
        lambda: m.status_update_quote_approval_policy(post, "nobody"),
    ),
    ("status_quote_revoke", lambda: m.status_quote_revoke(post, quoting)),
):
    call(name, work)

newcomer = f"new_{secrets.token_hex(4)}"
app_id, app_secret = call(
    "create_app",
    lambda: client(token).create_app("try", api_base_url=base, scopes=["read", "write"]),
)
new = Watched(client_id=app_id, client_secret=app_secret, api_base_url=base)
call("auth_request_url", lambda: new.auth_request_url(allow_http=True))
refused("log_in with a wrong code", lambda: new.log_in(code="wrong", allow_http=True))
call(
    "create_account",
    lambda: new.create_account(
        newcomer,
        secrets.token_urlsafe(18),
        f"{newcomer}@example.org",
        agreement=True,
        scopes=["read", "write"],
    ),
)
call("account_verify_credentials of it", new.account_verify_credentials)
call("email_resend_confirmation", new.email_resend_confirmation)
if "workers" in options:
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000008000000080802000000"
        "4b6d29dc0000001349444154789c63606060f84f0c1e55309a0e00d8ae3fc1"
        "5e54ce0b0000000049454e44ae426082"
    )
    upload = call(
        "media_post",
        lambda: m.media_post(png, mime_type="image/png", description="a dot", synchronous=True),
    )
    call("media", lambda: m.media(upload))
    call("media_update", lambda: m.media_update(upload, description="two", focus=(0.1, -0.2)))
    call("status_post with media", lambda: m.status_post("see", media_ids=[upload]))

    other.status_favourite(post)
    groups = call(
        "grouped_notifications",
        lambda: until(lambda: m.grouped_notifications(types=["favourite"]).notification_groups),
    )
    key = groups[0].group_key
    call("grouped_notification", lambda: m.grouped_notification(key))
    call("grouped_notification_accounts", lambda: m.grouped_notification_accounts(key))
    call("dismiss_grouped_notification", lambda: m.dismiss_grouped_notification(key))
    other.status_reblog(post)
    (told,) = call("notifications", lambda: until(lambda: m.notifications(types=["reblog"])))
    call("notifications of one id", lambda: m.notifications(told.id))
    call("notifications_dismiss", lambda: m.notifications_dismiss(told.id))

    m.update_notifications_policy(for_not_following="filter")
    m.account_unfollow(other_id)
    for name in (
        *("notification_request", "dismiss_notification_request"),
        *("dismiss_multiple_notification_requests", "accept_multiple_notification_requests"),
        "accept_notification_request",
    ):
        asking = new if name == "accept_notification_request" else other
        asking.status_post(f"@{me.acct} hello from a stranger")
        (asked, *_) = until(m.notification_requests)
        given = [asked.id] if "multiple" in name else asked.id
        call(name, lambda name=name, given=given: getattr(m, name)(given))
    m.update_notifications_policy(for_not_following="accept")

call("status_delete", lambda: m.status_delete(post))
try:
    m.status(post)
    failed.append("a deleted status is still there")
except MastodonNotFoundError:
    print("ok a deleted status is gone")

if base.startswith("https:"):  # it sends secrets by no other way
    call("revoke_access_token", new.revoke_access_token)
forgotten = METHODS - used - ABSENT - LOCAL
if "workers" in options and forgotten:
    failed.append(f"not tried: {sorted(forgotten)}")
sys.exit(f"failed: {', '.join(failed)}" if failed else 0)
