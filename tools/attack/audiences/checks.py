"""Send the rows as each viewer, and compare with the table."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

import requests

from tools.attack.audiences import rows
from tools.attack.audiences.rows import Row
from tools.attack.audiences.stage import OBJECTS, Secret, Stage
from tools.attack.audiences.table import GONE, See
from tools.attack.pages import PagePath
from tools.attack.target import Target

REFUSED = {401, 403, 404}
ONLY_ITS_AUTHOR = ("patch", "delete")  # of the tweet itself
MUTES = ("/api/tweets/{tweet_id}/mute", "/@{handle}/{tweet_id}/mute-conversation")
REPORTS = "/api/reports"
VOTES = "/api/polls/{poll_id}/votes"
# Pages that take something back under a name of their own.
TAKING_BACK = {"unmute-conversation": MUTES[0], "unvote": VOTES}
QUOTED = re.compile(r'"(?:quote_of_id|quoted_status_id)":\s*"\d+"')
State = Callable[[Secret], object]


class Edge(NamedTuple):
    """A relation between two accounts, by their handles: follow, request, block or mute."""

    kind: str
    by: str
    of: str


Edges = Callable[[], frozenset[Edge]]


class Viewers:
    """The clients of each viewer: with an access token for the API, a browser for pages."""

    def __init__(self, target: Target, stage: Stage) -> None:
        self._stage = stage
        self._nobody = target.client()
        self._missing: set[tuple[str, str]] = set()

    def takes(self, row: Row) -> bool:
        """Whether the path of a row has its method, as far as is known."""
        return (row.method, row.template) not in self._missing

    def send(self, viewer: str, row: Row, secret: Secret | None = None) -> requests.Response:
        """Send a row as this viewer; as the author, as the one of this secret."""
        answer = self._sent(viewer, row, secret)
        if answer.status_code == 405:
            self._missing.add((row.method, row.template))
        return answer

    def _sent(self, viewer: str, row: Row, secret: Secret | None) -> requests.Response:
        person = self._stage.person(viewer, secret)
        if not row.is_page:
            client = person.api if person else self._nobody
            return client.request(row.method, row.path, json=row.body)
        browser = person.site if person else self._nobody
        if row.method == "get":
            return browser.get(row.path)
        return browser.submit(row.path, row.body)


def check_reads(target: Target, stage: Stage, pages: Iterable[PagePath]) -> Iterator[str]:
    """What a viewer was shown and may not see, or was not shown and should have been."""
    viewers = Viewers(target, stage)
    for row in rows.reads(stage, target.operations, pages):
        for viewer in _viewers(stage, row) if viewers.takes(row) else ():
            for secret in authors(stage, row) if viewer == "author" else [None]:
                answer = viewers.send(viewer, row, secret)
                yield from wrong_read(stage, row, viewer, secret, answer)


def _viewers(stage: Stage, row: Row) -> Iterable[str]:
    return ("nobody",) if row.template in rows.SAME_FOR_ALL else stage.viewers


def authors(stage: Stage, row: Row) -> list[Secret | None]:
    """The author of what a row names: nobody is the author of everything.

    An account that is gone has no browser to look with, only an old access token.
    """
    named = [
        secret
        for secret in stage.secrets
        if (secret.id or secret.author.handle) in row.names
        and not (row.is_page and secret.subject in GONE)
    ]
    return list(named[:1])


def wrong_read(
    stage: Stage, row: Row, viewer: str, as_: Secret | None, answer: requests.Response
) -> Iterator[str]:
    said = f"{row.method.upper()} {row.path} as {viewer} answered {answer.status_code}"
    if answer.status_code >= 500:
        yield said
    for secret in stage.secrets:
        if viewer == "author" and as_ and as_.author is not secret.author:
            continue  # somebody else's: a stranger, who has a turn of their own
        if shows(secret, row, viewer, answer) and not may_see(secret, viewer, row):
            yield f"{said}, with the {secret} of @{secret.author.handle}"
        if secret.id in row.names and secret.id:
            yield from _wrong_status(secret, row, viewer, answer, said)


def may_see(secret: Secret, viewer: str, row: Row) -> bool:
    see = secret.seen_by(viewer)
    if secret.form == "fan":  # a handle, which may occur wherever the author is not named
        return see is See.YES or secret.author.handle not in row.names
    named = secret.author.handle in row.names or secret.id in row.names
    return see is See.YES or (see is See.NAMED and named)


def shows(secret: Secret, row: Row, viewer: str, answer: requests.Response) -> bool:
    """Whether an answer has the text of a secret, or its id, which the request did not name.

    By decision a quote keeps the id of what it quotes. An id is no secret to those who block its
    author.
    """
    if secret.canary in answer.text:
        return True
    if secret.form in OBJECTS:  # their ids are small numbers, which occur everywhere
        return False
    is_hidden = secret.id and secret.id not in row.names and secret.seen_by(viewer) is See.NO
    return bool(is_hidden) and secret.id in QUOTED.sub("", answer.text)


def _wrong_status(
    secret: Secret, row: Row, viewer: str, answer: requests.Response, said: str
) -> Iterator[str]:
    """A tweet that is there for a viewer is a 200; of another, whatever is asked is refused."""
    if secret.seen_by(viewer) is See.NO and not is_refused(answer):
        yield f"{said}: the {secret} is not for them"
    shown = row.template in ("/api/tweets/{tweet_id}", "/@{handle}/{tweet_id}")
    if shown and secret.seen_by(viewer) is not See.NO and secret.canary not in answer.text:
        yield f"{said}, without the {secret}, which is for them"


def is_refused(answer: requests.Response) -> bool:
    """Whether the answer is a refusal: for pages also by the way to the log-in."""
    away = answer.status_code == 302 and "/login" in answer.headers["Location"]
    return answer.status_code in REFUSED or answer.status_code == 405 or away


def check_writes(
    target: Target, stage: Stage, pages: Iterable[PagePath], state: State
) -> Iterator[str]:
    """What a viewer could change although they may not see it, or only its author may change it."""
    viewers = Viewers(target, stage)
    known = Known(state)
    for row in rows.writes(stage, target.operations, pages):
        for secret in stage.secrets:
            if _names(row, secret) and viewers.takes(row):
                look = Known(partial(_own_view, row)) if secret.form in OBJECTS else known
                yield from _wrong_writes(stage, viewers, row, secret, look)


class Known:
    """The state of each secret when it was last looked at."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._last: dict[str, object] = {}

    def look(self, secret: Secret) -> bool:
        """Look at a secret, and return whether it has changed since the last time."""
        before, now = self._last.get(str(secret)), self._state(secret)
        self._last[str(secret)] = now
        return before is not None and now != before


