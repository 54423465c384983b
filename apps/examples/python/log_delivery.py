"""The latest lines of a log producer, and how far each page has got in them; used by log_producer.py."""

import collections
from typing import Any, Optional


class LogBuffer:
    """The latest lines, numbered from 0 on. What does not fit any more, the oldest loses."""

    def __init__(self, size: int) -> None:
        self.end = 0  #: Number of the next line.
        self._lines: collections.deque = collections.deque(maxlen=size)

    @property
    def start(self) -> int:
        """Number of the oldest line that is there."""
        return self.end - len(self._lines)

    def push(self, text: str) -> None:
        self._lines.append(text)
        self.end += 1

    def at(self, number: int) -> str:
        return self._lines[number - self.start]


class LogDelivery:
    """How far one page has got, over all of its connections.

    What was handed to a channel is not there yet: it is lost when the connection breaks. A page that was offered the
    feature `received` tells how many entries have come, and the next connection begins after those; with other pages a
    line counts as arrived when the channel has it.
    """

    def __init__(self, buffer: LogBuffer, start: int) -> None:
        self.missed = 0  #: Lines that the buffer lost before this page had them.
        self.confirmed = start  #: All lines before this number have arrived.
        self._buffer = buffer
        self.next = start  #: Number of the line that the channel gets next.
        self._connection: Optional[str] = None
        self._is_told = False
        self._arrived = 0  # Entries of this connection that have.
        self._on_their_way: collections.deque = collections.deque()  # Numbers of lines.

    def begin(self, connection: str, answer: dict) -> None:
        """A new connection begins where the last one ended; `resume` of the answer tells where, as the page sees it."""
        resume = answer.get("resume")
        if isinstance(resume, dict) and resume.get("connection") == self._connection:
            self.received(resume.get("entries"))
        self.next = self.confirmed
        self._connection = connection
        features = answer.get("features")
        self._is_told = isinstance(features, list) and "received" in features
        self._arrived = 0
        self._on_their_way.clear()

    def take(self) -> Optional[str]:
        """The next line for the channel."""
        lost = self._buffer.start - self.next
        if lost > 0:
            self.missed += lost
            self.next = self._buffer.start
        if self.next == self._buffer.end:
            return None
        text = self._buffer.at(self.next)
        self._on_their_way.append(self.next)
        self.next += 1
        # What the buffer has lost could not be sent again, so it need not be remembered.
        settled = self._buffer.start if self._is_told else self.next
        while self._on_their_way and self._on_their_way[0] < settled:
            self._settle()
        return text

    def received(self, entries: Any) -> None:
        """The page has so many entries of this connection."""
        while self._on_their_way and isinstance(entries, int) and self._arrived < entries:
            self._settle()

    def _settle(self) -> None:
        self.confirmed = self._on_their_way.popleft() + 1
        self._arrived += 1
