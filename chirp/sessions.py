"""Sessions in the database, like Django's, but a key that cannot be one is not looked up."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """A cookie can hold anything, NUL too, at which Postgres would raise an error."""

    def _validate_session_key(self, key: str | None) -> bool:
        """Whether this can be a key: those that are handed out are letters and digits."""
        return key is not None and 8 <= len(key) <= 40 and key.isascii() and key.isalnum()
