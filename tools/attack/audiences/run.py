"""The attack: build the stage, send everything, and say what was wrong."""

import time
from collections.abc import Callable, Iterator

from tools.attack.audiences import apps, checks, rows
from tools.attack.audiences.checks import Edges, State
from tools.attack.audiences.staff import AdminStaff, Staff
from tools.attack.audiences.stage import build
from tools.attack.pages import page_paths
from tools.attack.target import Skipped, Target

WORKERS_SECONDS = 3.0  # in which the workers of a site without load have done their work


def attack(
    target: Target,
    *,
    staff: Staff | None = None,
    state: State = checks.author_s_view,
    edges: Edges = frozenset,
    settle: Callable[[], object] = lambda: time.sleep(WORKERS_SECONDS),
) -> Iterator[str]:
    """Send every row as every viewer.

    `edges` returns all relations between accounts, as far as the attacker can know them.
    Raises Skipped at the end if what needs staff was left out.
    """
    missing = rows.unknown(target.operations)
    if missing:
        yield from missing
        return
    if staff is None and target.staff is not None:
        staff = AdminStaff(target)
    stage = build(target, staff, settle)
    pages = [] if target.short else page_paths()
    yield from checks.check_controls(target, stage)
    yield from checks.check_reads(target, stage, pages)
    yield from checks.check_writes(target, stage, pages, state)
    if not target.short:
        yield from apps.check(target, stage, state)
    # Last, since what one may do to accounts ends blocks and follows.
    yield from checks.check_account_writes(target, stage, pages, edges)
    if staff is None:
        raise Skipped(
            "all else held, but suspended accounts and hidden tweets need a superuser: "
            "ATTACK_STAFF=handle:password"
        )
