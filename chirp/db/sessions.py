"""Sessions in the database, like Django's, but a key that cannot be one is not looked up."""

from typing import Any

from django.contrib.sessions.backends import db

from chirp.db.prepared import Prepared

DATA = Prepared("""
SELECT session_data FROM django_session
WHERE session_key = %(key)s::varchar AND expire_date > now()
""")


class SessionStore(db.SessionStore):
    """A cookie can hold anything, NUL too, at which Postgres would raise an error."""

    def _validate_session_key(self, key: str | None) -> bool:
        """Whether this can be a key: those that are handed out are letters and digits."""
        return key is not None and 8 <= len(key) <= 40 and key.isascii() and key.isalnum()

    def load(self) -> dict[str, Any]:
        """What the session holds. Asked at every page, so not by the ORM."""
        for (data,) in DATA.rows(key=self.session_key) if self.session_key else []:
            return self.decode(data)
        self._session_key = None  # as Django does, so that nobody chooses a key
        return {}
