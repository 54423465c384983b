import type { Codec } from '@sluice/core';
import { codecToSendAs } from '../sdp/codec-match.ts';
import type { NegotiatedCodec } from '../sdp/negotiated.ts';
import { unwrapsRed } from '../sdp/red.ts';

/** As what a viewer is sent the codec of a source. */
export class ViewerCodec {
  readonly #negotiated: readonly NegotiatedCodec[];
  #source: Codec | undefined;
  #current: NegotiatedCodec | undefined;
  #unwrapsRed = false;

  constructor(negotiated: readonly NegotiatedCodec[]) {
    this.#negotiated = negotiated;
  }

  /** That of the last {@link of}; undefined when the viewer does not take it. */
  get current(): NegotiatedCodec | undefined {
    return this.#current;
  }

  /** Whether the source sends RED (RFC 2198) and the viewer takes only what is in it. */
  get unwrapsRed(): boolean {
    return this.#unwrapsRed;
  }

  /** A source seldom changes its codec, so the answer of before nearly always holds. */
  of(codec: Codec): NegotiatedCodec | undefined {
    if (codec !== this.#source) {
      this.#source = codec;
      this.#current = codecToSendAs(this.#negotiated, codec);
      this.#unwrapsRed = this.#current !== undefined && unwrapsRed(codec, this.#current.codec);
    }
    return this.#current;
  }
}
