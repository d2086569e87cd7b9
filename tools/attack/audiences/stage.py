"""The accounts and tweets of the audiences, made through the API."""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.attack.audiences.staff import Staff
from tools.attack.audiences.table import (
    OWN,
    SHORT_SUBJECTS,
    SHORT_VIEWERS,
    STAFF,
    TABLE,
    VIEWERS,
    See,
)
from tools.attack.operations import Operation
from tools.attack.target import Client, Person, Skipped, Target

LAT, LON = 47.5, 7.6
TAG = "audiences"
PROBE = "probe"  # begins the word by which a secret is searched
CANARY = "canary"
_SOON = datetime.now(UTC) + timedelta(days=30)
PARAMETER = re.compile(r"{(\w+)}")
# What an account makes for itself, by the name of the parameter that names it: the POST that makes
# it. Nobody else may see it. Entries whose endpoint is not there are skipped.
OBJECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "list_id": ("/api/lists", {"name": CANARY, "private": True}),
    "filter_id": (
        "/api/filters",
        {"title": CANARY, "phrases": [{"text": CANARY}], "contexts": ["home"]},
    ),
    "draft_id": ("/api/drafts", {"tweets": [{"text": CANARY}]}),
    "scheduled_id": (
        "/api/scheduled",
        {
            "tweets": [{"text": CANARY}],
            "due_at": f"{_SOON:%FT%TZ}",
        },
    ),
}
CAST = ("stranger", "follower", "mentioned", "answered", "blocked", "blocker", "fan")


@dataclass(frozen=True)
class Secret:
    """Something that not everyone may see. `canary` is a text that occurs nowhere else."""

    subject: str
    form: str  # tweet, reply, quote; bio, fan; or the parameter of an object
    author: Person
    canary: str
    id: str = ""  # of a tweet

    def seen_by(self, viewer: str) -> See:
        """What the table says."""
        return (OWN if self.form in OBJECTS else TABLE[self.subject, self.form])[viewer]

    @property
    def probe(self) -> str:
        """A word of the same text, by which it can be searched."""
        return _probe(self.canary)

    def __str__(self) -> str:
        return f"{self.subject} {self.form}"


@dataclass
class Stage:
    """Everything that was made. `did` has the marks that viewers set while they still could."""

    base: str  # the URL of the site
    people: dict[str, Person]  # by name in CAST
    authors: dict[str, Person]  # by subject
    viewers: tuple[str, ...] = VIEWERS
    marks: frozenset[str] = frozenset()  # paths of marks on a tweet
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
        return [secret for secret in self.secrets if secret.id and secret.form not in OBJECTS]


def build(target: Target, staff: Staff | None, settle: Callable[[], object]) -> Stage:
    """Make everything, and then make secret what is to be secret.

    `settle` lets the workers do what is left to do while everything is still open, such as filling
    timelines and the index of the search. Nobody waits for them afterwards: reads decide.
    """
    subjects = list(dict.fromkeys(subject for subject, _ in TABLE))
    if staff is None:
        subjects = [subject for subject in subjects if subject not in STAFF]
    if target.short:
        subjects = [subject for subject in subjects if subject in SHORT_SUBJECTS]
    stage = Stage(
        target.base,
        {name: target.register(name) for name in CAST},
        {subject: target.register(subject) for subject in subjects},
        SHORT_VIEWERS if target.short else VIEWERS,
        frozenset(mark_paths(target.operations)),
    )
    _follow(stage)
    stage.open_tweet = _post(stage.people["answered"], text=f"For everyone. #{TAG}")
    stage.secrets = [*_secrets(stage), *_objects(target, stage)]
    for secret in stage.tweets:
        _mark(stage, secret)
        _refer(stage.people["follower"], secret)
    for person in stage.people.values():
        person.api.get("/api/timelines/home")  # fills what is filled by reading
    settle()
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
        canary = _canary()
        if form == "bio":
            _done(
                author.api,
                "patch",
                "/api/me",
                {"bio": f"{canary} {_probe(canary)}", "place": canary},
            )
            yield Secret(subject, form, author, canary)
        else:
            yield Secret(subject, form, author, canary, _tweet(stage, subject, form, canary))


def _objects(target: Target, stage: Stage) -> Iterator[Secret]:
    posts = {operation.path for operation in target.operations if operation.method == "post"}
    author = stage.authors["private"]
    for name, (path, body) in OBJECTS.items():
        if path in posts:
            canary = _canary()
            sent = json.loads(json.dumps(body).replace(CANARY, canary))
            answer = author.api.post(path, json=sent)
            if answer.status_code != 201:
                raise Skipped(f"POST {path} answered {answer.status_code}: {answer.text}")
            yield Secret("private", name, author, canary, str(answer.json()["id"]))


def _canary() -> str:
    return f"{CANARY}{secrets.token_hex(6)}"


def _probe(canary: str) -> str:
    return canary.replace(CANARY, PROBE)


def _tweet(stage: Stage, subject: str, form: str, canary: str) -> str:
    author, mentioned = stage.authors[subject], stage.people["mentioned"].handle
    visibility = subject if subject in ("followers", "direct") else "public"
    body: dict[str, Any] = {
        "text": f"{canary} {_probe(canary)} first @{mentioned} #{TAG}",
        "spoiler": canary,
        "visibility": visibility,
        "location": {"lat": LAT, "lon": LON, "name": canary},
    }
    if form == "reply":
        body["reply_to_id"] = stage.open_tweet
    if form == "quote":
        body["quote_of_id"] = stage.open_tweet
    id_ = _post(author, **body)
    edited = {"text": f"{canary} {_probe(canary)} edited @{mentioned} #{TAG}"}
    _done(author.api, "patch", f"/api/tweets/{id_}", edited)
    return id_


def _mark(stage: Stage, secret: Secret) -> None:
    """Everyone sets every mark that the API knows, as far as it lets them."""
    for mark in sorted(stage.marks):
        for viewer in stage.viewers:
            person = stage.person(viewer, secret)
            if person and person.api.put(mark.format(tweet_id=secret.id)).status_code < 300:
                stage.did.add((viewer, mark, secret.id))


def mark_paths(operations: list[Operation]) -> set[str]:
    """The paths of marks on a tweet, such as likes: those that PUT sets and DELETE takes back."""
    set_by = {each.path for each in operations if each.method == "put"}
    undone = {each.path for each in operations if each.method == "delete"}
    return {path for path in set_by & undone if PARAMETER.findall(path) == ["tweet_id"]}


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
