"""Imports of archives as their page shows them."""

from dataclasses import dataclass
from datetime import datetime

from archives.models import Import, State
from archives.registry import BY_NAME
from archives.wording import RESULTS
from chirp import texts


@dataclass(frozen=True, slots=True)
class ShownImport:
    """An import. `results` are pairs of words and numbers; `total` is None until it is known."""

    id: int
    title: str
    name: str
    state: str
    is_running: bool
    done: int
    total: int | None
    results: list[tuple[str, int]]
    problems: list[str]
    problems_left: int
    error: str
    created_at: datetime


def shown(row: Import) -> ShownImport:
    """Return an import as its page shows it."""
    kind = BY_NAME.get(row.kind)
    return ShownImport(
        id=row.pk,
        title=texts.shown(kind.label) if kind else row.kind,
        name=row.name,
        state=row.get_state_display(),
        is_running=row.state == State.RUNNING,
        done=row.done,
        total=row.total,
        results=[
            (texts.shown(words), row.results[key])
            for key, words in RESULTS.items()
            if key in row.results
        ],
        problems=row.problems,
        problems_left=row.problems_count - len(row.problems),
        error=row.error,
        created_at=row.created_at,
    )
