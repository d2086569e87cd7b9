"""`script/tool twitter_archive TWEETS PATH`: makes an archive of Twitter, for measurements.

It is as Twitter gives it to its members.
The tweets are of 2012 to 2022, newest first, and in parts of 20,000. Every tenth is a thread's
second tweet, every twentieth a repost, every seventh answers somebody else, every fiftieth is long,
and every hundredth has a picture.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

import tools

BEGIN = datetime(2012, 1, 1, tzinfo=UTC)
END = datetime(2022, 1, 1, tzinfo=UTC)
PART = 20_000
ID_EPOCH_MS = 1_288_834_974_657
Tweet = dict[str, Any]


def tweet_id(moment: datetime, number: int) -> str:
    """The id that Twitter gave to a tweet of this moment."""
    ms = int(moment.timestamp() * 1000) - ID_EPOCH_MS
    return str(ms << 22 | number % 4096)


def tweet(moment: datetime, number: int, text: str, **more: Any) -> Tweet:
    """A tweet as in `data/tweets.js`."""
    id_ = tweet_id(moment, number)
    return {
        "edit_info": {"initial": {"editTweetIds": [id_], "editableUntil": "2022-01-01T00:00:00Z"}},
        "retweeted": False,
        "source": '<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>',
        "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []},
        "display_text_range": ["0", str(len(text))],
        "favorite_count": "3",
        "id_str": id_,
        "id": id_,
        "truncated": False,
        "retweet_count": "0",
        "created_at": moment.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "favorited": False,
        "full_text": text,
        "lang": "en",
        **more,
    }


def answer(to: str, id_: str) -> dict[str, str]:
    """The fields of a tweet that answers another one."""
    return {
        "in_reply_to_status_id_str": id_,
        "in_reply_to_status_id": id_,
        "in_reply_to_screen_name": to,
        "in_reply_to_user_id_str": "4711",
    }


def link(short: str, full: str) -> dict[str, Any]:
    """A link as in `entities`."""
    return {"url": short, "expanded_url": full, "display_url": full[8:20], "indices": ["0", "23"]}


def photo(id_: str, name: str, short: str, **more: Any) -> dict[str, Any]:
    """A picture as in `extended_entities`."""
    url = f"https://pbs.twimg.com/media/{name}"
    media = {"id_str": id_, "type": "photo", "url": short, "media_url_https": url, "media_url": url}
    return {**media, **more}


def video(name: str, short: str, kind: str = "video") -> dict[str, Any]:
    """A video or an animation as in `extended_entities`."""
    host = "https://video.twimg.com/ext_tw_video/1/pu/vid"
    variants = [
        {"content_type": "application/x-mpegURL", "url": f"{host}/list.m3u8?tag=12"},
        {"bitrate": "632000", "content_type": "video/mp4", "url": f"{host}/320x180/low.mp4?tag=12"},
        {
            "bitrate": "2176000",
            "content_type": "video/mp4",
            "url": f"{host}/1280x720/{name}?tag=12",
        },
    ]
    poster = "https://pbs.twimg.com/ext_tw_video_thumb/1/pu/img/poster.jpg"
    info = {"aspect_ratio": ["16", "9"], "variants": variants}
    return {"type": kind, "url": short, "media_url_https": poster, "video_info": info}


def assigned(name: str, part: int, key: str, entries: Sequence[Any]) -> str:
    """The text of a file: it assigns a list to a variable."""
    return f"window.YTD.{name}.part{part} = " + json.dumps(
        [{key: each} for each in entries], indent=2
    )


def write(
    path: Path | io.BytesIO,
    tweets: Sequence[Tweet],
    *,
    media: dict[str, bytes] | None = None,
    handle: str = "sparrow",
    more: dict[str, str] | None = None,
    part: int = PART,
) -> None:
    """Write an archive. `media` has the content of files below `data/tweets_media/`, by name."""
    account = {"username": handle, "accountId": "12345", "email": "sparrow@example.org"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Your archive.html", "<!doctype html>")
        archive.writestr("data/account.js", assigned("account", 0, "account", [account]))
        for number, begin in enumerate(range(0, max(len(tweets), 1), part)):
            name = "data/tweets.js" if number == 0 else f"data/tweets-part{number}.js"
            some = tweets[begin : begin + part]
            archive.writestr(name, assigned("tweets", number, "tweet", some))
        archive.writestr("data/like.js", "window.YTD.like.part0 = []")
        for name, content in (media or {}).items():
            archive.writestr(f"data/tweets_media/{name}", content, zipfile.ZIP_STORED)
        for name, text in (more or {}).items():
            archive.writestr(name, text)


def picture(number: int) -> bytes:
    """A small picture, of which no two are the same."""
    file = io.BytesIO()
    colour = (number * 37 % 256, number * 11 % 256, number * 5 % 256)
    Image.new("RGB", (320, 240), colour).save(file, "JPEG")
    return file.getvalue()


def made_up(count: int) -> tuple[list[Tweet], dict[str, bytes]]:
    """Tweets, the newest first, and the files of their media."""
    step, tweets, media = (END - BEGIN) / count, list[Tweet](), dict[str, bytes]()
    for number in range(count):
        moment = BEGIN + step * number + timedelta(milliseconds=number % 1000)
        made = _made_up(number, moment, tweets)
        if number % 100 == 7:
            made, name, content = _with_picture(made, number)
            media[name] = content
        tweets.append(made)
    return tweets[::-1], media


def _made_up(number: int, moment: datetime, before: list[Tweet]) -> Tweet:
    short = f"https://t.co/{number:010d}"
    if number % 20 == 3:
        return tweet(moment, number, f"RT @somebody: what somebody wrote, number {number}")
    if number % 10 == 1:
        thread = answer("sparrow", before[-1]["id_str"])
        return tweet(moment, number, f"And another thing about {number} #thread", **thread)
    if number % 7 == 2:
        return tweet(moment, number, f"@wren Yes &amp; no, {number}!", **answer("wren", "42"))
    if number % 50 == 5:
        return tweet(moment, number, f"A long story, part {number}. " * 20)
    text = f"Today I saw {number} birds &lt;3 at the lake, see {short} #birds"
    urls = [link(short, f"https://birds.example/sightings/{number}")]
    return tweet(moment, number, text, entities={"urls": urls, "hashtags": [], "user_mentions": []})


def _with_picture(made: Tweet, number: int) -> tuple[Tweet, str, bytes]:
    short = f"https://t.co/p{number:09d}"
    entry = photo(made["id_str"], f"P{number}.jpg", short, ext_alt_text=f"Bird {number}")
    made["full_text"] += f" {short}"
    made["extended_entities"] = {"media": [entry]}
    return made, f"{made['id_str']}-P{number}.jpg", picture(number)


def main() -> None:
    """Write an archive of so many tweets."""
    parser = tools.parser(__doc__)
    parser.add_argument("tweets", type=int, help="how many")
    parser.add_argument("path", type=Path, help="of the archive, a file")
    options = parser.parse_args()
    tweets, media = made_up(options.tweets)
    write(options.path, tweets, media=media)


if __name__ == "__main__":
    main()
