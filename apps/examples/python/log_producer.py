#!/usr/bin/python3
"""Shows the log of a Python program live on the log page of Sluice, over the log protocol.

    some-program | log_producer.py ws://localhost:8080/signaling --system shop [--token TOKEN]

`LogProducer` connects to the pages that want its lines; `LogHandler` hands it what a program logs with `logging`. This
program logs each line of its standard input. At its end it waits --patience seconds for a page, if there is none.
Needs the modules log_*.py beside it, and the Debian packages python3-websockets and python3-aiortc.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import math
import sys
import threading
import uuid
from typing import Any, Optional

import websockets
from aiortc import InvalidStateError
from log_consumer import LogConsumer
from log_delivery import LogBuffer, LogDelivery
from log_handler import LogHandler
from log_link import now, until

RECONNECT_SECONDS = 5
#: A page that the server does not know any more may have lost only the server.
UNWANTED_SECONDS = 30
#: What was kept while nobody was there is for all pages that come so soon after the first.
BACKLOG_SECONDS = 10
#: Pages that are gone, of which it is remembered how far they got.
MAX_REMEMBERED = 64
#: Between two looks at the connections.
TEND_SECONDS = 2


class LogProducer:
    """Sends log entries to every page that wants them, in order and once.

    The latest `buffer` entries are kept for pages that are away for a while, and for the first ones that come.
    """

    def __init__(self, url: str, system: str, token: Optional[str] = None, buffer: int = 10_000) -> None:
        self.dropped = 0  #: Entries that the buffer lost before any page had them.
        self._url = url
        self._token = token
        self._system = system
        self._client_id = f"{system}-{uuid.uuid4()}"
        self._buffer = LogBuffer(buffer)
        self._backlog_start = 0
        self._backlog_until = -math.inf
        self._consumers: dict[str, LogConsumer] = {}
        self._missed_by_forgotten = 0
        self._socket: Any = None

    def send(self, entry: dict) -> None:
        """Of the loop's thread only; `LogHandler` may be used in any."""
        before = self._buffer.start
        self._buffer.push(json.dumps(entry))
        if self._buffer.start > before and self._buffer.start > max((one.next for one in self._deliveries), default=0):
            self.dropped += 1
        for consumer in self._consumers.values():
            consumer.write()

    @property
    def missed(self) -> int:
        """Entries that the buffer lost before pages had them that were slow or away; for each such page."""
        return self._missed_by_forgotten + sum(delivery.missed for delivery in self._deliveries)

    @property
    def is_drained(self) -> bool:
        """Whether somebody is there, and everybody has everything."""
        consumers = self._open_consumers
        return bool(consumers) and all(consumer.has_everything(self._buffer.end) for consumer in consumers)

    async def run(self) -> None:
        """Stays connected to the server, without end. Pages keep getting lines while the server is away."""
        await asyncio.gather(self._stay_connected(), self._tend_consumers())

    async def close(self) -> None:
        await asyncio.gather(*(consumer.link.finish() for consumer in self._open_consumers))

    @property
    def _deliveries(self) -> list[LogDelivery]:
        return [consumer.delivery for consumer in self._consumers.values() if consumer.delivery]

    @property
    def _open_consumers(self) -> list[LogConsumer]:
        return [consumer for consumer in self._consumers.values() if consumer.is_open]

    async def _stay_connected(self) -> None:
        while True:
            try:
                await self._signal()
            except (OSError, asyncio.TimeoutError, websockets.WebSocketException) as failure:
                print(f"{failure}; again in {RECONNECT_SECONDS} seconds.", file=sys.stderr)
            self._socket = None
            for consumer in self._consumers.values():
                consumer.lose_server()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _signal(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with websockets.connect(self._url, extra_headers=headers) as socket:
            self._socket = socket
            metadata = {"system_name": self._system, "version": "1.0", "description": "log_producer.py"}
            register = {"type": "register", "role": "producer", "client_id": self._client_id, "metadata": metadata}
            await self._tell(register)
            async for text in socket:
                try:
                    await self._receive(json.loads(text))
                except Exception as failure:  # The server passes on what pages write, whatever it is.
                    print(f"A message is of no use: {failure!r}", file=sys.stderr)

    async def _tell(self, message: dict) -> None:
        if self._socket:
            await self._socket.send(json.dumps(message))

    async def _receive(self, message: dict) -> None:
        kind = message["type"]
        if kind == "registered":
            print(f"Registered as {message['client_id']}.", file=sys.stderr)
        elif kind == "error":
            print(f"The server says: {message['code']}: {message['message']}", file=sys.stderr)
        elif kind == "consumer_connected":
            await self._want(message["consumer_id"])
        elif kind == "consumer_disconnected" and message["consumer_id"] in self._consumers:
            self._consumers[message["consumer_id"]].leave_at(now() + UNWANTED_SECONDS)
        elif message.get("from") in self._consumers:
            await self._hear(self._consumers[message["from"]], message)

    async def _hear(self, consumer: LogConsumer, message: dict) -> None:
        kind = message["type"]
        if kind == "webrtc_request":
            await self._offer(consumer)
        elif kind == "webrtc_answer" and consumer.is_about(message):
            await consumer.link.accept(message)
        elif kind == "ice_candidate" and consumer.is_about(message):
            await consumer.link.add_candidate(message)

    async def _want(self, consumer_id: str) -> None:
        """The server tells this of all pages again when it was away. A channel that still works needs no new one."""
        consumer = self._consumers.setdefault(consumer_id, LogConsumer(consumer_id))
        consumer.stay()
        if not consumer.is_open:
            await self._offer(consumer)

    async def _offer(self, consumer: LogConsumer) -> None:
        """The producer is the one that offers."""
        link = consumer.new_link(opened=self._opened)
        sdp = await link.offer()
        offer = {"type": "webrtc_offer", "to": consumer.id, "sdp": sdp, "connection": link.id, "features": ["received"]}
        if consumer.link is link:
            await self._tell(offer)

    def _opened(self, consumer: LogConsumer) -> None:
        if not consumer.delivery:
            consumer.delivery = LogDelivery(self._buffer, self._start_of_newcomer())
        consumer.delivery.begin(consumer.link.id, consumer.link.answer)
        consumer.write()

    def _start_of_newcomer(self) -> int:
        """It gets what nobody has had, or else what comes from now on."""
        if len(self._open_consumers) == 1:
            self._backlog_start = max((delivery.confirmed for delivery in self._deliveries), default=0)
            self._backlog_until = now() + BACKLOG_SECONDS
        return max(self._backlog_start, self._buffer.start) if now() <= self._backlog_until else self._buffer.end

    async def _tend_consumers(self) -> None:
        """Ends connections in vain, offers new ones to pages that lost theirs, and forgets who left long ago."""
        while True:
            await asyncio.sleep(TEND_SECONDS)
            for consumer in list(self._consumers.values()):
                consumer.end_link_in_vain()
                if consumer.is_wanted and not consumer.link:
                    with contextlib.suppress(OSError, InvalidStateError, websockets.ConnectionClosed):
                        await self._offer(consumer)
            gone = [consumer for consumer in self._consumers.values() if consumer.is_gone]
            for consumer in gone[: max(0, len(gone) - MAX_REMEMBERED)]:
                del self._consumers[consumer.id]
                self._missed_by_forgotten += consumer.delivery.missed if consumer.delivery else 0


async def main(arguments: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    producer = LogProducer(arguments.url, arguments.system, arguments.token, arguments.buffer)
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
    print(f"{producer.dropped} entries were dropped, {producer.missed} were missed by single pages.", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Shows the log of a program on the log page of Sluice.")
    parser.add_argument("url")
    parser.add_argument("--system", required=True, help="name under which the page shows it")
    parser.add_argument("--token")
    parser.add_argument("--buffer", type=int, default=10_000, help="entries that are kept for pages that are not there")
    parser.add_argument("--patience", type=float, default=5, help="seconds to wait for a page at the end")
    try:
        asyncio.run(main(parser.parse_args()))
    except KeyboardInterrupt:
        pass
