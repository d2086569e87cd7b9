"""What an import counts, in words. Faces show these; programs use the keys."""

from chirp.texts import text as _

RESULTS = {
    "tweets": _("Tweets imported"),
    "media": _("Pictures, videos and recordings imported"),
    "already": _("Tweets imported before"),
    "follows": _("Accounts followed"),
    "requests": _("Follow requests sent"),
    "blocks": _("Accounts blocked"),
    "mutes": _("Accounts muted"),
    "notes": _("Private notes"),
    "bookmarks": _("Tweets bookmarked"),
    "likes": _("Tweets liked"),
    "shared": _("Tweets reposted"),
    "lists": _("Lists created"),
    "members": _("People put on lists"),
    "filters": _("Filters created"),
    "hashtags": _("Hashtags followed"),
    "drafts": _("Drafts kept"),
    "not_here": _("Accounts that are not on this site"),
    "not_here_tweets": _("Tweets that are not on this site"),
    "reposts": _("Reposts left out"),
    "direct": _("Direct messages left out"),
    "lost_media": _("Pictures, videos and recordings that could not be imported"),
    "refused": _("Other things that could not be imported"),
}
