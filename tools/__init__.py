"""Programs that try, measure and check Chirp. `script/tool` lists them."""

import argparse


def parser(doc: str | None) -> argparse.ArgumentParser:
    """Return a parser for the program with this docstring.

    It begins with "`script/tool NAME ARGUMENTS`: what it does.", or with another script. This line
    is also what `script/tool` says of the program.
    """
    command, _, what = (doc or "").removeprefix("`").partition("`: ")
    words = command.split()
    return argparse.ArgumentParser(
        prog=" ".join(words[: 2 if words[:1] == ["script/tool"] else 1]),
        description=what[:1].upper() + what[1:],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
