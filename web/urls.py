"""Addresses of the site."""

from django.urls import path, register_converter
from django.views.generic import RedirectView

from chirp import ids
from web.views import (
    accounts,
    appearance,
    apps,
    archives,
    composer,
    conversations,
    crawlers,
    credentials,
    deletion,
    design,
    embedding,
    featured,
    feeds,
    filters,
    hashtags,
    health,
    home,
    installed,
    joining,
    language,
    later,
    lists,
    media,
    moderation,
    notifications,
    passkeys,
    people,
    push,
    search,
    sessions,
    settings,
    site,
    sso,
    status,
    talk,
    tweet_actions,
    tweets,
    two_step,
)


class HandleConverter:
    """A handle, in any case."""

    regex = "[A-Za-z0-9_]{1,30}"

    def to_python(self, value: str) -> str:
        """As it stands in the address."""
        return value

    def to_url(self, value: str) -> str:
        """As it is written by its owner."""
        return value


register_converter(HandleConverter, "handle")


class TweetIdConverter:
    """An id that can exist: others are addresses of nothing."""

    regex = "[0-9]{1,16}"

    def to_python(self, value: str) -> int:
        """The id. ValueError makes it a 404."""
        id_ = ids.parse(value)
        if id_ is None:
            raise ValueError(value)
        return id_

    def to_url(self, value: int) -> str:
        """Its digits."""
        return str(value)


register_converter(TweetIdConverter, "tweet_id")
TWEET = "@<handle:handle>/<tweet_id:tweet_id>"
LIST = "lists/<tweet_id:list_id>"
FILTER = "settings/filters/<tweet_id:filter_id>"

