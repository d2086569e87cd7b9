"""Requests of every operation and of every page, made from their parameters.

A parameter that is not listed here makes `unknown` return what to add. So a new endpoint is
attacked from its first day on, or says that it is not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urlencode

from tools.attack.audiences.stage import LAT, LON, OBJECTS, PROBE, TAG, Stage
from tools.attack.operations import Json, Operation, fields, placed, sample
from tools.attack.pages import PagePath

# Parameters of paths that name a tweet, or an account; and others, with their value.
TWEETS = {"tweet_id", "poll_id", "quote_id"}
ACCOUNTS = {"handle"}
PATH = {"tag": TAG, "name": "home", "section": "people", "form": "json"}
# The accounts at which writes on accounts are tried. Those of other subjects are like the public.
ACCOUNT_SUBJECTS = {"public", "private", "suspended", "deactivated"}
# Parameters of queries, and their values: each is tried. None of them leaves the parameter out.
QUERY: dict[str, tuple[str, ...]] = {
    "limit": ("100",),
    "cursor": (),
    "lat": (str(LAT),),
    "lon": (str(LON),),
    "radius_km": ("50",),
    "type": ("tweets", "users"),
    "q": (PROBE,),
    "kinds": (),
    "view": ("latest", "ranked"),
}
# Fields of bodies that name a tweet.
NAMES_A_TWEET = {"reply_to_id", "quote_of_id", "tweet_ids"}
# Fields that look as if they named something, and do not: (method and path, field).
NAMES_NOTHING = {
    ("POST /api/auth/register", "handle"): "the handle of the new account",
    ("POST /api/reports", "handle"): "an account, whose bare profile everybody sees",
    ("POST /api/reports", "rule_ids"): "rules of the site, which everybody reads",
    ("PUT /api/markers/{name}", "last_read_id"): "a position, which need not be a tweet",
    **{
        (operation, "media_ids"): "uploads, which api/tests/test_media.py takes from others"
        for operation in (
            *("POST /api/tweets", "POST /api/threads", "POST /api/drafts", "POST /api/scheduled"),
            *("PUT /api/drafts/{draft_id}", "PATCH /api/scheduled/{scheduled_id}"),
        )
    },
}
# Operations that keep a body and look at what it names only later, when they post it.
KEEP_BODIES = {
    *("POST /api/drafts", "PUT /api/drafts/{draft_id}"),
    *("POST /api/scheduled", "PATCH /api/scheduled/{scheduled_id}"),
}
# Operations that are not attacked, each with the reason.
EXEMPT: dict[str, str] = {
    **{
        f"{method} /api/media/{{media_id}}": "an upload is no JSON: api/tests/test_media.py asks"
        for method in ("GET", "PATCH")
    },
    "PUT /api/announcements/{announcement_id}/dismissed": "it is about no account and no tweet",
    "POST /api/me/strikes/{strike_id}/appeal": "moderators make strikes: api/tests/test_reports.py",
    **dict.fromkeys(
        (
            "GET /api/conversations/{conversation_id}/tweets",
            "POST /api/conversations/{conversation_id}/read",
        ),
        "each account has its own ids: api/tests/test_conversations.py asks for others",
    ),
    **dict.fromkeys(
        (
            "GET /api/invitations/{invitation_id}",
            "DELETE /api/invitations/{invitation_id}",
            "GET /api/staff/applications",
            "POST /api/staff/applications/{application_id}/approve",
            "POST /api/staff/applications/{application_id}/reject",
        ),
        "api/tests/test_joining.py asks for those of others, and as others than staff",
    ),
    **dict.fromkeys(
        ("GET /api/me/imports/{import_id}", "DELETE /api/me/imports/{import_id}"),
        "each account has its own ids: api/tests/test_archives.py asks for others",
    ),
    "POST /api/me/factors/{factor_id}/remove": "api/tests/test_two_step.py removes those of others",
    "GET /api/stream": "a stream has no end: streaming/tests/test_streams.py listens as others",
    "DELETE /api/me/push/{device_id}": "api/tests/test_push.py takes out those of others",
    "DELETE /api/me/sessions/{session_id}": "accounts/tests/test_sessions.py ends those of others",
}
# Parameters of queries of pages; the others have "limit" only.
PAGE_PARAMETERS = {
    "/nearby": ("limit", "lat", "lon", "radius_km"),
    "/search": ("limit", "q", "type"),
    "/search/complete": ("q",),
}
# Pages whose query or form names a tweet.
PAGE_QUERIES = {
    "/compose": ("reply_to", "quote"),
}
PAGE_FORMS = {"/compose": NAMES_A_TWEET}
# Pages that are the same for everybody: they show what nobody in particular may see.
SAME_FOR_ALL = {
    *("/@{handle}.rss", "/@{handle}/feed.{form}", "/tags/{tag}.rss", "/hashtag/{tag}/feed.{form}"),
    *("/lists/{list_id}/feed.{form}", "/@{handle}/{tweet_id}/embed"),
}
# Pages that are not attacked, each with the reason.
LEFT_ALONE = {
    "/conversations/{conversation_id}": "as in the API: see EXEMPT",
    "/media/{key}/{name}": "web/tests/test_media.py asks for files on behalf of all of them",
    "/notifications/unsubscribe/{token}": "it looks at nobody but the owner of the token",
    "/settings/strikes/{strike_id}/appeal": "as in the API: see EXEMPT",
    "/announcements/{announcement_id}/dismiss": "it is about no account and no tweet",
    "/settings/import/{import_id}/cancel": "as in the API: see EXEMPT",
    "/settings/invitations/{invitation_id}/revoke": "as in the API: see EXEMPT",
    "/settings/two-step/{factor_id}/remove": "web/tests/test_two_step.py removes those of others",
    "/settings/two-step/{factor_id}/rename": "web/tests/test_passkeys.py renames those of others",
    "/login/sso": "it leads away from the site: web/tests/test_sso.py",
    "/login/sso/back": "it needs a provider: web/tests/test_sso.py",
    "/logout": "it ends the viewer's session",
    "/status": "it shows no account, and looks up its viewer outside of a test's transaction",
}


@dataclass(frozen=True)
class Row:
    """One request. `names` are the ids and handles that it names."""

    method: str
    template: str  # the path with the names of its parameters
    path: str  # with their values, and the query
    names: frozenset[str]
    body: Any = None  # JSON for the API, and a form for pages

    @property
    def is_page(self) -> bool:
        """Whether this is a page of the site rather than a row of the API."""
        return not self.template.startswith("/api/")


def unknown(operations: Iterable[Operation]) -> list[str]:
    """What has to be added to this module before these operations can be attacked."""
    return [
        line
        for operation in operations
        if str(operation) not in EXEMPT
        for line in (*_unknown_parameters(operation), *_unknown_fields(operation))
    ]


def _unknown_parameters(operation: Operation) -> Iterator[str]:
    in_paths = {*PATH, *TWEETS, *ACCOUNTS, *OBJECTS}
    for place, known in (("path", in_paths), ("query", set(QUERY))):
        for name in sorted(set(operation.names(place)) - known):
            yield (
                f"{operation}: the {place} parameter `{name}` is unknown. Add it to "
                f"{place.upper()} in tools/attack/audiences/rows.py (to OBJECTS in stage.py if it "
                "names something that an account owns), or the operation to EXEMPT."
            )


def _unknown_fields(operation: Operation) -> Iterator[str]:
    known = set(fields(operation.body or {}))
    for path in sorted(known):
        name = path[-1]
        looks = name.endswith(("_id", "_ids", "handle", "handles", "tweet", "tweets"))
        if not looks or name in NAMES_A_TWEET or (str(operation), name) in NAMES_NOTHING:
            continue
        if any(inner[: len(path)] == path for inner in known - {path}):
            continue  # an object, whose fields are listed themselves
        yield (
            f"{operation}: the field `{'.'.join(path)}` may name something. Add it to "
            "NAMES_A_TWEET or NAMES_NOTHING in tools/attack/audiences/rows.py."
        )


def reads(stage: Stage, operations: Iterable[Operation], pages: Iterable[PagePath]) -> list[Row]:
    """Every GET request of the API and of the pages, for everything on the stage."""
    rows: list[Row] = []
    for operation in operations:
        if operation.method == "get" and str(operation) not in EXEMPT:
            for query in queries(stage, operation.names("query")):
                rows += places(stage, "get", operation.path, operation.names("path"), query)
    for page in pages:
        if page.path in LEFT_ALONE:
            continue
        names = PAGE_PARAMETERS.get(page.path, ("limit",))
        for query in queries(stage, names):
            rows += places(stage, "get", page.path, page.parameters, query)
        for name, (id_, _) in product(PAGE_QUERIES.get(page.path, ()), tweets(stage)):
            path = f"{page.path}?{name}={id_}"
            rows.append(Row("get", page.path, path, frozenset({id_})))
    return rows


def writes(stage: Stage, operations: Iterable[Operation], pages: Iterable[PagePath]) -> list[Row]:
    """Every request that changes a secret tweet, or refers to one."""
    rows: list[Row] = []
    for operation in operations:
        if operation.method == "get" or str(operation) in EXEMPT:
            continue
        names = operation.names("path")
        if not {*TWEETS, *OBJECTS}.isdisjoint(names):
            for row in places(stage, operation.method, operation.path, names):
                rows.append(_with(row, sample(operation.body) if operation.body else None))
        rows += references(stage, operation)
    for page in pages:
        if "tweet_id" in page.parameters:
            for row in places(stage, "post", page.path, page.parameters):
                rows.append(_with(row, {"text": "Mine now."}))
        for name, (id_, _) in product(PAGE_FORMS.get(page.path, ()), tweets(stage)):
            form = {"text": "See above.", name: id_}
            rows.append(Row("post", page.path, page.path, frozenset({id_}), form))
    return rows


def account_writes(
    stage: Stage, operations: Iterable[Operation], pages: Iterable[PagePath]
) -> Iterator[tuple[Row, str]]:
    """Every request that changes something about an account alone, and the kind of the account."""
    sent = [
        (operation.method, operation.path, sample(operation.body) if operation.body else None)
        for operation in operations
        if operation.method != "get" and set(operation.names("path")) == ACCOUNTS
    ]
    sent += [("post", page.path, {}) for page in pages if set(page.parameters) == ACCOUNTS]
    for method, path, body in sent:
        for subject in ACCOUNT_SUBJECTS & set(stage.authors):
            handle = stage.authors[subject].handle
            at = path.format(handle=handle)
            yield Row(method, path, at, frozenset({handle}), body), subject


def references(stage: Stage, operation: Operation) -> Iterator[Row]:
    """The requests of an operation whose body names a tweet in one of its fields."""
    body: Json = {} if str(operation) in KEEP_BODIES else operation.body or {}
    for path, schema in fields(body).items():
        if path[-1] not in NAMES_A_TWEET:
            continue
        for id_, _ in tweets(stage):
            value = [id_] if schema.get("type") == "array" else id_
            sent = placed(sample(body), path, value)
            yield Row(operation.method, operation.path, operation.path, frozenset({id_}), sent)


def places(
    stage: Stage, method: str, path: str, names: Iterable[str], query: Json | None = None
) -> list[Row]:
    """A request for each tweet, or each account, that the path can name."""
    end = f"?{urlencode(query)}" if query else ""
    template = path
    path = path.replace("{quote_id}", "{tweet_id}").replace("{poll_id}", "{tweet_id}")
    names = set(names)
    made = names & set(OBJECTS)
    found: list[tuple[dict[str, str], set[str]]]
    if made:
        others = {**dict.fromkeys(names, stage.people["mentioned"].handle), **PATH}
        found = [
            ({**others, each.form: each.id}, {each.id})
            for each in stage.secrets
            if each.form in made
        ]
    elif names & TWEETS:
        found = [({"tweet_id": id_, "handle": by}, {id_, by}) for id_, by in tweets(stage)]
    elif names & ACCOUNTS:
        found = [({"handle": handle}, {handle}) for handle in handles(stage)]
    else:
        found = [({}, set())]
    return [
        Row(method, template, path.format(**{**PATH, **values}) + end, frozenset(named))
        for values, named in found
    ]


def queries(stage: Stage, names: Iterable[str]) -> list[dict[str, str]]:
    """Every combination of the values of these parameters; searches are for each tweet and bio."""
    values = {name: QUERY[name] for name in names if QUERY[name]}
    if "q" in values:
        searched = (secret for secret in stage.secrets if secret.form in ("tweet", "bio"))
        values["q"] = tuple(secret.probe for secret in searched)
    return [dict(zip(values, each, strict=True)) for each in product(*values.values())]


def tweets(stage: Stage) -> list[tuple[str, str]]:
    """The tweets on the stage: (id, handle of the author)."""
    secrets = [(secret.id, secret.author.handle) for secret in stage.tweets]
    return [(stage.open_tweet, stage.people["answered"].handle), *secrets]


def handles(stage: Stage) -> list[str]:
    """The accounts whose profiles may show something secret."""
    people = [stage.people["answered"], stage.people["follower"], *stage.authors.values()]
    return [person.handle for person in people]


def _with(row: Row, body: Any) -> Row:
    return Row(row.method, row.template, row.path, row.names, body)
