import { ALERT } from '../alert.ts';
import { HandshakeFailure } from './failure.ts';
import { HANDSHAKE_TYPE, handshakeTypeName } from './message.ts';

interface ExpectedMessage {
  readonly type: number;
  readonly optional?: boolean;
}

/** What a client sends, in the order of RFC 5246 section 7.3. We always ask for its certificate. */
export const FROM_CLIENT: readonly ExpectedMessage[] = [
  { type: HANDSHAKE_TYPE.clientHello },
  { type: HANDSHAKE_TYPE.certificate },
  { type: HANDSHAKE_TYPE.clientKeyExchange },
  { type: HANDSHAKE_TYPE.certificateVerify },
  { type: HANDSHAKE_TYPE.finished },
];

/** What a server sends that resumes no session. */
export const FROM_SERVER: readonly ExpectedMessage[] = [
  { type: HANDSHAKE_TYPE.helloVerifyRequest, optional: true },
  { type: HANDSHAKE_TYPE.serverHello },
  { type: HANDSHAKE_TYPE.certificate },
  { type: HANDSHAKE_TYPE.serverKeyExchange },
  { type: HANDSHAKE_TYPE.certificateRequest, optional: true },
  { type: HANDSHAKE_TYPE.serverHelloDone },
  { type: HANDSHAKE_TYPE.finished },
];

/** Lets every message of the peer come once and in its turn. */
export class MessageOrder {
  readonly #expected: readonly ExpectedMessage[];
  #next = 0;

  constructor(expected: readonly ExpectedMessage[]) {
    this.#expected = expected;
  }

  /** @throws HandshakeFailure when another message had to come */
  advance(type: number): void {
    const index = this.#expected.findIndex((message, at) => at >= this.#next && (message.type === type || !message.optional));
    if (this.#expected[index]?.type !== type) {
      throw new HandshakeFailure(`the peer sent ${handshakeTypeName(type)} out of turn`, ALERT.unexpected_message);
    }
    this.#next = index + 1;
  }
}