def _wrong_writes(
    stage: Stage, viewers: Viewers, row: Row, secret: Secret, known: Known
) -> Iterator[str]:
    """Send a row about a secret as everybody who must not change it.

    After a refusal nobody looks whether it was one: only after the last. That saves most looks.
    """
    sent = [viewer for viewer in stage.viewers if not _is_allowed(secret, viewer, row)]
    known.look(secret)
    for viewer in sent:
        answer = viewers.send(viewer, row, secret)
        is_looked_at = not is_refused(answer) or viewer == sent[-1]
        is_changed = is_looked_at and known.look(secret)
        yield from _wrong_write(stage, secret, viewer, row, answer, is_changed)


def _names(row: Row, secret: Secret) -> bool:
    """Whether a row is about a secret. Ids of objects are small, and those of two kinds alike."""
    if secret.form in OBJECTS and f"{{{secret.form}}}" not in row.template:
        return False
    return secret.id in row.names


def _own_view(row: Row, secret: Secret) -> object:
    """An object as its owner sees it."""
    answer = secret.author.api.get(row.path)
    return answer.status_code, answer.text


def _wrong_write(
    stage: Stage,
    secret: Secret,
    viewer: str,
    row: Row,
    answer: requests.Response,
    is_changed: bool,
) -> Iterator[str]:
    said = f"{row.method.upper()} {row.path} as {viewer} answered {answer.status_code}"
    if shows(secret, row, viewer, answer) and not may_see(secret, viewer, row):
        yield f"{said}, with the {secret}"
    if mark := _taken_back(stage, row):
        done = (viewer, mark, secret.id)
        if done in stage.did and answer.status_code >= 400:
            yield f"{said}, although {viewer} had done that"
        if done not in stage.did and is_changed:
            yield f"{said} and changed the {secret}, to which they had done nothing"
        stage.did.discard(done)
        return
    # There is nothing of theirs to delete, which is what they asked for.
    is_done = row.method == "delete" and answer.status_code == 204 and secret.form in OBJECTS
    is_invalid = row.body is not None and answer.status_code == 400
    if not (is_refused(answer) or is_done or is_invalid):
        yield f"{said}: the {secret} is not for them to change"
    if is_changed:
        yield f"{said} and changed the {secret}"


