"""The connection of a log producer to one page; used by log_producer.py."""

import asyncio
import uuid
from typing import Callable, Optional

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp

#: When so many bytes wait in a channel, no more lines are handed to it.
MAX_CHANNEL_BYTES = 1_048_576
#: From the offer until the channel is open.
CONNECT_SECONDS = 15


def now() -> float:
    """Seconds of a clock that is never set."""
    return asyncio.get_running_loop().time()


async def until(condition: Callable[[], bool], seconds: float) -> None:
    """Waits for the condition, but not for ever."""
    deadline = now() + seconds
    while not condition() and now() < deadline:
        await asyncio.sleep(0.1)


class LogLink:
    """A peer connection with the channel `logs`, from its offer to its end."""

    def __init__(self, opened: Callable, received: Callable, writable: Callable, closed: Callable) -> None:
        self.id = uuid.uuid4().hex  #: Both sides name the connection by it.
        self.answer: dict = {}
        self.fails_at = now() + CONNECT_SECONDS  #: Unless it is open.
        self._closed = closed
        self._ending: Optional[asyncio.Future] = None
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connection.on("connectionstatechange", self._follow)
        self._channel = self._connection.createDataChannel("logs", ordered=True)
        self._channel.bufferedAmountLowThreshold = MAX_CHANNEL_BYTES // 2
        self._channel.on("open", opened)
        self._channel.on("message", received)
        self._channel.on("bufferedamountlow", writable)
        self._channel.on("close", self.close)

    @property
    def is_open(self) -> bool:
        return not self._ending and self._channel.readyState == "open"

    @property
    def is_writable(self) -> bool:
        return self.is_open and self._channel.bufferedAmount < MAX_CHANNEL_BYTES

    @property
    def is_drained(self) -> bool:
        return self._channel.bufferedAmount == 0

    async def offer(self) -> str:
        # aiortc gathers its candidates before it returns, so the offer has all of them and nothing is trickled.
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return self._connection.localDescription.sdp

    async def accept(self, answer: dict) -> None:
        if self._connection.signalingState != "have-local-offer":
            return
        self.answer = answer
        await self._connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))

    async def add_candidate(self, message: dict) -> None:
        if not message["candidate"]:
            return
        candidate = candidate_from_sdp(message["candidate"].split(":", 1)[1])
        candidate.sdpMid = message.get("sdpMid", self._connection.sctp.mid)  # The channel is all that there is.
        await self._connection.addIceCandidate(candidate)

    def send(self, text: str) -> None:
        self._channel.send(text)

    async def finish(self) -> None:
        """The channel closes when the other side has everything that was sent through it."""
        self._channel.close()
        await until(lambda: self._channel.readyState == "closed", seconds=2)
        self.close()
        await self._ending

    def close(self) -> None:
        if self._ending:
            return
        self._ending = asyncio.ensure_future(self._connection.close())
        self._closed()

    def _follow(self) -> None:
        # aiortc calls a connection new again when the other side has ended it.
        if self._connection.connectionState in ("failed", "closed", "new"):
            self.close()
