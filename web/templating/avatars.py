"""What stands for a person beside their name: initials, and a colour that never changes."""

import regex

HUES = 12  # classes in components/avatar.css
HUE_STEP = 7  # shares no factor with HUES: neighbours by id look different

_BEGINS_A_WORD = regex.compile(r"[\p{L}\p{N}\p{Emoji}]")
_CHARACTER = regex.compile(r"\X")


def hue(user_id: int) -> str:
    """The class of components/avatar.css that colours what belongs to a person."""
    return f"hue-{user_id * HUE_STEP % HUES}"


def initials(name: str, handle: str) -> str:
    """One or two characters that stand for a person: of the first and the last word of the name.

    They come from the handle where the name has no word.
    """
    words = [word for word in name.split() if _BEGINS_A_WORD.match(word)]
    ends = words[:1] + words[1:][-1:]
    return "".join(_CHARACTER.findall(word)[0] for word in ends) or handle[:1]
