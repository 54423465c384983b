import { ReplayWindow } from '../srtp/replay-window.ts';
import { CONTENT_TYPE, type DtlsRecord, parseRecords } from './record.ts';

/** RFC 6347 section 4.1.2.6. */
const REPLAY_WINDOW_RECORDS = 64;
/** Encrypted records that overtook the handshake; more are dropped, as if the network had lost them. */
const MAX_HELD_RECORDS = 16;

/** Why records, and data that we should send, are dropped. */
export type DtlsDropReason =
  | 'malformed'
  | 'unauthenticated'
  | 'unexpected'
  | 'undecryptable'
  | 'replayed'
  | 'overflow'
  | 'unsendable';

/** Opens records of epoch 1. */
interface RecordOpener {
  /** Undefined when the record is not the peer's. */
  open(record: DtlsRecord): Buffer | undefined;
}

/** Whose word the content of a record is: anybody's, or that of the holder of the keys. */
export type RecordOrigin = 'anybody' | 'keyHolder';

/** What {@link RecordReader} calls with what passed. */
export interface RecordListener {
  onHandshake(content: Buffer, origin: RecordOrigin): void;
  onAlert(content: Buffer, origin: RecordOrigin): void;
  onData(content: Buffer): void;
  onDropped(reason: DtlsDropReason): void;
}

/**
 * Takes datagrams apart, decrypts, and lets pass only what a DTLS 1.2 peer may say at this point
 * of the association; the rest is dropped in silence (RFC 6347 section 4.1.2.7). Never throws.
 */
export class RecordReader {
  readonly #listener: RecordListener;
  readonly #replayWindow = new ReplayWindow(REPLAY_WINDOW_RECORDS);
  #state: 'handshake' | 'connected' | 'stopped' = 'handshake';
  #opener: RecordOpener | undefined;
  #held: DtlsRecord[] = [];

  constructor(listener: RecordListener) {
    this.#listener = listener;
  }

  receive(datagram: Buffer): void {
    const { records, complete } = parseRecords(datagram);
    if (!complete) this.#listener.onDropped('malformed');
    for (const record of records) this.#read(record);
  }

  /** Keys have come: reads the records that were early. */
  keysReady(opener: RecordOpener): void {
    this.#opener = opener;
    this.#readHeld();
  }

  /** The peer is verified: from here on data passes, and nothing in the clear. */
  connected(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'connected';
    this.#readHeld();
  }

  /** Nothing passes any more. */
  stop(): void {
    this.#state = 'stopped';
    this.#held = [];
  }

  #readHeld(): void {
    const records = this.#held;
    this.#held = [];
    for (const record of records) this.#read(record);
  }

  #read(record: DtlsRecord): void {
    if (this.#state === 'stopped') return;
    if (record.epoch === 0) this.#readPlaintext(record);
    else if (record.epoch === 1) this.#readEncrypted(record);
    else this.#listener.onDropped('unexpected');
  }

  /** Anyone can forge these, so they may only bring the handshake on. */
  #readPlaintext({ contentType, fragment }: DtlsRecord): void {
    // The epoch of the records that follow a ChangeCipherSpec says the same.
    if (contentType === CONTENT_TYPE.changeCipherSpec) return;
    if (this.#state === 'connected' || contentType === CONTENT_TYPE.applicationData) {
      this.#listener.onDropped('unauthenticated');
      return;
    }
    this.#pass(contentType, fragment, 'anybody');
  }

  #readEncrypted(record: DtlsRecord): void {
    const isData = record.contentType === CONTENT_TYPE.applicationData;
    if (!this.#opener || (isData && this.#state === 'handshake')) {
      this.#hold(record);
      return;
    }
    // A Finished may come again in the very same record, and must be answered again.
    const mayRepeat = record.contentType === CONTENT_TYPE.handshake;
    if (!mayRepeat && !this.#replayWindow.isFresh(record.sequence)) {
      this.#listener.onDropped('replayed');
      return;
    }
    const content = this.#opener.open(record);
    if (content === undefined) {
      this.#listener.onDropped('undecryptable');
      return;
    }
    if (!mayRepeat) this.#replayWindow.add(record.sequence);
    this.#pass(record.contentType, content, 'keyHolder');
  }

  #pass(contentType: number, content: Buffer, origin: RecordOrigin): void {
    switch (contentType) {
      case CONTENT_TYPE.handshake:
        this.#listener.onHandshake(content, origin);
        return;
      case CONTENT_TYPE.alert:
        this.#listener.onAlert(content, origin);
        return;
      case CONTENT_TYPE.applicationData:
        this.#listener.onData(content);
        return;
      default:
        this.#listener.onDropped('unexpected');
    }
  }

  #hold(record: DtlsRecord): void {
    if (this.#held.length >= MAX_HELD_RECORDS) this.#listener.onDropped('overflow');
    else this.#held.push({ ...record, fragment: Buffer.from(record.fragment) });
  }
}
