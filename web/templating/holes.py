"""Holes in cached HTML: what differs at every request is left open, and is filled in last."""

import re
from collections.abc import Mapping

from django.utils.safestring import SafeString

CSRF_HOLE, HERE_HOLE, QUOTED_HERE_HOLE = "\0csrf\0", "\0here\0", "\0quoted here\0"
POSITION_HOLE = "\0position\0"  # of a tweet in its list, from 1

# HTML in pieces: text and holes by turns.
Pieces = tuple[str, ...]

# No text that users write holds NUL, which PostgreSQL does not keep: nothing typed is a hole.
_HOLE = re.compile("(\0[^\0]+\0)")


def pieces_of(html: str) -> Pieces:
    """HTML, cut at its holes."""
    return tuple(_HOLE.split(html))


def fill(pieces: Pieces, holes: Mapping[str, str]) -> SafeString:
    """The HTML with its holes filled. `holes` has what stands in each of them, escaped."""
    filled = list(pieces)
    filled[1::2] = [holes[hole] for hole in pieces[1::2]]
    # Templates and `holes` have escaped all of it.
    return SafeString("".join(filled))
