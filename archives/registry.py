"""The kinds of archives that can be imported, in the order in which they are recognized."""

from archives import chirp_archive, csv_lists, mastodon_archive, twitter
from archives.files import Archive, BadArchive
from archives.kinds import Kind
from chirp.texts import text as _

KINDS: tuple[Kind, ...] = (
    chirp_archive.ChirpKind(),
    twitter.TwitterKind(),
    mastodon_archive.MastodonKind(),
    *csv_lists.KINDS,
)
BY_NAME = {kind.name: kind for kind in KINDS}
AUTO = "auto"


class UnknownKind(BadArchive):
    """The kind is none of those that can be imported."""

    code = "unknown_kind"
    field = "kind"

    def __init__(self) -> None:
        super().__init__(_("Must be one of %(names)s.", names=", ".join([AUTO, *BY_NAME])))


def kind_of(archive: Archive, wanted: str = AUTO) -> Kind:
    """Return the kind of an archive. Raises BadArchive unless it is of the wanted one."""
    if wanted != AUTO and wanted not in BY_NAME:
        raise UnknownKind
    kinds = KINDS if wanted == AUTO else (BY_NAME[wanted],)
    found = next((kind for kind in kinds if kind.matches(archive)), None)
    if found is None and wanted != AUTO:
        raise BadArchive(_("This is not what was expected: %(kind)s.", kind=kinds[0].label))
    if found is None:
        raise BadArchive
    return found