def _is_allowed(secret: Secret, viewer: str, row: Row) -> bool:
    if viewer == "author":
        return True
    its_own = row.template.endswith("{tweet_id}") and row.method in ONLY_ITS_AUTHOR
    own_pages = row.template.endswith(("/edit", "/delete"))
    if its_own or own_pages:
        return False
    if row.template.endswith("/detach") and viewer == "answered":
        return True  # it is their tweet that is quoted
    see = secret.seen_by(viewer)
    # Who blocks an author may still be done with a conversation, and report a tweet.
    return see is See.YES or (see is See.NAMED and row.template in (*MUTES, REPORTS))


def _taken_back(stage: Stage, row: Row) -> str:
    """The mark that a row takes back: by DELETE, or by the page `/un...`. Empty for other rows.

    What one did one can undo, whatever became of the tweet.
    """
    verb = row.template.rpartition("/")[2]
    path = row.template
    if row.is_page and verb in TAKING_BACK:
        path = TAKING_BACK[verb]
    elif row.is_page and verb.startswith("un"):
        path = f"/api/tweets/{{tweet_id}}/{verb.removeprefix('un')}"
    elif row.method != "delete":
        return ""
    return path if path in stage.marks or path == VOTES else ""


def check_account_writes(
    target: Target, stage: Stage, pages: Iterable[PagePath], edges: Edges
) -> Iterator[str]:
    """What a viewer could do to an account, or by an account, that they must not.

    Whatever they send, only what is between the two of them may change. Nobody follows an account
    that is gone, across a block, or that is private and did not accept it.
    """
    viewers = Viewers(target, stage)
    senders = [viewer for viewer in stage.viewers if viewer != "author"]
    before = edges()
    for row, subject in rows.account_writes(stage, target.operations, pages):
        for viewer in senders if viewers.takes(row) else ():
            answer = viewers.send(viewer, row)
            is_looked_at = not is_refused(answer) or viewer == senders[-1]
            after = edges() if is_looked_at else before
            said = f"{row.method.upper()} {row.path} as {viewer} answered {answer.status_code}"
            person = stage.person(viewer)
            pair = {stage.authors[subject].handle, person.handle if person else ""}
            yield from _wrong_account_write(stage, row, subject, viewer, answer, said)
            yield from wrong_edges(before, after, subject, pair, said)
            before = after


def _wrong_account_write(
    stage: Stage, row: Row, subject: str, viewer: str, answer: requests.Response, said: str
) -> Iterator[str]:
    if answer.status_code >= 500:
        yield said
    takes_back = row.method == "delete" or "/un" in row.template
    if (viewer == "nobody" or (subject in GONE and not takes_back)) and not is_refused(answer):
        yield f"{said}: the account is not there for them"
    for secret in stage.secrets:
        if shows(secret, row, viewer, answer) and not may_see(secret, viewer, row):
            yield f"{said}, with the {secret}"


def wrong_edges(
    before: frozenset[Edge], after: frozenset[Edge], subject: str, pair: set[str], said: str
) -> Iterator[str]:
    """What changed between accounts and must not: `pair` are the viewer and the account."""
    for edge in before ^ after:
        if {edge.by, edge.of} != pair:
            yield f"{said} and changed what is between others: {edge}"
    blocks = {frozenset((edge.by, edge.of)) for edge in before if edge.kind == "block"}
    is_closed = subject in GONE or subject == "private" or frozenset(pair) in blocks
    for edge in after - before if is_closed else ():
        if edge.kind == "follow":
            yield f"{said} and made a follow: {edge}"


def check_controls(target: Target, stage: Stage) -> Iterator[str]:
    """Bodies that the generator makes have to be valid: otherwise their refusal proves nothing."""
    for operation in target.operations:
        for row in rows.references(stage, operation):
            if row.names == {stage.open_tweet}:
                answer = stage.people["follower"].api.request(row.method, row.path, json=row.body)
                if answer.status_code >= 300:
                    yield (
                        f"{operation} refused a body about a public tweet: {answer.text} Add a "
                        "value to SAMPLES in tools/attack/operations.py."
                    )


def author_s_view(secret: Secret) -> object:
    """The state of a secret, as far as its author sees it."""
    answer = secret.author.api.get(f"/api/tweets/{secret.id}")
    return answer.status_code, answer.text
