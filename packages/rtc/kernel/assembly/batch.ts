// The batch that is being sealed: entries of PacketBatch (src/outbound/packet-batch.ts), which are arrays in this memory.

let headerBytesArray: usize = 0;
let payloadOffsetArray: usize = 0;
let payloadBytesArray: usize = 0;
let rolloverCounterArray: usize = 0;
let sealedBytesArray: usize = 0;
let firstSlot: usize = 0;
let slotDistance: usize = 0;

/** Makes this batch the one that indexes speak of. Takes the offsets of its arrays. */
export function useBatch(
  headerBytes: usize,
  payloadOffset: usize,
  payloadBytes: usize,
  rolloverCounter: usize,
  sealedBytes: usize,
  slots: usize,
  slotBytes: usize,
): void {
  headerBytesArray = headerBytes;
  payloadOffsetArray = payloadOffset;
  payloadBytesArray = payloadBytes;
  rolloverCounterArray = rolloverCounter;
  sealedBytesArray = sealedBytes;
  firstSlot = slots;
  slotDistance = slotBytes;
}

@inline
export function slotOf(index: usize): usize {
  return firstSlot + index * slotDistance;
}

@inline
export function headerBytesOf(index: usize): usize {
  return load<u16>(headerBytesArray + (index << 1));
}

@inline
export function payloadOf(index: usize): usize {
  return load<u32>(payloadOffsetArray + (index << 2));
}

@inline
export function payloadBytesOf(index: usize): usize {
  return load<u16>(payloadBytesArray + (index << 1));
}

/** In network order. */
@inline
export function rolloverCounterOf(index: usize): u32 {
  return bswap<u32>(load<u32>(rolloverCounterArray + (index << 2)));
}

/** As it stands in the header, in network order. */
@inline
export function sequenceNumberOf(index: usize): u32 {
  return load<u16>(slotOf(index), 2);
}

/** As it stands in the header, in network order. */
@inline
export function ssrcOf(index: usize): u32 {
  return load<u32>(slotOf(index), 8);
}

@inline
export function setSealedBytes(index: usize, bytes: usize): void {
  store<u16>(sealedBytesArray + (index << 1), <u16>bytes);
}
