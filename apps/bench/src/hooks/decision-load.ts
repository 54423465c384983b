import { WebRtcPluginManager, silentLogger } from '@sluice/core';
import { fakeSession, sampleOffer } from '@sluice/core/testing';
import webhooks, { type WebhooksOptions } from '@sluice/plugin-webhooks';

/** A manager whose sessions cost nothing but their decision. */
export interface DecisionLoad {
  /** Publishes again and again, that many at a time. */
  run(options: { readonly concurrency: number; readonly seconds: number }): Promise<DecisionRun>;
  close(): Promise<void>;
}

/** What came of one run. */
export interface DecisionRun {
  /** Milliseconds, of every decision. */
  readonly latencies: readonly number[];
  readonly seconds: number;
}

const TYPE = 'bench';
const OFFER = sampleOffer();

export async function startDecisionLoad(options: WebhooksOptions): Promise<DecisionLoad> {
  const manager = new WebRtcPluginManager({ logger: silentLogger });
  manager.registerPlugin(webhooks(options));
  manager.registerPlugin(TYPE, () => fakeSession(), { access: 'publish' });
  await manager.ready();

  async function decide(): Promise<number> {
    const begin = performance.now();
    const { record } = await manager.negotiateSdp(TYPE, { offer: OFFER, app: 'live', stream: 'bench' });
    const latency = performance.now() - begin;
    await manager.closeSession(record.id, 'measured');
    return latency;
  }

  return {
    async run({ concurrency, seconds }) {
      const latencies: number[] = [];
      const begin = performance.now();
      const repeat = async (): Promise<void> => {
        while (performance.now() - begin < seconds * 1000) latencies.push(await decide());
      };
      await Promise.all(Array.from({ length: concurrency }, repeat));
      return { latencies, seconds: (performance.now() - begin) / 1000 };
    },
    close: () => manager.close(),
  };
}
