/** I and a 15-bit picture id: 1 + 2 bytes (RFC 9628 section 4.2). */
const DESCRIPTOR_BYTES = 3;
const PICTURE_ID_RANGE = 0x8000;

const HAS_PICTURE_ID = 0x80;
const INTER_PREDICTED = 0x40;
const START_OF_FRAME = 0x08;
const END_OF_FRAME = 0x04;
const LONG_PICTURE_ID = 0x80;

/** Frame marker 2 in the two highest bits of the uncompressed header (VP9 bitstream specification section 6.2). */
const FRAME_MARKER = 0b10;

/** Profile of a VP9 frame, 0 to 3. */
export function vp9Profile(frame: Uint8Array): number {
  const first = frame[0] ?? 0;
  return ((first >> 5) & 1) | (((first >> 4) & 1) << 1);
}

/** Whether a VP9 frame is a keyframe: neither shown again nor predicted. */
function isVp9Keyframe(frame: Uint8Array): boolean {
  const [first] = frame;
  if (first === undefined || first >> 6 !== FRAME_MARKER) return false;
  // Profile 3 has a reserved bit before show_existing_frame and frame_type.
  const flags = vp9Profile(frame) === 3 ? first << 1 : first;
  return (flags & 0b1000) === 0 && (flags & 0b0100) === 0;
}

/**
 * Cuts a VP9 frame into RTP payloads of about equal size (RFC 9628 section 4.2).
 * @param pictureId counts frames; its low 15 bits are sent
 * @param maxPayloadBytes descriptor included
 */
export function packetizeVp9(frame: Uint8Array, pictureId: number, maxPayloadBytes: number): Uint8Array[] {
  const count = Math.max(1, Math.ceil(frame.length / (maxPayloadBytes - DESCRIPTOR_BYTES)));
  const size = Math.ceil(frame.length / count);
  const id = pictureId % PICTURE_ID_RANGE;
  const predicted = isVp9Keyframe(frame) ? 0 : INTER_PREDICTED;
  return Array.from({ length: count }, (_, index) => {
    const part = frame.subarray(index * size, (index + 1) * size);
    const payload = new Uint8Array(DESCRIPTOR_BYTES + part.length);
    payload[0] = HAS_PICTURE_ID | predicted | (index === 0 ? START_OF_FRAME : 0) | (index === count - 1 ? END_OF_FRAME : 0);
    payload[1] = LONG_PICTURE_ID | (id >> 8);
    payload[2] = id & 0xff;
    payload.set(part, DESCRIPTOR_BYTES);
    return payload;
  });
}
