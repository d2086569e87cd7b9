"""Signs tooi in to a site, and pictures home, a thread and notifications. For `python -I`.

It needs the package toot-tooi. Arguments: the base URL, and the directory for the pictures (SVG).
It prints the address at which its owner allows it, and reads the code from its input.
"""

import asyncio
import re
import sys
from pathlib import Path

from tooi import credentials, http
from tooi.app import TooiApp
from tooi.entities import Instance
from tooi.settings import Options
from tooi.utils.from_dict import from_response

base, directory = sys.argv[1], Path(sys.argv[2])
SIZE = (130, 30)
ANSWERED = re.compile(r"[1-9][0-9]*&#160;replies")
PATIENCE = 20  # seconds


async def sign_in():
    """Register the app, have it allowed, and keep its token."""
    about = await http.anon_request("GET", f"{base}/api/v1/instance")
    app = await credentials.create_application(await from_response(Instance, about), base)
    print(credentials.get_browser_login_url(app), flush=True)
    await credentials.login(app, sys.stdin.readline().strip())
    await http.close_session()


async def shows(app, pilot, text):
    """Wait until the terminal has the text."""
    for _ in range(PATIENCE * 5):
        await pilot.pause(0.2)
        if text in app.export_screenshot():
            await pilot.pause(1)  # for what is drawn last
            return
    raise AssertionError(f"the terminal never had {text!r}")


async def pictures():
    """Use it as a person does."""
    app = TooiApp(Options(animation_level="none", image_type="none"))
    async with app.run_test(size=SIZE) as pilot:
        await shows(app, pilot, "Public")
        for _ in range(30):  # down to a tweet that somebody answered
            if ANSWERED.search(app.export_screenshot()):
                break
            await pilot.press("down")
            await pilot.pause(0.2)
        for name, keys, text in (
            ("home", (), "Home"),
            ("thread", ("t",), "Thread"),
            ("notifications", ("g", "n"), "Notifications"),
        ):
            for key in keys:
                await pilot.press(key)
                await pilot.pause(1)
            await shows(app, pilot, text)
            await pilot.pause(4)  # for the list, which it loads then
            (directory / f"{name}.svg").write_text(app.export_screenshot())


asyncio.run(sign_in())
asyncio.run(pictures())
