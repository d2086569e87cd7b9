"""Every call of Mastodon.py that Chirp answers. A program for `python -I`.

Arguments: the base URL, two tokens, the handle and the id of the account of the second one, and
`media` if workers process uploads. It prints a line for each call, and ends with 1 if one failed.
"""

import sys
import traceback
import warnings
from datetime import UTC, datetime, timedelta

from mastodon import Mastodon, MastodonNotFoundError

base, token, other_token, other_handle, other_id, *options = sys.argv[1:]
warnings.simplefilter("error")  # a warning about versions or deprecation is a finding
failed = []


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


def client(secret):
    return Mastodon(
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
    *("account_follow", "account_followers", "account_following", "account_mute"),
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

if "media" in options:
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

call("status_delete", lambda: m.status_delete(post))
try:
    m.status(post)
    failed.append("a deleted status is still there")
except MastodonNotFoundError:
    print("ok a deleted status is gone")

sys.exit(f"failed: {', '.join(failed)}" if failed else 0)
