// AES_CM_128_HMAC_SHA1_80 (RFC 3711) of a viewer's packets, once their keystream is ready.

import { headerBytesOf, payloadBytesOf, payloadOf, rolloverCounterOf, setSealedBytes, slotOf } from './batch';
import { TAG_BYTES, enqueue } from './hmac';
import { KEYSTREAM, addKeystream, wholeBlocks } from './keystream';

/** Encrypts the packets from `first` to before `end`. Their tags follow with authenticate(), with those of other viewers. */
export function encryptCounterMode(context: usize, first: usize, end: usize): void {
  let keystream = KEYSTREAM;
  for (let index = first; index < end; index++) {
    const slot = slotOf(index);
    const headerBytes = headerBytesOf(index);
    const payloadBytes = payloadBytesOf(index);
    addKeystream(slot + headerBytes, payloadOf(index), keystream, payloadBytes);
    enqueue(slot, headerBytes + payloadBytes, context, rolloverCounterOf(index));
    setSealedBytes(index, headerBytes + payloadBytes + TAG_BYTES);
    keystream += wholeBlocks(payloadBytes);
  }
}
