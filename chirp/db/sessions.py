"""Sessions in the database, like Django's, but a malformed session key runs no query."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from chirp.db import routing


class SessionStore(db.SessionStore):
    """A session store for any cookie: one may hold NUL, for which Postgres raises an error.

    How it is read is left to accounts/session_store.py, since every page reads it.
    """

    def _validate_session_key(self, key: str | None) -> bool:
        """Whether this can be a session key: Django makes keys of letters and digits."""
        return key is not None and 8 <= len(key) <= 40 and key.isascii() and key.isalnum()

    def load(self) -> dict[str, Any]:
        """Return the session's data."""
        found = self._read()
        if found is None and routing.leave_replica():  # it may have begun a moment ago
            found = self._read()
        if found is None:
            self._session_key = None  # as Django does, so that a client cannot choose its key
            return {}
        account_id = found.get(SESSION_KEY)
        # One without an account belongs to a sign-in whose last step was a moment ago.
        left = routing.reader_is(int(account_id)) if account_id else routing.leave_replica()
        return self.load() if left else found

    def save(self, must_create: bool = False) -> None:
        """Save the session, on the primary: pages that only read may change it."""
        with routing.on_primary():
            super().save(must_create)

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session, on the primary."""
        with routing.on_primary():
            super().delete(session_key)

    def _read(self) -> dict[str, Any] | None:
        """Return the session's data, or None if there is no such session."""
        raise NotImplementedError
