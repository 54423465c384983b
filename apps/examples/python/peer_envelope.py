"""The messages of the peer protocol, taken apart strictly: what is not as the protocol says raises `ProtocolError`."""

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Optional


class ProtocolError(Exception):
    """The server has sent what the protocol does not allow."""


@dataclass(frozen=True)
class ServerError:
    """`error` of a message: `code` is for programs and never changes, `message` is for people."""

    code: str
    message: str
    details: Optional[str] = None

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.details})" if self.details else "")


@dataclass(frozen=True)
class Envelope:
    """A message in either direction. `peer_id` comes back with the type that it was sent with."""

    type: str
    peer_id: str
    data: dict[str, Any] = field(default_factory=dict)
    error: Optional[ServerError] = None
    message_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    #: Milliseconds since 1970; seconds would do as well.
    timestamp: int = field(default_factory=lambda: int(time.time() * 1000))

    def to_json(self) -> str:
        fields = ("type", "peer_id", "message_id", "timestamp", "data")
        return json.dumps({name: getattr(self, name) for name in fields})

    @staticmethod
    def from_json(text: "str | bytes") -> "Envelope":
        message = json.loads(text)
        if not isinstance(message, dict):
            raise ProtocolError(f"A message must be an object, not {text!r}.")
        error = message.get("error")
        return Envelope(
            type=_typed(message, "type", str),
            peer_id=_typed(message, "peer_id", str),
            message_id=_typed(message, "message_id", str),
            timestamp=_typed(message, "timestamp", int),
            data=_typed(message, "data", dict) if "data" in message else {},
            error=None if error is None else _server_error(error),
        )


def _server_error(error: Any) -> ServerError:
    if not isinstance(error, dict):
        raise ProtocolError(f"error must be an object, not {error!r}.")
    details = _typed(error, "details", str) if "details" in error else None
    return ServerError(_typed(error, "code", str), _typed(error, "message", str), details)


def _typed(message: dict, name: str, kind: type) -> Any:
    value = message.get(name)
    # To Python True is an integer.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ProtocolError(f"{name} must be a {kind.__name__}, not {value!r}.")
    return value
