"""The bytes of streams: server-sent events in chunks of HTTP, and frames of WebSocket.

An event is encoded once and written to all connections that get it, without passing through the
server's response cycle again. No Django.
"""

PING = b": \n\n"
THUMP = b":thump\n\n"  # what clients of Mastodon are used to


def sse(event: str, data: bytes) -> bytes:
    """Return a server-sent event. `data` is on one line."""
    return b"event: %s\ndata: %s\n\n" % (event.encode(), data)


def position(text: str) -> bytes:
    """Return what sets the client's `Last-Event-ID`, and is no event."""
    return b"id: %s\n\n" % text.encode()


def chunk(data: bytes) -> bytes:
    """Return a chunk of a chunked HTTP response."""
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


def frame(text: bytes) -> bytes:
    """Return a WebSocket frame with a whole text message, as servers send them."""
    size = len(text)
    if size < 126:
        header = bytes((0x81, size))
    elif size < 1 << 16:
        header = b"\x81\x7e" + size.to_bytes(2, "big")
    else:
        header = b"\x81\x7f" + size.to_bytes(8, "big")
    return header + text


def closing(code: int) -> bytes:
    """Return the WebSocket frame that closes a connection."""
    return b"\x88\x02" + code.to_bytes(2, "big")
