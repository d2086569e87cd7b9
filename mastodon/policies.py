"""Who may quote a post, in Mastodon's words and in ours."""

from mastodon.errors import Invalid
from tweets.controls import QuotesFrom

THEIRS = {
    QuotesFrom.EVERYONE.value: "public",
    QuotesFrom.FOLLOWERS.value: "followers",
    QuotesFrom.NOBODY.value: "nobody",
}
OURS = {theirs: ours for ours, theirs in THEIRS.items()}


def quotes_from(policy: str) -> str:
    """Return our word for a policy. Raises Invalid."""
    if policy not in OURS:
        raise Invalid(f"Quote approval policy must be one of {', '.join(OURS)}")
    return OURS[policy]
