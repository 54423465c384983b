#!/usr/bin/python3
"""Shows the log of a Python program live on the log page of Sluice, over the log protocol.

    some-program | log_producer.py ws://localhost:8080/signaling --system shop [--token TOKEN]

`LogProducer` connects to the pages that want its lines; `LogHandler` hands it what a program logs with `logging`. This
program logs each line of its standard input. At its end it waits --patience seconds for a page, if there is none.
Needs the Debian packages python3-websockets and python3-aiortc.
"""

import argparse
import asyncio
import collections
import datetime
import json
import logging
import sys
import threading
import uuid
from typing import Any, Callable, Optional

import websockets
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp

RECONNECT_SECONDS = 5
#: The protocol has four levels; these are the names that Python gives others.
LEVELS = {"CRITICAL": "ERROR", "WARNING": "WARN", "NOTSET": "DEBUG"}


class LogProducer:
    """Sends log entries to every page that wants them; keeps the latest `buffer` of them while there is none."""

    def __init__(self, url: str, system: str, token: Optional[str] = None, buffer: int = 10_000) -> None:
        self.dropped = 0
        self._url = url
        self._token = token
        self._system = system
        self._client_id = f"{system}-{uuid.uuid4()}"
        self._waiting: collections.deque = collections.deque(maxlen=buffer)
        self._consumers: dict[str, Any] = {}
        self._channels: dict[str, Any] = {}

    def send(self, entry: dict) -> None:
        """Of the loop's thread only; `LogHandler` may be used in any."""
        text = json.dumps(entry)
        for channel in self._channels.values():
            channel.send(text)
        if self._channels:
            return
        if len(self._waiting) == self._waiting.maxlen:
            self.dropped += 1  # The oldest one makes room.
        self._waiting.append(text)

    @property
    def is_drained(self) -> bool:
        """Whether somebody is there and has everything."""
        return bool(self._channels) and all(channel.bufferedAmount == 0 for channel in self._channels.values())

    async def run(self) -> None:
        """Stays connected to the server, without end. Pages keep getting lines while the server is away."""
        while True:
            try:
                await self._signal()
            except (OSError, websockets.WebSocketException) as failure:
                print(f"{failure}; again in {RECONNECT_SECONDS} seconds.", file=sys.stderr)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def close(self) -> None:
        """A channel is closed only when the other side has everything that was sent through it."""
        channels = list(self._channels.values())
        for channel in channels:
            channel.close()
        await until(lambda: all(channel.readyState == "closed" for channel in channels), seconds=2)
        for consumer_id in list(self._consumers):
            await self._disconnect(consumer_id)

    async def _signal(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with websockets.connect(self._url, extra_headers=headers) as socket:
            metadata = {"system_name": self._system, "version": "1.0", "description": "log_producer.py"}
            register = {"type": "register", "role": "producer", "client_id": self._client_id, "metadata": metadata}
            await socket.send(json.dumps(register))
            async for text in socket:
                await self._receive(json.loads(text), socket)

    async def _receive(self, message: dict, socket: Any) -> None:
        kind = message["type"]
        if kind == "registered":
            print(f"Registered as {message['client_id']}.", file=sys.stderr)
        elif kind == "consumer_connected":
            await self._connect(message["consumer_id"], socket)
        elif kind == "consumer_disconnected":
            await self._disconnect(message["consumer_id"])
        elif kind == "webrtc_answer":
            await self._take_answer(message["from"], message["sdp"])
        elif kind == "ice_candidate":
            await self._add_candidate(message["from"], message)
        elif kind == "error":
            print(f"The server says: {message['code']}: {message['message']}", file=sys.stderr)

    async def _connect(self, consumer_id: str, socket: Any) -> None:
        """The producer is the one that offers."""
        await self._disconnect(consumer_id)
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._consumers[consumer_id] = connection
        channel = connection.createDataChannel("logs", ordered=True)
        channel.on("open", lambda: self._open(consumer_id, channel))
        channel.on("close", lambda: self._channels.pop(consumer_id, None))
        # aiortc gathers its candidates before it returns, so the offer has all of them and nothing is trickled.
        await connection.setLocalDescription(await connection.createOffer())
        sdp = connection.localDescription.sdp
        await socket.send(json.dumps({"type": "webrtc_offer", "to": consumer_id, "sdp": sdp}))

    def _open(self, consumer_id: str, channel: Any) -> None:
        self._channels[consumer_id] = channel
        while self._waiting:
            channel.send(self._waiting.popleft())

    async def _take_answer(self, consumer_id: str, sdp: str) -> None:
        connection = self._consumers.get(consumer_id)
        if connection and connection.signalingState == "have-local-offer":
            await connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def _add_candidate(self, consumer_id: str, message: dict) -> None:
        connection = self._consumers.get(consumer_id)
        if not connection or not message["candidate"]:
            return
        candidate = candidate_from_sdp(message["candidate"].split(":", 1)[1])
        candidate.sdpMid = message.get("sdpMid", connection.sctp.mid)  # The channel is all that there is.
        await connection.addIceCandidate(candidate)

    async def _disconnect(self, consumer_id: str) -> None:
        self._channels.pop(consumer_id, None)
        connection = self._consumers.pop(consumer_id, None)
        if connection:
            await connection.close()


class LogHandler(logging.Handler):
    """Add it to any logger: `logging.getLogger().addHandler(LogHandler(producer, loop))`."""

    def __init__(self, producer: LogProducer, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._producer = producer
        self._loop = loop

    def emit(self, record: logging.LogRecord) -> None:
        written = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
        entry = {
            "timestamp": written.isoformat(timespec="milliseconds"),
            "level": LEVELS.get(record.levelname, record.levelname),
            "target": record.name,
            "message": record.getMessage(),
            "fields": {"thread": record.threadName, "line": record.lineno},
        }
        self._loop.call_soon_threadsafe(self._producer.send, entry)


async def until(condition: Callable[[], bool], seconds: float) -> None:
    """Waits for the condition, but not for ever."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not condition() and loop.time() < deadline:
        await asyncio.sleep(0.1)


async def main(arguments: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    producer = LogProducer(arguments.url, arguments.system, arguments.token)
    logger = logging.getLogger(arguments.system)
    logger.setLevel(logging.DEBUG)
    logger.addHandler(LogHandler(producer, loop))
    ended = asyncio.Event()

    def log_input() -> None:
        for line in sys.stdin:
            logger.info(line.rstrip("\n"))
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=log_input, daemon=True).start()
    running = asyncio.ensure_future(producer.run())
    await ended.wait()
    await until(lambda: producer.is_drained, arguments.patience)
    running.cancel()
    await producer.close()
    print(f"{producer.dropped} entries were dropped.", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Shows the log of a program on the log page of Sluice.")
    parser.add_argument("url")
    parser.add_argument("--system", required=True, help="name under which the page shows it")
    parser.add_argument("--token")
    parser.add_argument("--patience", type=float, default=5, help="seconds to wait for a page at the end")
    try:
        asyncio.run(main(parser.parse_args()))
    except KeyboardInterrupt:
        pass
