"""What the tweets of an account have unless one says otherwise. No Django."""

from accounts.appearance import BadChoice

QUOTES_FROM = ("everyone", "followers", "nobody")  # as tweets.controls.QuotesFrom


def clean_quotes_from(value: object) -> object:
    """Return who may quote the tweets of an account, as it is stored. Raises BadChoice."""
    if value not in QUOTES_FROM:
        raise BadChoice(field="quotes_from")
    return value
