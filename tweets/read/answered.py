"""The attachment of replies: the handle of the account that they reply to."""

from collections.abc import Mapping, Sequence

from tweets.read.attachments import Attachment
from tweets.read.facts import Facts
from tweets.read.viewer import ViewerContext
from tweets.sql import lookups as sql


def _load(tweets: Sequence[Facts], viewer: ViewerContext) -> Mapping[int, str]:
    authors = {t.id: t.reply_to_author_id for t in tweets if t.reply_to_author_id != t.author_id}
    ids = list({author_id for author_id in authors.values() if author_id is not None})
    handles: dict[int, str] = dict(sql.HANDLES.rows(ids=ids)) if ids else {}
    return {id_: handles[author] for id_, author in authors.items() if author in handles}


# The handle of the author of the parent tweet. Replies to one's own tweets have none.
ANSWERED = Attachment("answered", _load)
