"""Connections that are given up when the server hangs."""

from typing import Any

import psycopg
from psycopg.errors import _WaitTimeout


class PatientConnection(psycopg.Connection[Any]):
    """A connection that waits a limited time for each answer.

    A server ends statements itself that run longer than `statement_timeout`. One that is frozen, or
    whose machine is gone, does not.
    """

    patience: float | None = None  # in seconds; None waits for ever

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server: psycopg calls this for all that it does.

        Raises OperationalError after `patience`, and closes the connection.
        """
        if timeout is not None:
            # Until then nothing else is due: signals interrupt it anyway.
            return super().wait(gen, timeout or interval, timeout)
        try:
            return super().wait(gen, interval, self.patience)
        except _WaitTimeout:
            self.pgconn.finish()  # what it may still answer is of no interest
            raise psycopg.OperationalError("the server hangs") from None
