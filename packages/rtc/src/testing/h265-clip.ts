/** Half a second of x265 at 96 by 64 pixels, Main profile: the parameter sets, an IDR picture, and what follows it. */
export const H265_CLIP = {
  parameterSets: ['QAEMAf//AWAAAAMAkAAAAwAAAwAeugJA', 'QgEBAWAAAAMAkAAAAwAAAwAeoDCBBZbpKTC8BaAgAAADACAAAAMBQQ==', 'RAHAc8GJ'].map(decode),
  keyframe: decode(
    'KAGsGFCKmMN98XZvfjrvxWrw/6FGJyDk9u+RSsgkT2nSJV2PPDzkFWt+mLhB/mh6XuaeEMR+LB2L5/MyHcde7jfsDvgPD68to43aCQw0jYMzfpnJv+HoN7aR69SBcVIaV0h/jfdhfSpBuzhjcQPf+quLqgLaWwox+yS6QAF36MxH2d3gea/erJwLceFMZ784QJQ3RicMA1B/fmsffy7mqP19qxB3RRq1f2abwshKH+SwVATiS+ENL9CxRkAHY8dLprUA9ZLK2rSWEUxifEfVFkD/5Mx6QlS3NVNTA+/AxaYqkXw8EmqASIqFFUkKcyrsUjmNSbyltR9h2q4u8fP22smPHaxlDMZp3AepZ2rViqpP4UrrG8Dh3Ibs6gv1NqTLr5tIccIqXjZNh34WgGJcXspU+YZqVcSUYAoY1h75RA4z5Jd9If13ock/rFK/MOIk',
  ),
  others: ['AgHQCXiAwpNHQHZA', 'AgHQEf4gMCTAR0B2QA==', 'AgHQGf4gMCTAR0C10U+etGklx4A=', 'AgHQIf4gMKTAR0D5KZEL2A=='].map(decode),
};

/** An aggregation packet (RFC 7798 section 4.4.2). */
export function aggregateH265(units: readonly Buffer[]): Buffer {
  const parts = units.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 0xff]), unit]);
  return Buffer.concat([Buffer.from([48 << 1, 1]), ...parts]);
}

/** Fragmentation units (RFC 7798 section 4.4.3). */
export function fragmentH265(unit: Buffer, bytes: number): Buffer[] {
  const type = (unit.readUInt8(0) >> 1) & 0x3f;
  const body = unit.subarray(2);
  const count = Math.ceil(body.length / bytes);
  return Array.from({ length: count }, (_, index) => {
    const bounds = (index === 0 ? 0x80 : 0) | (index === count - 1 ? 0x40 : 0);
    return Buffer.concat([Buffer.from([49 << 1, 1, bounds | type]), body.subarray(index * bytes, (index + 1) * bytes)]);
  });
}

function decode(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
