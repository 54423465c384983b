#!/usr/bin/python3
"""Watches a stream over the peer protocol of Sluice, and decodes its pictures.

    peer_client.py ws://localhost:8080/ws [--stream live/camera] [--token TOKEN] [--frames 100]

Without --stream the server chooses. Leaves after so many pictures; without --frames it watches until Ctrl-C.
Needs the Debian packages python3-websockets and python3-aiortc.
"""

import argparse
import asyncio
import contextlib
import sys
import uuid
from typing import Any, Optional

import websockets
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp
from peer_envelope import Envelope, ProtocolError


class PeerClient:
    """One connection of one viewer; `frames` counts the pictures that were decoded."""

    def __init__(self, socket: Any, frames_wanted: Optional[int]) -> None:
        self.frames = 0
        self._socket = socket
        self._peer_id = str(uuid.uuid4())
        self._frames_wanted = frames_wanted
        self._enough = asyncio.Event()
        # The default configuration asks a public STUN server, which a server with a public address makes needless.
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connection.on("track", self._on_track)
        self._tasks: set = set()

    async def watch(self, stream: Optional[str]) -> None:
        """Says hello, asks for an offer, and looks at the pictures until it has seen enough of them."""
        hello = {"client_info": {"name": "peer_client.py"}, "capabilities": ["video", "audio"], "supported_protocols": ["webrtc"]}
        await self._send("hello", hello)
        wish = {"constraints": {"video": True, "audio": True}, "codec_preferences": ["VP8", "H264"]}
        if stream:
            wish["app"], wish["stream"] = stream.split("/", 1)
        messages = asyncio.ensure_future(self._listen(wish))
        enough = asyncio.ensure_future(self._enough.wait())
        done, _ = await asyncio.wait({messages, enough}, return_when=asyncio.FIRST_COMPLETED)
        if messages in done:
            messages.result()  # Raises what went wrong.
        messages.cancel()
        enough.cancel()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self._connection.close()

    async def _listen(self, wish: dict) -> None:
        async for text in self._socket:
            message = Envelope.from_json(text)
            if message.error:
                sys.exit(f"The server says: {message.error}")
            if message.type == "welcome":
                self._start(self._ping(message.data["session_config"]["heartbeat_interval"] / 1000))
                await self._send("request-offer", wish)
            elif message.type == "offer":
                await self._answer(message.data["sdp"])
            elif message.type == "ice-candidate":
                await self._add_candidate(message.data["candidate"])

    async def _answer(self, offer: dict) -> None:
        await self._connection.setRemoteDescription(RTCSessionDescription(offer["sdp"], offer["type"]))
        # aiortc gathers its candidates before it returns, so the answer has all of them and nothing is trickled.
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        answer = self._connection.localDescription
        await self._send("answer", {"sdp": {"type": answer.type, "sdp": answer.sdp}})

    async def _add_candidate(self, body: dict) -> None:
        """The offer has all candidates of Sluice already; they are trickled for clients that wait for them."""
        if not body["candidate"]:
            return
        candidate = candidate_from_sdp(body["candidate"].split(":", 1)[1])
        candidate.sdpMid, candidate.sdpMLineIndex = body["sdpMid"], body["sdpMLineIndex"]
        await self._connection.addIceCandidate(candidate)

    async def _ping(self, interval: float) -> None:
        """A peer that says nothing for three intervals is closed."""
        sequence = 0
        while True:
            sequence += 1
            await self._send("ping", {"client_state": self._connection.connectionState, "sequence": sequence})
            await asyncio.sleep(interval)

    def _on_track(self, track: Any) -> None:
        self._start(self._look(track) if track.kind == "video" else self._hear(track))

    async def _look(self, track: Any) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                self.frames += 1
                if self.frames == 1:
                    print(f"The first picture has {frame.width} x {frame.height} pixels.", flush=True)
                if self.frames == self._frames_wanted:
                    self._enough.set()

    async def _hear(self, track: Any) -> None:
        """What nobody takes from a track would pile up."""
        with contextlib.suppress(MediaStreamError):
            while True:
                await track.recv()

    async def _send(self, kind: str, data: dict) -> None:
        await self._socket.send(Envelope(kind, self._peer_id, data).to_json())

    def _start(self, coroutine: Any) -> None:
        self._tasks.add(asyncio.ensure_future(coroutine))


async def main(arguments: argparse.Namespace) -> None:
    headers = {"Authorization": f"Bearer {arguments.token}"} if arguments.token else {}
    async with websockets.connect(arguments.url, extra_headers=headers) as socket:
        client = PeerClient(socket, arguments.frames)
        try:
            await client.watch(arguments.stream)
        finally:
            await client.close()
            print(f"{client.frames} pictures were decoded.", flush=True)
    if arguments.frames and client.frames < arguments.frames:
        sys.exit("The server closed the connection.")


parser = argparse.ArgumentParser(description="Watches a stream over the peer protocol of Sluice.")
parser.add_argument("url")
parser.add_argument("--stream", metavar="APP/STREAM")
parser.add_argument("--token")
parser.add_argument("--frames", type=int)
try:
    asyncio.run(main(parser.parse_args()))
except (OSError, ProtocolError, websockets.WebSocketException) as failure:
    sys.exit(f"{type(failure).__name__}: {failure}")
except KeyboardInterrupt:
    pass
