import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RingReader, RingWriter, createRingMemory } from './shared-ring.ts';

const BYTES = 4096;

function createRing() {
  const memory = createRingMemory(BYTES);
  return { writer: new RingWriter(memory), reader: new RingReader(memory) };
}

function write(writer: RingWriter, record: Uint8Array): boolean {
  const offset = writer.append(record.length);
  if (offset >= 0) writer.bytes.set(record, offset);
  return offset >= 0;
}

function drain(reader: RingReader): Buffer[] {
  const records: Buffer[] = [];
  reader.drain((offset, length) => records.push(Buffer.from(reader.bytes.subarray(offset, offset + length))));
  return records;
}

it('gives back what was published, in order, however it lies over the end of the ring', () => {
  const rounds = fc.array(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 8 }), { maxLength: 60 });
  fc.assert(
    fc.property(rounds, (story) => {
      const { writer, reader } = createRing();
      for (const lengths of story) {
        const records = lengths.map((length) => randomBytes(length));
        const written = records.filter((record) => write(writer, record));
        expect(drain(reader)).toEqual([]);
        writer.publish();
        expect(drain(reader).map((record) => record.toString('hex'))).toEqual(written.map((record) => record.toString('hex')));
        expect(writer.unread).toBe(0);
      }
    }),
  );
});

it('has no room for more than its bytes, and room again for what was read', () => {
  const { writer, reader } = createRing();
  let count = 0;
  while (write(writer, randomBytes(500))) count++;
  expect(count).toBe(8);
  expect(writer.hasRoom(500, 1)).toBe(false);
  writer.publish();
  expect(drain(reader)).toHaveLength(8);
  expect(writer.hasRoom(500, 1)).toBe(true);
});

it('keeps what room it promised', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 40 }), fc.integer({ min: 1, max: 900 }), (lengths, wanted) => {
      const { writer, reader } = createRing();
      for (const length of lengths) if (!write(writer, randomBytes(length))) drain(reader);
      fc.pre(writer.hasRoom(wanted, 2));
      expect([write(writer, randomBytes(wanted)), write(writer, randomBytes(wanted))]).toEqual([true, true]);
    }),
  );
});

it('refuses a size that positions would not wrap with', () => {
  expect(() => createRingMemory(5000)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
});
