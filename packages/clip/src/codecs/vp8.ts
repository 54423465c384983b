/** X and I with a 15-bit picture id: 1 + 1 + 2 bytes (RFC 7741 section 4.2). */
const DESCRIPTOR_BYTES = 4;
const PICTURE_ID_RANGE = 0x8000;

const EXTENDED = 0x80;
const START_OF_PARTITION = 0x10;
const HAS_PICTURE_ID = 0x80;
const LONG_PICTURE_ID = 0x80;

/**
 * Cuts a VP8 frame into RTP payloads of about equal size (RFC 7741 section 4.2).
 * @param pictureId counts frames; its low 15 bits are sent
 * @param maxPayloadBytes descriptor included
 */
export function packetizeVp8(frame: Uint8Array, pictureId: number, maxPayloadBytes: number): Uint8Array[] {
  const count = Math.max(1, Math.ceil(frame.length / (maxPayloadBytes - DESCRIPTOR_BYTES)));
  const size = Math.ceil(frame.length / count);
  const id = pictureId % PICTURE_ID_RANGE;

  return Array.from({ length: count }, (_, index) => {
    const part = frame.subarray(index * size, (index + 1) * size);
    const payload = new Uint8Array(DESCRIPTOR_BYTES + part.length);
    payload[0] = EXTENDED | (index === 0 ? START_OF_PARTITION : 0);
    payload[1] = HAS_PICTURE_ID;
    payload[2] = LONG_PICTURE_ID | (id >> 8);
    payload[3] = id & 0xff;
    payload.set(part, DESCRIPTOR_BYTES);
    return payload;
  });
}
