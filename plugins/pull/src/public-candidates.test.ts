import { expect, test } from 'vitest';
import { withPublicCandidates } from './public-candidates.ts';

const candidate = (address: string): string => `a=candidate:1 1 udp 2130706431 ${address} 8000 typ host`;

test('only candidates at public addresses are left', () => {
  const kept = ['v=0', candidate('8.8.8.8'), 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'c=IN IP4 10.0.0.1', candidate('2606:4700::1111'), 'a=candidate:broken', 'a=end-of-candidates'];
  const dropped = ['10.0.0.1', '127.0.0.1', '169.254.169.254', '::1', 'fd00::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', 'host.local', 'internal.example'].map(candidate);
  for (const end of ['\r\n', '\n']) {
    const lines = [kept[0], ...dropped, ...kept.slice(1, 3), ...dropped.map((line) => line.replace('candidate', 'CANDIDATE')), ...kept.slice(3)];
    expect(withPublicCandidates(lines.join(end))).toBe(kept.join(end));
  }
});
