import { EMPTY_OUTBOUND_STATS, EMPTY_TRACK_STATS, fakeTransportStats } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { MediaTotals } from './media-totals.ts';

function transport(packetsLost: number) {
  return {
    inbound: [{ stats: () => ({ ...EMPTY_TRACK_STATS, packetsReceived: 10, packetsLost, nackCount: 1, dropped: { late: 2 } }) }],
    outbound: [{ stats: () => ({ ...EMPTY_OUTBOUND_STATS, packetsSent: 5, pliCount: 1, dropped: { noKey: 1 } }) }],
    stats: () => ({ ...fakeTransportStats(), bytesSent: 7, dropped: { replay: 3 } }),
  };
}

test('totals hold what ended transports had counted, and losses that are taken back do not make them fall', () => {
  const totals = new MediaTotals();
  totals.keep(transport(1));
  expect(totals.read([transport(4)])).toMatchObject({
    received: { packets: 20, lost: 5, nacks: 2, dropped: { late: 4 } },
    sent: { packets: 10, plis: 2, dropped: { noKey: 2 } },
    transport: { bytesSent: 14, dropped: { replay: 6 } },
  });
  expect(totals.read([transport(2)]).received.lost).toBe(5);
  expect(totals.read([])).toMatchObject({ received: { packets: 10 }, sent: { packets: 5 } });
});
