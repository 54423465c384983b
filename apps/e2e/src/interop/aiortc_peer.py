"""A WHIP publisher or WHEP player made with aiortc.

    aiortc_peer.py publish|play URL [--video VP8|H264] [--one-keyframe]

Prints its progress as JSON lines and leaves when its standard input ends.
"""

import argparse
import array
import asyncio
import contextlib
import fractions
import math
import sys

from progress import Progress, on_abandoned

try:
    import aiohttp
    from aiortc import (
        MediaStreamTrack,
        RTCConfiguration,
        RTCPeerConnection,
        RTCRtpSender,
        RTCSessionDescription,
        VideoStreamTrack,
    )
    from aiortc.codecs import h264
    from aiortc.mediastreams import MediaStreamError
    from av import AudioFrame, VideoFrame
except ModuleNotFoundError as error:
    sys.exit(f"{error}: this test needs the Debian packages python3-aiortc and python3-aiohttp.")

WIDTH, HEIGHT = 640, 360
SAMPLE_RATE = 48000
SAMPLES_PER_FRAME = SAMPLE_RATE // 50
TONE_HZ = 440


class TestPicture(VideoStreamTrack):
    """Grey bars that walk to the left."""

    def __init__(self):
        super().__init__()
        bars = bytes(64 + (x // 40 % 8) * 20 for x in range(2 * WIDTH))
        self._bars = bars
        self._offset = 0

    async def recv(self):
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        frame.pts, frame.time_base = await self.next_timestamp()
        luma, *chroma = frame.planes
        self._offset = (self._offset + 4) % WIDTH
        row = self._bars[self._offset : self._offset + luma.line_size].ljust(luma.line_size, b"\x40")
        luma.update(row * luma.height)
        for plane in chroma:
            plane.update(b"\x80" * plane.buffer_size)
        return frame


class TestTone(MediaStreamTrack):
    """A sine wave."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self._frames = 0
        self._started_at = None

    async def recv(self):
        await self._wait_for_turn()
        first = self._frames * SAMPLES_PER_FRAME
        self._frames += 1
        phase = 2 * math.pi * TONE_HZ / SAMPLE_RATE
        wave = array.array("h", (int(8000 * math.sin(phase * (first + n))) for n in range(SAMPLES_PER_FRAME)))
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES_PER_FRAME)
        frame.planes[0].update(wave.tobytes())
        frame.pts = first
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
        return frame

    async def _wait_for_turn(self):
        now = asyncio.get_running_loop().time()
        if self._started_at is None:
            self._started_at = now
        due = self._started_at + self._frames * SAMPLES_PER_FRAME / SAMPLE_RATE
        await asyncio.sleep(due - now)


def make_one_keyframe():
    """Lets H264 begin with a keyframe and never have another; it answers no request for one anyway."""
    create = h264.create_encoder_context

    def create_encoder_context(*args, **kwargs):
        codec, is_buffering = create(*args, **kwargs)
        # A codec can be set up only until it is opened.
        endless = type(codec).create(codec.name, "w")
        for name in ("width", "height", "bit_rate", "pix_fmt", "framerate", "time_base"):
            setattr(endless, name, getattr(codec, name))
        endless.options = {**codec.options, "g": "1000000"}
        endless.open()
        return endless, is_buffering

    h264.create_encoder_context = create_encoder_context


def publish(connection, video_codec):
    connection.addTransceiver(TestTone(), direction="sendonly")
    video = connection.addTransceiver(TestPicture(), direction="sendonly")
    capabilities = RTCRtpSender.getCapabilities("video").codecs
    names = (f"video/{video_codec}", "video/rtx")
    video.setCodecPreferences([codec for codec in capabilities if codec.mimeType in names])


def play(connection, progress):
    tasks = set()

    @connection.on("track")
    def on_track(track):
        consume = watch if track.kind == "video" else listen
        tasks.add(asyncio.ensure_future(consume(track, progress)))

    connection.addTransceiver("audio", direction="recvonly")
    connection.addTransceiver("video", direction="recvonly")


async def watch(track, progress):
    with contextlib.suppress(MediaStreamError):
        while True:
            frame = await track.recv()
            progress.picture(frame.width, bytes(frame.planes[0]))


async def listen(track, progress):
    with contextlib.suppress(MediaStreamError):
        while True:
            frame = await track.recv()
            progress.sound(array.array("h", bytes(frame.planes[0])))


async def exchange(connection, url, http):
    """Offers, takes the answer, and returns the URL of the session."""
    await connection.setLocalDescription(await connection.createOffer())
    headers = {"content-type": "application/sdp"}
    async with http.post(url, data=connection.localDescription.sdp, headers=headers) as response:
        answer = await response.text()
        if response.status != 201:
            sys.exit(f"{url} answered {response.status}: {answer}")
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return str(response.url.join(aiohttp.client.URL(response.headers["location"])))


async def main(arguments):
    progress = Progress()
    abandoned = asyncio.Event()
    on_abandoned(lambda loop=asyncio.get_running_loop(): loop.call_soon_threadsafe(abandoned.set))
    # The default configuration asks a public STUN server.
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    @connection.on("connectionstatechange")
    def on_state():
        progress.update(connectionState=connection.connectionState)

    if arguments.one_keyframe:
        make_one_keyframe()
    if arguments.role == "publish":
        publish(connection, arguments.video)
    else:
        play(connection, progress)
    async with aiohttp.ClientSession() as http:
        session = await exchange(connection, arguments.url, http)
        await abandoned.wait()
        with contextlib.suppress(aiohttp.ClientError):
            await http.delete(session)
    await connection.close()


parser = argparse.ArgumentParser()
parser.add_argument("role", choices=("publish", "play"))
parser.add_argument("url")
parser.add_argument("--video", choices=("VP8", "H264"), default="VP8")
parser.add_argument("--one-keyframe", action="store_true")
asyncio.run(main(parser.parse_args()))
