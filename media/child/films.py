"""Animations, videos and recordings: probe, take a poster, and write as MP4. No Django.

What browsers play is copied packet by packet; the rest is encoded anew as H.264 and AAC. Metadata,
subtitles and further streams stay behind. Only the child process runs this.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError
from PIL import Image, ImageSequence

from chirp.texts import text as _
from media.child import pictures
from media.child.job import Job, Made, Refused, Result

MAX_SIDE = 1280  # of what is encoded here
MAX_VIDEO_PIXELS = 9_000_000  # of one picture: a little more than 3840 by 2160
MAX_FRAMES = 1_000  # of an animation
MAX_ANIMATED_PIXELS = 500_000_000  # of all its pictures
FAST_MS, USUAL_MS = 20, 100  # browsers show faster pictures than the first at the second pace
MILLISECOND = Fraction(1, 1000)
THREADS = 2
ENCODER = {"crf": "23", "preset": "veryfast"}
AUDIO_RATE = 48_000
AUDIO_BITS = 128_000
TOO_LONG = "It is too long: at most {} seconds."
TOO_MANY = _("The animation has too many pictures, or too large ones.")
# Libraries report too little memory as damage.
DAMAGED = _("The file is damaged, too large to decode, or not what its beginning says.")
NOTHING = _("There is neither a picture nor a sound in the file.")
# The only format that may be tried: others can name further files, or addresses to fetch.
DEMUXERS = {
    "MP4": "mov",
    "MATROSKA": "matroska",
    "OGG": "ogg",
    "FLAC": "flac",
    "WAV": "wav",
    "MP3": "mp3",
    "AAC": "aac",
}


def process_animation(job: Job) -> Result:
    """Make an MP4 without sound of an animated picture. Raises Refused."""
    poster = pictures.load(job)
    made = pictures.write_sizes(poster, job)
    try:
        with pictures.open_picture(job) as source:
            count = getattr(source, "n_frames", 1)
            if count > MAX_FRAMES or count * source.width * source.height > MAX_ANIMATED_PIXELS:
                raise Refused(TOO_MANY)
            size = _even_size(*source.size)
            seconds = _encode_animation(source, size, Path(job.out) / "video.mp4")
    except (OSError, SyntaxError, ValueError, EOFError, FFmpegError):
        raise Refused(pictures.DAMAGED) from None
    made.append(Made("video.mp4", "video/mp4", *size))
    blurhash = pictures.blurhash(poster)
    return Result("gif", *size, duration=seconds, blurhash=blurhash, made=made)


def _even_size(width: int, height: int) -> tuple[int, int]:
    """The size to encode: at most MAX_SIDE, and even, as H.264 wants it."""
    ratio = min(1.0, MAX_SIDE / max(width, height))
    even = (max(2, round(side * ratio / 2) * 2) for side in (width, height))
    return next(even), next(even)


def _encode_animation(source: Image.Image, size: tuple[int, int], target: Path) -> float:
    """Encode all frames, and return the duration in seconds."""
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as output:
        stream = _video_stream(output, size, MILLISECOND)
        at, last = 0, None
        for picture in ImageSequence.Iterator(source):
            last = _on_white(picture, size)
            _encode(output, stream, last, at)
            milliseconds = int(picture.info.get("duration") or 0)
            at += milliseconds if milliseconds >= FAST_MS else USUAL_MS
        if last is not None:  # until its time is over, too
            _encode(output, stream, last, at - 1)
        output.mux(stream.encode(None))
    return at / 1000


def _on_white(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    frame = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", frame.size, "white"), frame).resize(
        size, Image.Resampling.BILINEAR
    )


def _video_stream(output: Any, size: tuple[int, int], time_base: Fraction) -> Any:
    stream = output.add_stream("libx264", options=ENCODER)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.time_base = stream.codec_context.time_base = time_base
    stream.codec_context.thread_count = THREADS
    return stream


def _encode(output: Any, stream: Any, picture: Image.Image, at: int) -> None:
    frame = av.VideoFrame.from_image(picture.convert("RGB"))
    frame.pts, frame.time_base = at, MILLISECOND
    output.mux(stream.encode(frame))


def process(job: Job) -> Result:
    """Make an MP4 and a poster of a video, or an MP4 of a recording. Raises Refused."""
    try:
        return _process(job)
    except (FFmpegError, ValueError, IndexError, OSError):
        raise Refused(DAMAGED) from None


def _open(job: Job) -> Any:
    options = {"protocol_whitelist": "file"}
    return av.open(
        job.source, format=DEMUXERS[job.format], options=options, metadata_errors="ignore"
    )


def _process(job: Job) -> Result:
    with _open(job) as source:
        # A cover of a recording is no video.
        videos = [s for s in source.streams.video if not _is_cover(s)]
        sounds = list(source.streams.audio)
        if not videos and not sounds:
            raise Refused(NOTHING)
        declared = (source.duration or 0) / av.time_base
    if declared > job.max_seconds:
        raise Refused(TOO_LONG.format(f"{job.max_seconds:g}"))
    if not videos:
        return _process_sound(job, declared)
    poster = _poster(job)
    made = pictures.write_sizes(poster, job)
    target = Path(job.out) / "video.mp4"
    size, seconds = _write_video(job, target, _rotation(job))
    _check_whole(seconds, declared)
    made.append(Made("video.mp4", "video/mp4", *size))
    blurhash = pictures.blurhash(poster)
    return Result("video", *size, duration=seconds, blurhash=blurhash, made=made)


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition & stream.disposition.attached_pic)


def _process_sound(job: Job, declared: float) -> Result:
    with _open(job) as source, av.open(str(Path(job.out) / "audio.mp4"), "w") as output:
        seconds = _Copier(job, source, output, audio=source.streams.audio[0]).run()
    _check_whole(seconds, declared)
    return Result("audio", duration=seconds, made=[Made("audio.mp4", "audio/mp4")])


def _check_whole(seconds: float, declared: float) -> None:
    """Refuse a file that ends long before it says."""
    if seconds <= 0 or seconds < declared * 0.9 - 1:
        raise Refused(DAMAGED)


def _first_frame(job: Job) -> Any:
    with _open(job) as source:
        stream = next(s for s in source.streams.video if not _is_cover(s))
        context = stream.codec_context
        if context.width * context.height > MAX_VIDEO_PIXELS:
            raise Refused(pictures.TOO_LARGE)
        for frame in source.decode(stream):
            return frame
    raise Refused(DAMAGED)


def _rotation(job: Job) -> int:
    """By how many degrees its pictures have to be turned counterclockwise: 0, 90, 180 or 270."""
    return int(round(_first_frame(job).rotation / 90) * 90 % 360)


def _poster(job: Job) -> Image.Image:
    frame = _first_frame(job)
    picture: Image.Image = frame.to_image()
    turned = picture.rotate(_rotation(job), expand=True)
    ratio = min(1.0, max(size.width for size in job.sizes) / max(turned.size))
    return pictures.scaled(turned, ratio)


def _write_video(job: Job, target: Path, rotation: int) -> tuple[tuple[int, int], float]:
    """Write the MP4, and return its size, as it is shown, and its duration."""
    with (
        _open(job) as source,
        av.open(str(target), "w", options={"movflags": "+faststart"}) as output,
    ):
        video = next(s for s in source.streams.video if not _is_cover(s))
        audio = source.streams.audio[0] if source.streams.audio else None
        copier = _Copier(job, source, output, video=video, audio=audio, rotation=rotation)
        seconds = copier.run()
    return copier.size, seconds


class _Copier:
    """Writes a video stream and an audio stream into an MP4: as they are, or encoded anew."""

    def __init__(
        self,
        job: Job,
        source: Any,
        output: Any,
        *,
        video: Any = None,
        audio: Any = None,
        rotation: int = 0,
    ) -> None:
        self.job, self.source, self.output, self.rotation = job, source, output, rotation
        self.seconds = 0.0
        self.size = (0, 0)
        self.writers: dict[int, Any] = {}
        if video is not None:
            self.writers[video.index] = self._video(video)
        if audio is not None:
            self.writers[audio.index] = self._audio(audio)

    def run(self) -> float:
        """Write everything, and return the duration in seconds. Raises Refused."""
        streams = [self.source.streams[index] for index in self.writers]
        for packet in self.source.demux(streams):
            self.writers[packet.stream.index](packet)
            self._measure(packet)
        return self.seconds

    def _measure(self, packet: Any) -> None:
        """Note the end of the packet: what the file says of its length may be wrong."""
        if packet.pts is not None:
            start = packet.stream.start_time or 0
            end = (packet.pts - start + (packet.duration or 0)) * packet.time_base
            self.seconds = max(self.seconds, float(end))
        if self.seconds > self.job.max_seconds + 1:
            raise Refused(TOO_LONG.format(f"{self.job.max_seconds:g}"))

    def _video(self, stream: Any) -> Any:
        context = stream.codec_context
        width, height = context.width, context.height
        shown = (height, width) if self.rotation in (90, 270) else (width, height)
        if context.name == "h264" and context.pix_fmt in ("yuv420p", "yuvj420p"):
            self.size = shown
            return self._copying(stream)
        self.size = _even_size(*shown)
        stream.codec_context.thread_count = THREADS
        return self._encoding_video(stream)

    def _audio(self, stream: Any) -> Any:
        if stream.codec_context.name == "aac":
            return self._copying(stream)
        return self._encoding_audio(stream)

    def _copying(self, stream: Any) -> Any:
        target = self.output.add_stream_from_template(stream)

        def write(packet: Any) -> None:
            if packet.dts is not None:
                packet.stream = target
                self.output.mux(packet)
                packet.stream = stream

        return write

    def _encoding_video(self, stream: Any) -> Any:
        target = _video_stream(self.output, self.size, stream.time_base)
        graph = _filters(stream, self.size, self.rotation)

        def write(packet: Any) -> None:
            for frame in packet.decode():
                for ready in _filtered(graph, frame):
                    self.output.mux(target.encode(ready))
            if packet.dts is None:  # the end
                self.output.mux(target.encode(None))

        return write

    def _encoding_audio(self, stream: Any) -> Any:
        target = self.output.add_stream("aac", rate=AUDIO_RATE, layout="stereo")
        target.bit_rate = AUDIO_BITS
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=AUDIO_RATE)

        def write(packet: Any) -> None:
            at_end = packet.dts is None
            for frame in [*packet.decode(), *([None] if at_end else [])]:
                for ready in resampler.resample(frame):
                    self.output.mux(target.encode(ready))
            if at_end:
                self.output.mux(target.encode(None))

        return write


TRANSPOSED = {
    90: [("transpose", "cclock")],
    180: [("hflip", ""), ("vflip", "")],
    270: [("transpose", "clock")],
}


def _filters(stream: Any, size: tuple[int, int], rotation: int) -> Any:
    """A graph that turns pictures upright and shrinks them."""
    graph = av.filter.Graph()
    scale = ("scale", f"{size[0]}:{size[1]}")
    steps = [*TRANSPOSED.get(rotation, []), scale, ("format", "yuv420p")]
    nodes = [
        graph.add_buffer(template=stream, time_base=stream.time_base),
        *(graph.add(name, arguments or None) for name, arguments in steps),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    return graph


def _filtered(graph: Any, frame: Any) -> Iterator[Any]:
    graph.vpush(frame)
    while True:
        try:
            ready = graph.vpull()
        except (BlockingIOError, EOFError):
            return
        ready.pict_type = 0
        yield ready
