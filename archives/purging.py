"""Forget imports and exports of an account that is purged: steps of accounts/purging.py."""

from archives.exporting.services import forget_of
from archives.models import Import, Record
from archives.services import remove_files

BATCH = 1_000


def imports(*, user_id: int) -> bool:
    """Delete a batch of what is left to import, then the uploaded archives."""
    left = Record.objects.filter(of__owner=user_id).order_by("pk")
    ids = list(left.values_list("pk", flat=True)[:BATCH])
    if ids:
        Record.objects.filter(pk__in=ids).delete()
        return True
    remove_files(owner_id=user_id)
    return bool(Import.objects.filter(owner=user_id).delete()[0])


def exports(*, user_id: int) -> bool:
    """Delete the exports, with their files."""
    return forget_of(owner_id=user_id)
