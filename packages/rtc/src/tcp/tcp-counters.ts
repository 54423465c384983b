/** Counters of a TCP port since it listens. */
export interface TcpCounters {
  /** Connections that were taken. */
  accepted: number;
  /** Frames that came in. */
  received: number;
  sent: number;
  /** Errors that the system reported, on a connection or on a listener. */
  socketErrors: number;
  /** Connections that were closed as soon as they came, by reason. */
  refused: {
    tooMany: number;
    tooManyOfAddress: number;
  };
  /** Connections that were cut, by reason. */
  cut: {
    /** No connectivity check was verified in time. */
    notVerified: number;
    /** A frame was longer than any datagram. */
    oversizeFrame: number;
  };
  /** Datagrams that were not sent, by reason. */
  dropped: {
    /** The connection's send queue was full. */
    queueFull: number;
    /** Longer than a frame can say. */
    tooLong: number;
    /** The connection was closed. */
    closed: number;
  };
}

export function createTcpCounters(): TcpCounters {
  return {
    accepted: 0,
    received: 0,
    sent: 0,
    socketErrors: 0,
    refused: { tooMany: 0, tooManyOfAddress: 0 },
    cut: { notVerified: 0, oversizeFrame: 0 },
    dropped: { queueFull: 0, tooLong: 0, closed: 0 },
  };
}
