"""A small SMTP server that keeps the messages it accepts, or refuses them, or hangs up."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class Mailbox(socketserver.ThreadingTCPServer):
    """The server. `refuse` answers DATA with a 451, `hang_up` ends connections after the mail."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refuse = False
        self.hang_up = False

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])


class _Session(socketserver.StreamRequestHandler):
    """One connection: as much of RFC 5321 as a sender of mail needs."""

    server: Mailbox

    def handle(self) -> None:
        """Answer commands until the client leaves."""
        self._say("220 mailbox ESMTP")
        while line := self.rfile.readline():
            command = line.decode().strip()
            verb = command.partition(" ")[0].upper()
            if verb == "DATA":
                if not self._data():
                    return
            elif verb == "QUIT":
                self._say("221 Bye")
                return
            else:
                if verb == "RCPT":
                    self.server.recipients.append(command.partition("<")[2].partition(">")[0])
                self._say("250 OK")

    def _data(self) -> bool:
        """Receive a message. Returns whether the connection goes on."""
        if self.server.refuse:
            self._say("451 Try again later")
            return True
        self._say("354 Go on")
        body = b""
        while (line := self.rfile.readline()) != b".\r\n":
            body += line.removeprefix(b".") if line.startswith(b"..") else line
        self.server.messages.append(message_from_bytes(body, policy=policy.default))
        if self.server.hang_up:
            return False
        self._say("250 Accepted")
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A server that runs in a thread during the block."""
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def texts(message: EmailMessage) -> tuple[str, str]:
    """The text and the HTML of a message."""
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


def path_in(message: EmailMessage) -> str:
    """The path, with its query, of the link in a message."""
    plain, html = texts(message)
    (path,) = re.findall(r"^https://chirp\.example(/\S+)\s*$", plain, re.MULTILINE)
    assert path.replace("&", "&amp;") in html
    return str(path)
