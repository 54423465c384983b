"""A page that wants the lines of a log producer; used by log_producer.py."""

import json
import math
from typing import Callable, Optional

from log_delivery import LogDelivery
from log_link import LogLink, now


class LogConsumer:
    """A page. It outlives its connections, so that a new one goes on where the last one broke."""

    def __init__(self, consumer_id: str) -> None:
        self.id = consumer_id
        self.is_wanted = False  #: The server says that it is there.
        self.link: Optional[LogLink] = None
        self.delivery: Optional[LogDelivery] = None
        self._leaves_at = math.inf

    @property
    def is_open(self) -> bool:
        return self.link is not None and self.link.is_open

    @property
    def is_gone(self) -> bool:
        return not self.is_wanted and self.link is None

    def stay(self) -> None:
        self.is_wanted = True
        self._leaves_at = math.inf

    def leave_at(self, time: float) -> None:
        """The server does not know the page any more; its channel may live on for so long."""
        self.is_wanted = False
        self._leaves_at = time if self.is_open else now()
        self.end_link_in_vain()

    def lose_server(self) -> None:
        """The channel needs no server, but an answer to what was offered cannot come any more."""
        self.is_wanted = False
        if self.link and not self.is_open:
            self.link.close()

    def end_link_in_vain(self) -> None:
        if not self.link:
            return
        if now() >= self._leaves_at or (not self.is_open and now() >= self.link.fails_at):
            self.link.close()

    def new_link(self, opened: Callable[["LogConsumer"], None]) -> LogLink:
        if self.link:
            self.link.close()
        link = LogLink(
            opened=lambda: self.link is link and opened(self),
            received=lambda text: self.link is link and self._receive(text),
            writable=lambda: self.link is link and self.write(),
            closed=lambda: self._lose_link(link),
        )
        self.link = link
        return link

    def is_about(self, message: dict) -> bool:
        """Whether a message of the page is about its connection of now; one that does not say so is."""
        return self.link is not None and message.get("connection", self.link.id) == self.link.id

    def has_everything(self, end: int) -> bool:
        return self.delivery is not None and self.delivery.confirmed == end and self.link.is_drained

    def write(self) -> None:
        """Hands over what there is, as long as the channel takes it."""
        while self.delivery and self.link and self.link.is_writable:
            text = self.delivery.take()
            if text is None:
                return
            self.link.send(text)

    def _receive(self, text: str) -> None:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return
        if self.delivery and isinstance(message, dict) and message.get("type") == "received":
            self.delivery.received(message.get("entries"))

    def _lose_link(self, link: LogLink) -> None:
        if self.link is link:
            self.link = None
