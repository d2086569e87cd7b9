"""Sessions of the site, each read with its account: every page of a signed-in user needs both."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS

from accounts import sql
from accounts.models import User
from accounts.selectors import COLUMNS
from chirp.db import sessions
from chirp.db.prepared import Prepared

_ACCOUNT = ", ".join(f"a.{column}" for column in COLUMNS)
_ID = COLUMNS.index("id")
# Whose session it is, only its data know for sure: the account here is that of its sign-in.
SESSION_AND_ACCOUNT = Prepared(sql.SESSION_WITH.format(columns=_ACCOUNT))


class SessionStore(sessions.SessionStore):
    """The session store of the settings."""

    _account: User | None = None

    def take_account(self) -> User | None:
        """Return the account that was read with the session, once; None without one.

        It is the caller who checks that the session is that account's, and still valid.
        """
        account, self._account = self._account, None
        return account

    def _read(self) -> dict[str, Any] | None:
        self._account = None
        if not self.session_key:
            return None
        for data, *account in SESSION_AND_ACCOUNT.rows(key=self.session_key):
            if account[_ID] is not None:
                self._account = User.from_db(DEFAULT_DB_ALIAS, COLUMNS, account)
            return self.decode(data)
        return None
