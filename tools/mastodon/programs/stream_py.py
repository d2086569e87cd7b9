"""Mastodon.py listens to its stream, by server-sent events. A program for `python -I`.

Arguments: the base URL, and a token.
"""

import queue
import sys

from mastodon import Mastodon, StreamListener

base, token = sys.argv[1:]
m = Mastodon(access_token=token, api_base_url=base, version_check_mode="created")
heard = queue.Queue()


class Listener(StreamListener):
    """Keeps what it hears."""

    def on_update(self, status):
        heard.put(("update", status.id))

    def on_status_update(self, status):
        heard.put(("status.update", status.id))

    def on_delete(self, status_id):
        heard.put(("delete", status_id))

    def on_abort(self, err):
        heard.put(("abort", repr(err)))


def expect(what):
    found = heard.get(timeout=60)
    if (found[0], str(found[1])) != what:
        sys.exit(f"failed: {found} instead of {what}")
    print(f"ok {what[0]}")


if not m.stream_healthy():
    sys.exit("failed: the stream is not healthy")
stream = m.stream_user(Listener(), run_async=True)
# It connects in a thread, and nothing says when the stream is open: post until one is heard.
for _ in range(60):
    post = m.status_post("is anybody listening?")
    try:
        if heard.get(timeout=1) == ("update", post.id):
            break
    except queue.Empty:
        continue
print("ok update")
m.status_update(post, status="somebody is")
expect(("status.update", str(post.id)))
m.status_delete(post)
expect(("delete", str(post.id)))
stream.close()
