"""What an import counts, in words. Faces show these; programs use the keys."""

RESULTS = {
    "tweets": "Tweets imported",
    "media": "Pictures, videos and recordings imported",
    "already": "Tweets imported before",
    "follows": "Accounts followed",
    "requests": "Follow requests sent",
    "blocks": "Accounts blocked",
    "mutes": "Accounts muted",
    "bookmarks": "Tweets bookmarked",
    "lists": "Lists created",
    "members": "People put on lists",
    "filters": "Filters created",
    "hashtags": "Hashtags followed",
    "drafts": "Drafts kept",
    "not_here": "Accounts that are not on this site",
    "not_here_tweets": "Bookmarks that are not on this site",
    "reposts": "Reposts left out",
    "direct": "Direct messages left out",
    "lost_media": "Pictures, videos and recordings that could not be imported",
    "refused": "Other things that could not be imported",
}
