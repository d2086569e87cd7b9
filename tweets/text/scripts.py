"""Scripts that are written without spaces between words, for character classes of `regex`."""

_NAMES = ("Hani", "Hira", "Kana", "Thai", "Laoo", "Khmr", "Mymr", "Tibt", "Lana", "Java", "Bali")

UNSPACED = "".join(rf"\p{{scx={name}}}" for name in _NAMES)
