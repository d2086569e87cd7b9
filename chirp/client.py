"""The address of the client whose request this thread answers, for records of what was done."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_address: ContextVar[str] = ContextVar("client_address", default="")


@contextmanager
def address_is(address: str) -> Iterator[None]:
    """Set the address within the block."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def address() -> str:
    """Return the address; empty outside of requests, such as in tasks and commands."""
    return _address.get()
