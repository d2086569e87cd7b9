"""Sessions in the database, like Django's, but a malformed session key runs no query."""

from typing import Any

from django.contrib.sessions.backends import db

from chirp.db.prepared import Prepared

DATA = Prepared("""
SELECT session_data FROM django_session
WHERE session_key = %(key)s::varchar AND expire_date > now()
""")


class SessionStore(db.SessionStore):
    """A session store for any cookie: one may hold NUL, for which Postgres raises an error."""

    def _validate_session_key(self, key: str | None) -> bool:
        """Whether this can be a session key: Django makes keys of letters and digits."""
        return key is not None and 8 <= len(key) <= 40 and key.isascii() and key.isalnum()

    def load(self) -> dict[str, Any]:
        """Return the session's data. Every page reads it, so the query is a prepared one."""
        for (data,) in DATA.rows(key=self.session_key) if self.session_key else []:
            return self.decode(data)
        self._session_key = None  # as Django does, so that a client cannot choose its key
        return {}
