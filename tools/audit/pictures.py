"""`script/screenshots`: pictures of every page of a running site, in all sizes and themes."""

import argparse
import os
from pathlib import Path

README = Path("docs/images")
# What the README shows: a page, a size, a theme.
IN_README = (
    ("landing", "desktop", "light"),
    ("home", "desktop", "light"),
    ("home", "phone", "dark"),
)


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(
        prog="script/screenshots",
        description="Takes pictures of every page of a running site, in the sizes of a desktop, a "
        "tablet and a phone, in the light and the dark theme.",
        epilog="Without --out it takes the three of the README. Fonts with emoji and Chinese, "
        "Japanese and Korean characters should be there (fonts-noto-color-emoji, fonts-noto-cjk).",
    )
    parser.add_argument("site", help="its URL, such as http://127.0.0.1:8000")
    parser.add_argument("login", help="handle of an account with a busy home timeline")
    parser.add_argument("password")
    parser.add_argument("--out", type=Path, help="the directory for pictures of every page")
    parser.add_argument("--only", nargs="+", metavar="PAGE", help="pages by their names")
    parser.add_argument("--sizes", nargs="+", default=["desktop", "tablet", "phone"])
    parser.add_argument("--themes", nargs="+", default=["light", "dark"])
    parser.add_argument("--language", default="en", help="such as ar (the browser's)")
    parser.add_argument("--whole", action="store_true", help="the whole page, not one window of it")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
    from tools.audit.browser import SIZES, THEMES, sign_in, viewing
    from tools.audit.pages import pages

    if unknown := (set(asked.sizes) - SIZES.keys()) | (set(asked.themes) - THEMES.keys()):
        parser.error(f"unknown: {', '.join(unknown)}.")
    session = sign_in(asked.site, asked.login, asked.password)
    there, empty = pages(session, asked.site, asked.login)
    if empty:
        print(f"The site has nothing to show on: {', '.join(empty)}")
    out = asked.out or README
    out.mkdir(parents=True, exist_ok=True)
    looks = [(size, theme) for theme in asked.themes for size in asked.sizes]
    with viewing(asked.site) as viewer:
        viewer.reads(asked.language)
        for page in there:
            if asked.only and page.name not in asked.only:
                continue
            viewer.becomes(session if page.signed_in else None)
            for size, theme in looks:
                if asked.out or (page.name, size, theme) in IN_README:
                    viewer.opens(page.path, SIZES[size], theme)
                    viewer.picture(out / f"{page.name}-{size}-{theme}.png", whole=asked.whole)


if __name__ == "__main__":
    main()
