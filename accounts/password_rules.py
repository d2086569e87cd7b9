"""Which passwords are too easy to guess: a validator for Django's framework.

A common password with a little decoration is still one of the first that are tried. So case,
separators, numbers and punctuation at the ends, lookalikes such as @ for a, and repetition are
undone. What is left must not be a common password, a word that everybody thinks of, or a name of
the account.
"""

import re
from calendar import day_name, month_name
from itertools import pairwise
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

DISTINCT_CHARACTERS = 5
SHORTEST_WORD = 3  # the list of common passwords has single letters too
WORDS = frozenset(
    {
        *("spring", "summer", "autumn", "fall", "winter"),
        *(name.lower() for name in (*day_name, *month_name) if name),
        *("chirp", "chirper", "chirping", "tweet", "tweets", "tweeting", "twitter"),
        *("passphrase", "mypassword", "changeme", "letmein", "welcome", "account"),
    }
)
# What people write instead of letters. Some characters stand for i in one word and for l in others.
LOOKALIKES = tuple(
    str.maketrans("@4830$579" + "1!|+", "aabeosstg" + letters) for letters in ("iiit", "lllt")
)
DECORATION = re.compile(r"^[\W\d_]+|[\W\d_]+$")
SEPARATORS = re.compile(r"[\W_]+")
REPETITION = re.compile(r"(.+?)\1+")


class GuessablePasswordValidator(CommonPasswordValidator):
    """Refuses common passwords and obvious words, also decorated, and monotonous passwords."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError if the password is easy to guess."""
        if len(set(password)) < DISTINCT_CHARACTERS:
            raise ValidationError(gettext("This password has too few different characters."))
        words = stems(password)
        if words & WORDS or words & self.passwords or _is_sequence(password):
            raise ValidationError(gettext("This password is too common, even if it is decorated."))
        if words & _own_words(user):
            raise ValidationError(
                gettext("This password is too similar to your handle, name or e-mail.")
            )

    def get_help_text(self) -> str:
        """The text below the form for a new password in the admin."""
        return gettext(
            "Your password can\u2019t be a common password, an obvious word or a name of yours, "
            "nor one of these with numbers or punctuation."
        )


def stems(password: str) -> set[str]:
    """Return the words, in lower case, of which the password may be a decoration."""
    found = {password.casefold()}
    # First with the decoration and then without: the $ of "pa$$" is a letter at the end.
    found |= {_undecorated(text) for text in found}
    found |= {text.translate(table) for text in found for table in LOOKALIKES}
    found |= {SEPARATORS.sub("", text) for text in found}
    found |= {_undecorated(text) for text in found}
    found |= {match[1] for text in found if (match := REPETITION.fullmatch(text))}
    return {text for text in found if len(text) >= SHORTEST_WORD}


def _undecorated(text: str) -> str:
    return DECORATION.sub("", text)


def _own_words(user: Any) -> set[str]:
    names = [getattr(user, "handle", ""), getattr(user, "name", "")]
    names.append(getattr(user, "email", "").partition("@")[0])
    parts = [part for name in names for part in SEPARATORS.split(name)]
    return {word for name in (*names, *parts) for word in stems(name)}


def _is_sequence(password: str) -> bool:
    """Whether all characters are at the same distance from the one before: abcdefgh, 97531."""
    return len({ord(second) - ord(first) for first, second in pairwise(password)}) == 1
