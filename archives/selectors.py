"""Read the imports of an account."""

from collections.abc import Sequence

from accounts.models import User
from archives.models import Import
from chirp.errors import NotFound

SHOWN = 20


def access_import(*, owner: User, import_id: int, lock: bool = False) -> Import:
    """Return an import of the owner. With `lock` in a transaction. Raises NotFound."""
    rows = Import.objects.filter(owner=owner, pk=import_id)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise NotFound
    return found


def imports_of(*, owner: User) -> Sequence[Import]:
    """Return the latest imports of an account, newest first."""
    return list(Import.objects.filter(owner=owner).order_by("-pk")[:SHOWN])
