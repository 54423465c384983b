import { fileURLToPath } from 'node:url';
import { ownAddress } from '../address.ts';
import { startHookReceiver } from '../hooks/hook-receiver.ts';
import { formatTable } from '../report/table.ts';
import { forkServer } from '../servers/node-process.ts';
import { describeSetting } from '../setting.ts';
import { percentile } from '../statistics.ts';
import { type OfferWave, makeOffers } from './offer-wave.ts';

const AT_ONCE = 100;
/** All cases take turns, so that a busy moment of the machine hits each of them. */
const ROUNDS = 15;
/** For the compilers. */
const WARM_UP_ROUNDS = 3;
const HOOK_COUNTS = [0, 1, 3] as const;
const SERVER = fileURLToPath(new URL('offers-server.ts', import.meta.url));

const address = ownAddress();
const setting = describeSetting({ profile: 'gcm', address });
await using receiver = await startHookReceiver();
await using servers = new AsyncDisposableStack();
const subjects: { readonly name: string; readonly url: string; readonly waves: OfferWave[] }[] = [];
for (const count of HOOK_COUNTS) {
  const urls = Array.from({ length: count }, () => receiver.url);
  const server = servers.use(await forkServer(SERVER, [address, ...urls]));
  subjects.push({ name: nameOf(count), url: server.url, waves: [] });
}

for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
  for (const { url, waves } of subjects) {
    const wave = await makeOffers(url, address, AT_ONCE);
    if (round >= 0) waves.push(wave);
  }
}
process.stdout.write(`${formatReport()}\n`);

function nameOf(hooks: number): string {
  if (hooks === 0) return 'no hook';
  return `${hooks} hook${hooks === 1 ? '' : 's'}`;
}

function formatReport(): string {
  const rows = subjects.map(({ name, waves }) => {
    const latencies = waves.flatMap((wave) => wave.latencies);
    const perSecond = waves.map((wave) => (wave.latencies.length / wave.elapsed) * 1000);
    const failures = waves.reduce((sum, wave) => sum + wave.failures, 0);
    return [name, format(percentile(latencies, 0.5), 1), format(percentile(latencies, 0.99), 1), format(percentile(perSecond, 0.5), 0), String(failures)];
  });
  return [
    `${setting.date.slice(0, 10)}, ${setting.cpu}, ${setting.cores} cores, load average ${setting.loadAverage.toFixed(1)} at the start, ${setting.kernel}, Node ${setting.node}`,
    `${ROUNDS} waves of ${AT_ONCE} offers in the same moment for each case, type push, none of which connects; the server in a process of its own with media on ${address}`,
    `Hooks are answered by ${receiver.description}`,
    '',
    formatTable([['', 'p50 ms', 'p99 ms', 'offers/s', 'failures'], ...rows]),
  ].join('\n');
}

function format(value: number | undefined, digits: number): string {
  return value === undefined ? '-' : value.toFixed(digits);
}
