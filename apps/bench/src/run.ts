import { measureFanOut, measureSetUp } from './measure.ts';
import type { BenchOptions } from './options.ts';
import type { BenchResults, FanOutResult, ServerName, SetUpResult } from './results.ts';
import { describeSetting } from './setting.ts';
import type { TestBedOptions } from './test-bed.ts';

/** Measures the servers in turns, so that what else the machine does hits all of them. */
export async function runBench(options: BenchOptions, progress: (text: string) => void): Promise<BenchResults> {
  const setting = describeSetting(options.profile);
  const setUp: SetUpResult[] = [];
  const fanOut: FanOutResult[] = [];
  const bedOptions = (server: ServerName): TestBedOptions => ({ server, profile: options.profile, profileFolder: options.profileFolder });

  if (options.sessions > 0) {
    for (const server of options.servers) {
      progress(`${server}: ${options.sessions} sessions`);
      setUp.push(await measureSetUp(bedOptions(server), options.sessions));
    }
  }
  for (const [round, viewers] of options.viewers.entries()) {
    // The first of a round is another one each time.
    const order = round % 2 === 0 ? options.servers : options.servers.toReversed();
    for (const server of order) {
      progress(`${server}: ${viewers} viewers at ${options.rates.join(' and ')} packets/s`);
      fanOut.push(...(await measureFanOut(bedOptions(server), viewers, options.rates, options.seconds)));
    }
  }
  return { setting, setUp, fanOut };
}
