const IPV6_GROUPS = 8;

/**
 * The 4 or 16 bytes of an IP address as Node writes it. A zone (`%eth0`) is left off.
 * @param address a valid address; anything else gives meaningless bytes, never an error
 */
export function addressBytes(address: string): Buffer {
  return address.includes(':') ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number));
}

function ipv6Bytes(address: string): Buffer {
  const [withoutZone = ''] = address.split('%');
  const [head = '', tail] = embeddedIpv4AsGroups(withoutZone).split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const bytes = Buffer.alloc(2 * IPV6_GROUPS);
  for (const [index, group] of before.slice(0, IPV6_GROUPS).entries()) bytes.writeUInt16BE(group, 2 * index);
  const afterStart = Math.max(0, IPV6_GROUPS - after.length);
  for (const [index, group] of after.slice(0, IPV6_GROUPS).entries()) bytes.writeUInt16BE(group, 2 * (afterStart + index));
  return bytes;
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16) & 0xffff);
}

/** `::ffff:192.0.2.1` → `::ffff:c000:201` (RFC 4291 section 2.2). */
function embeddedIpv4AsGroups(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_match, a: string, b: string, c: string, d: string) => {
    const high = Number(a) * 256 + Number(b);
    const low = Number(c) * 256 + Number(d);
    return `${high.toString(16)}:${low.toString(16)}`;
  });
}