# Tried one by one, so the most requested come first.
urlpatterns = [
    path("", home.home, name="home"),
    path("home/new", home.new_tweets, name="new_tweets"),
    path("home/reposts", home.hide_reposts, name="hide_all_reposts"),
    path("media/<str:key>/<str:name>", media.file, name="media"),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("status", status.status_page, name="status"),
    path("login", accounts.sign_in, name="login"),
    path("login/code", two_step.second_step, name="second_step"),
    path("login/passkey", passkeys.sign_in, name="passkey_sign_in"),
    path("login/passkey/options", passkeys.sign_in_options, name="passkey_sign_in_options"),
    path("login/code/passkey", passkeys.second_step, name="passkey_second_step"),
    path(
        "login/code/passkey/options",
        passkeys.second_step_options,
        name="passkey_second_step_options",
    ),
    path("login/sso", sso.to_provider, name="sso"),
    path("login/sso/back", sso.back, name="sso_back"),
    path("login/sso/new", sso.register, name="sso_register"),
    path("settings/sso", sso.settings_page, name="settings_sso"),
    path("settings/sso/connect", sso.connect, name="sso_connect"),
    path("settings/sso/confirm", sso.confirm_by_provider, name="sso_confirm"),
    path("settings/sso/disconnect", sso.disconnect, name="sso_disconnect"),
    path("login/forgotten", credentials.forgotten_password, name="forgotten_password"),
    path("login/password", credentials.set_password, name="set_password"),
    path("register", accounts.register, name="register"),
    path("logout", accounts.sign_out, name="logout"),
    path("settings", settings.settings_index, name="settings"),
    path("design", design.design, name="design"),
    path("settings/appearance", appearance.appearance, name="appearance"),
    path("settings/profile", accounts.profile_settings, name="settings_profile"),
    path("settings/language", settings.language, name="settings_language"),
    path("settings/privacy", settings.privacy, name="settings_privacy"),
    path("settings/blocked", settings.blocked, name="settings_blocked"),
    path("settings/muted", settings.muted, name="settings_muted"),
    path("settings/password", accounts.password_settings, name="settings_password"),
    path("settings/sessions", sessions.session_list, name="settings_sessions"),
    path("settings/sessions/end", sessions.end_session, name="end_session"),
    path("settings/sessions/end-others", sessions.end_other_sessions, name="end_other_sessions"),
    path("settings/confirm", two_step.confirm_password, name="confirm"),
    path("settings/confirm/passkey", passkeys.confirm_identity, name="passkey_confirm"),
    path(
        "settings/confirm/passkey/options", passkeys.confirm_options, name="passkey_confirm_options"
    ),
    path("settings/two-step", two_step.two_step, name="two_step"),
    path("settings/two-step/passkey", passkeys.add, name="add_passkey"),
    path("settings/two-step/passkey/options", passkeys.add_options, name="add_passkey_options"),
    path("settings/two-step/<tweet_id:factor_id>/rename", passkeys.rename, name="rename_passkey"),
    path("settings/two-step/app", two_step.add_app, name="add_app"),
    path("settings/two-step/new-codes", two_step.new_codes, name="new_codes"),
    path("settings/two-step/codes", two_step.recovery_codes, name="recovery_codes"),
    path(
        "settings/two-step/<tweet_id:factor_id>/remove",
        two_step.remove_factor,
        name="remove_factor",
    ),
    path("settings/email", credentials.email_settings, name="settings_email"),
    path("settings/email/link", credentials.confirm_email, name="confirm_email"),
    path("settings/email/code", credentials.confirm_by_code, name="confirm_by_code"),
    path("settings/email/send", credentials.send_confirmation, name="send_confirmation"),
    path("settings/email/cancel", credentials.cancel_email, name="cancel_email"),
    path("settings/security", accounts.security, name="settings_security"),
    path("settings/invitations", joining.settings_invitations, name="settings_invitations"),
    path(
        "settings/invitations/<tweet_id:invitation_id>/revoke",
        joining.revoke_invitation,
        name="revoke_invitation",
    ),
    path("settings/apps", apps.authorized, name="settings_apps"),
    path("language", language.choose_language, name="choose_language"),
    path("manifest.webmanifest", installed.manifest, name="manifest"),
    path("worker.js", installed.worker, name="worker"),
    path("about", site.about, name="about"),
    path("offline", site.offline, name="offline"),
    path("help/keys", site.keys, name="keys"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("sitemap-<str:section>.xml", crawlers.sitemap_part, name="sitemap_part"),
    path("oembed", embedding.oembed, name="oembed"),
    path("terms", site.text, {"name": "terms"}, "terms"),
    path("privacy", site.text, {"name": "privacy"}, "privacy"),
    path(
        "announcements/<tweet_id:announcement_id>/dismiss",
        site.dismiss,
        name="dismiss_announcement",
    ),
    path("settings/strikes", moderation.strikes, name="settings_strikes"),
    path("settings/strikes/<tweet_id:strike_id>/appeal", moderation.appeal, name="appeal"),
    path("settings/reports", moderation.reports, name="settings_reports"),
    path("@<handle:handle>/report", moderation.report_account, name="report"),
    path("settings/export", archives.settings_export, name="settings_export"),
    path("settings/export/download", archives.download_export, name="download_export"),
    path("settings/import", archives.settings_import, name="settings_import"),
    path(
        "settings/import/<tweet_id:import_id>/cancel", archives.cancel_import, name="cancel_import"
    ),
    path("settings/account/delete", deletion.delete_account, name="delete_account"),
    path("login/keep", deletion.keep_account, name="keep_account"),
    path("settings/account", accounts.account_settings, name="settings_account"),
    path("settings/notifications/device", push.device, name="push_device"),
    path("settings/notifications/device/choices", push.choices, name="push_choices"),
    path("settings/notifications/device/off", push.off, name="push_off"),
    path(
        "settings/notifications", notifications.notification_settings, name="settings_notifications"
    ),
    path("settings/filters", filters.filters, name="filters"),
    path("settings/filters/new", filters.new_filter, name="new_filter"),
    path(FILTER, filters.edit_filter, name="edit_filter"),
    path(f"{FILTER}/delete", filters.delete_filter, name="delete_filter"),
    path("settings/hashtags", hashtags.followed_hashtags, name="settings_hashtags"),
    path("settings/featured", featured.settings, name="settings_featured"),
    path("settings/requests", people.follow_requests, name="follow_requests"),
    path("lists", lists.lists, name="lists"),
    path("lists/new", lists.new_list, name="new_list"),
    path(LIST, lists.list_timeline, name="list"),
    path(f"{LIST}/feed.<str:form>", feeds.list_feed, name="list_feed"),
    path(f"{LIST}/members", lists.list_members, name="list_members"),
    path(f"{LIST}/edit", lists.edit_list, name="edit_list"),
    path(f"{LIST}/delete", lists.delete_list, name="delete_list"),
    path(f"{LIST}/remove/<handle:handle>", lists.remove_member, name="remove_list_member"),
    path("@<handle:handle>/lists", lists.lists_of, name="lists_of"),
    path("@<handle:handle>/lists/choose", lists.lists_with, name="lists_with"),
    path("@<handle:handle>/followers", people.followers, name="followers"),
    path("@<handle:handle>/following", people.following, name="following"),
    *(
        path(f"@<handle:handle>/{action}", people.change_edge, {"action": action}, action)
        for action in people.EDGES
    ),
    path("@<handle:handle>/mute-for", people.mute_for, name="mute_for"),
    path("@<handle:handle>/note", people.note, name="private_note"),
    path("notifications", notifications.notifications, name="notifications"),
    *(
        path(
            f"notifications/{tab}",
            notifications.notifications,
            {"tab": tab},
            f"notifications_{tab}",
        )
        for tab in notifications.TABS
    ),
    path("notifications/read", notifications.read_notifications, name="read_notifications"),
    path("notifications/requests", notifications.requests, name="notification_requests"),
    path(
        "notifications/requests/<handle:handle>/accept",
        notifications.accept_stranger,
        name="accept_stranger",
    ),
    path(
        "notifications/requests/<handle:handle>/dismiss",
        notifications.dismiss_stranger,
        name="dismiss_stranger",
    ),
    path("notifications/unsubscribe/<str:token>", notifications.unsubscribe, name="unsubscribe"),
    path("home/read", notifications.read_home, name="read_home"),
    path("explore", tweets.explore, name="explore"),
    path("explore/tweets", search.trending, name="trending"),
    path("search", search.search, name="search"),
    path("search/complete", search.complete, name="search_complete"),
    path("nearby", tweets.nearby, name="nearby"),
    path("conversations", conversations.conversations, name="conversations"),
    path(
        "conversations/<tweet_id:conversation_id>",
        conversations.conversation,
        name="conversation",
    ),
    path("drafts", later.draft_list, name="drafts"),
    path("drafts/<tweet_id:draft_id>/delete", later.delete_draft, name="delete_draft"),
    path("scheduled", later.scheduled_list, name="scheduled"),
    path("scheduled/<tweet_id:scheduled_id>/delete", later.cancel, name="cancel_scheduled"),
    path("bookmarks", tweets.bookmarks, name="bookmarks"),
    path("compose", tweet_actions.compose, name="compose"),
    path("compose/complete", composer.complete_mention, name="complete_mention"),
    path("hashtag/<str:tag>", tweets.hashtag, name="hashtag"),
    path("hashtag/<str:tag>/feed.<str:form>", feeds.hashtag_feed, name="hashtag_feed"),
    # Clients of Mastodon know links to hashtags by this path, and feed readers feeds by theirs.
    path("tags/<str:tag>.rss", feeds.hashtag_feed, {"form": "rss"}),
    path("@<handle:handle>.rss", feeds.profile_feed, {"form": "rss"}),
    path("tags/<str:tag>", RedirectView.as_view(pattern_name="hashtag")),
    path("hashtag/<str:tag>/feature", featured.feature_hashtag, name="feature_hashtag"),
    path("hashtag/<str:tag>/unfeature", featured.unfeature_hashtag, name="unfeature_hashtag"),
    path("hashtag/<str:tag>/follow", hashtags.follow_hashtag, name="follow_hashtag"),
    path("hashtag/<str:tag>/unfollow", hashtags.unfollow_hashtag, name="unfollow_hashtag"),
    path("@<handle:handle>", tweets.profile, name="profile"),
    path("@<handle:handle>/replies", tweets.profile, {"tab": "replies"}, "profile_replies"),
    path("@<handle:handle>/media", tweets.profile, {"tab": "media"}, "profile_media"),
    path("@<handle:handle>/likes", tweets.profile, {"tab": "likes"}, "profile_likes"),
    path("@<handle:handle>/feed.<str:form>", feeds.profile_feed, name="profile_feed"),
    path(TWEET, tweets.thread, name="thread"),
    path(f"{TWEET}/embed", embedding.embedded, name="embed"),
    path(f"{TWEET}/likes", tweets.likes, name="likes"),
    path(f"{TWEET}/reposts", tweets.reposts, name="reposts"),
    path(f"{TWEET}/quotes", tweets.quotes, name="quotes"),
    path(f"{TWEET}/entry", tweets.entry, name="entry"),
    path(f"{TWEET}/why", home.why, name="why"),
    path(f"{TWEET}/history", tweets.history, name="history"),
    path(f"{TWEET}/report", moderation.report_tweet, name="report_tweet"),
    path(f"{TWEET}/edit", tweet_actions.edit, name="edit"),
    path(f"{TWEET}/delete", tweet_actions.delete, name="delete"),
    *(
        path(f"{TWEET}/{action}", tweet_actions.mark, {"action": action}, action)
        for action in tweet_actions.MARKS
    ),
    *(path(f"{TWEET}/{action}", talk.act, {"action": action}, action) for action in talk.ACTIONS),
]
