"""The accounts and tweets of the audiences, made through the API."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tools.attack.audiences.staff import Staff
from tools.attack.audiences.table import SHORT_SUBJECTS, SHORT_VIEWERS, STAFF, TABLE, VIEWERS, See
from tools.attack.operations import Operation
from tools.attack.target import Client, Person, Skipped, Target

LAT, LON = 47.5, 7.6
TAG = "audiences"
CAST = ("stranger", "follower", "mentioned", "answered", "blocked", "blocker", "fan")


@dataclass(frozen=True)
class Secret:
    """Something that not everyone may see. `canary` is a text that occurs nowhere else."""

    subject: str
    form: str  # tweet, reply, quote; bio, fan
    author: Person
    canary: str
    id: str = ""  # of a tweet

    def seen_by(self, viewer: str) -> See:
        """What the table says."""
        return TABLE[self.subject, self.form][viewer]

    def __str__(self) -> str:
        return f"{self.subject} {self.form}"


@dataclass
class Stage:
    """Everything that was made. `did` has the marks that viewers set while they still could."""

    people: dict[str, Person]  # by name in CAST
    authors: dict[str, Person]  # by subject
    viewers: tuple[str, ...] = VIEWERS
    open_tweet: str = ""  # by "answered", and visible to all
    secrets: list[Secret] = field(default_factory=list)
    did: set[tuple[str, str, str]] = field(default_factory=set)  # (viewer, path, tweet id)

    def person(self, viewer: str, secret: Secret | None = None) -> Person | None:
        """The account of a viewer; None for an anonymous visitor."""
        if viewer == "author":
            return secret.author if secret else None
        return self.people.get(viewer)

    @property
    def tweets(self) -> list[Secret]:
        """The secrets that are tweets."""
        return [secret for secret in self.secrets if secret.id]


def build(target: Target, staff: Staff | None) -> Stage:
    """Make everything, and then make secret what is to be secret."""
    subjects = list(dict.fromkeys(subject for subject, _ in TABLE))
    if staff is None:
        subjects = [subject for subject in subjects if subject not in STAFF]
    if target.short:
        subjects = [subject for subject in subjects if subject in SHORT_SUBJECTS]
    stage = Stage(
        {name: target.register(name) for name in CAST},
        {subject: target.register(subject) for subject in subjects},
        SHORT_VIEWERS if target.short else VIEWERS,
    )
    _follow(stage)
    stage.open_tweet = _post(stage.people["answered"], text=f"For everyone. #{TAG}")
    stage.secrets = list(_secrets(stage))
    for secret in stage.tweets:
        _mark(target, stage, secret)
        _refer(stage.people["follower"], secret)
    _close(stage, staff)
    return stage


def _follow(stage: Stage) -> None:
    for author in stage.authors.values():
        for name in ("follower", "blocked"):
            _done(stage.people[name].api, "put", f"/api/users/{author.handle}/follow")
    private = stage.authors["private"]
    _done(stage.people["fan"].api, "put", f"/api/users/{private.handle}/follow")


def _secrets(stage: Stage) -> Iterator[Secret]:
    for subject, form in TABLE:
        author = stage.authors.get(subject)
        if author is None:
            continue
        if form == "fan":
            yield Secret(subject, form, author, stage.people["fan"].handle)
            continue
        canary = f"canary{secrets.token_hex(6)}"
        if form == "bio":
            _done(author.api, "patch", "/api/me", {"bio": canary, "place": canary})
            yield Secret(subject, form, author, canary)
        else:
            yield Secret(subject, form, author, canary, _tweet(stage, subject, form, canary))


def _tweet(stage: Stage, subject: str, form: str, canary: str) -> str:
    author, mentioned = stage.authors[subject], stage.people["mentioned"].handle
    visibility = subject if subject in ("followers", "direct") else "public"
    body: dict[str, Any] = {
        "text": f"{canary} first @{mentioned} #{TAG}",
        "spoiler": canary,
        "visibility": visibility,
        "location": {"lat": LAT, "lon": LON, "name": canary},
    }
    if form == "reply":
        body["reply_to_id"] = stage.open_tweet
    if form == "quote":
        body["quote_of_id"] = stage.open_tweet
    id_ = _post(author, **body)
    edited = {"text": f"{canary} edited @{mentioned} #{TAG}"}
    _done(author.api, "patch", f"/api/tweets/{id_}", edited)
    return id_


def _mark(target: Target, stage: Stage, secret: Secret) -> None:
    """Everyone sets every mark that the API knows, as far as it lets them."""
    for operation in marks(target.operations):
        for viewer in stage.viewers:
            person = stage.person(viewer, secret)
            if person is None:
                continue
            path = operation.path.format(tweet_id=secret.id)
            if person.api.put(path).status_code < 300:
                stage.did.add((viewer, operation.path, secret.id))


def marks(operations: list[Operation]) -> list[Operation]:
    """The operations that set a mark on a tweet: PUT with a path that DELETE has too."""
    undone = {operation.path for operation in operations if operation.method == "delete"}
    return [
        operation
        for operation in operations
        if operation.method == "put"
        and operation.names("path") == ["tweet_id"]
        and operation.path in undone
    ]


def _refer(person: Person, secret: Secret) -> None:
    """Answer and quote the secret openly, as far as the API lets them."""
    for name in ("reply_to_id", "quote_of_id"):
        person.api.post("/api/tweets", json={"text": "See above.", name: secret.id})


def _close(stage: Stage, staff: Staff | None) -> None:
    """Make secret what is to be secret."""
    blocked, blocker = stage.people["blocked"], stage.people["blocker"]
    _done(stage.authors["private"].api, "patch", "/api/me", {"private": True})
    stranger, private = stage.people["stranger"], stage.authors["private"]
    _done(stranger.api, "put", f"/api/users/{private.handle}/follow")  # now a request
    for author in stage.authors.values():
        _done(author.api, "put", f"/api/users/{blocked.handle}/block")
        _done(blocker.api, "put", f"/api/users/{author.handle}/block")
    for secret in stage.tweets:
        if secret.subject == "deleted":
            _done(secret.author.api, "delete", f"/api/tweets/{secret.id}")
        if secret.subject == "hidden" and staff:
            staff.hide(secret.id)
    leaving = stage.authors["deactivated"]
    _done(leaving.api, "post", "/api/me/deactivate", {"password": leaving.password})
    if staff:
        staff.suspend(stage.authors["suspended"].handle)


def _post(person: Person, **body: Any) -> str:
    answer = person.api.post("/api/tweets", json=body)
    if answer.status_code != 201:
        raise Skipped(f"cannot post: {answer.status_code} {answer.text}")
    return str(answer.json()["id"])


def _done(client: Client, method: str, path: str, body: Any = None) -> None:
    answer = client.request(method, path, json=body)
    if answer.status_code >= 300:
        raise Skipped(f"{method} {path} answered {answer.status_code}: {answer.text}")
