/** Ends a handshake. It is thrown and caught within `dtls/`; outsiders get its message as a reason. */
export class HandshakeFailure extends Error {
  /** The description that the peer is told, of the table ALERT. */
  readonly alert: number;

  constructor(reason: string, alert: number, options?: ErrorOptions) {
    super(reason, options);
    this.alert = alert;
  }
}
