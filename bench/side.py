"""One version of Chirp, run beside another: `python -P bench/side.py PLAN`, by figures/versions.py.

It runs in the checkout of that version, and imports its code: with the checkout as PYTHONPATH.
That can be an older one, so this module uses only what has been in `bench/` since commit 8858dba,
under the names of then and of now.

It starts servers, fills them, starts web processes and workers, and prints a line of JSON (see
`main`). Then each line of its input is answered with the seconds that deliveries lag behind. The
end of its input ends it.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import bench.__main__ as bench_main


def _either(module: str, *names: str) -> Any:
    """The attribute of the module that has one of these names."""
    found = importlib.import_module(module)
    return next(getattr(found, name) for name in names if hasattr(found, name))


def main() -> None:
    """Run this version until the input ends.

    The plan has `graph` (a path, or null), `smoke`, and `authors`: how many accounts that the
    reader follows shall get a token. What is printed has the address of the web, the ids of the
    processes, headers of the reader with a token and with a session, those of the authors and their
    handles, and the tokens and ids of the mix.
    """
    plan = json.loads(sys.argv[1])
    with bench_main._servers() as (var, servers):
        from bench import world
        from bench.context import FULL, SMOKE, Bench
        from outbox import services as outbox

        graph = plan["graph"] and Path(plan["graph"])
        run = Bench(SMOKE if plan["smoke"] else FULL, var, servers, graph, var)
        reader = _either("bench.figures.home", "busy_reader", "_reader")(run)
        town = _either("bench.figures.mix", "create_town", "_create_town", "_town")(run)
        authors = _authors(reader.id, plan["authors"])
        world.execute("VACUUM ANALYZE")
        with run.web() as site, run.workers() as workers:
            told = {
                "url": site.url,
                "web": site.pid,
                "servers": {"Postgres": servers.postgres.pid, "Valkey": servers.valkey.pid},
                "workers": [workers.worker, workers.relay],
                "token": reader.headers,
                "session": _session(reader.id),
                "authors": [
                    {"handle": each.handle, "token": world.token(each.pk)} for each in authors
                ],
                "mix": {"tokens": town.tokens, "ids": town.ids},
            }
            print(json.dumps(told), flush=True)
            for _ in sys.stdin:
                print(outbox.lag_seconds(), flush=True)


def _authors(reader: int, number: int) -> list[Any]:
    """The first accounts that the reader follows, but for one that it has muted."""
    from django.apps import apps

    # Its app has changed since then.
    follow: Any = next(model for model in apps.get_models() if model.__name__ == "Follow")
    edges = follow.objects.filter(follower_id=reader).order_by("followee_id")
    return [edge.followee for edge in edges.select_related("followee")[1 : number + 1]]


def _session(id_: int) -> dict[str, str]:
    """The headers of a browser in which the account is signed in."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    account = _either("bench.world", "account", "person")(id_)
    browser = Client()
    browser.force_login(account)
    try:
        sessions = importlib.import_module("accounts.sessions")
    except ModuleNotFoundError:
        pass  # signing in was not noted then
    else:
        key = browser.session.session_key or ""
        sessions.begin(user=account, session_key=key, agent="", address="", now=timezone.now())
    name = settings.SESSION_COOKIE_NAME
    return {"Cookie": f"{name}={browser.cookies[name].value}"}


if __name__ == "__main__":
    main()
