import { ownAddress } from './address.ts';
import type { BenchOptions } from './options.ts';
import { answersPart } from './parts/answers.ts';
import { bitratePart } from './parts/bitrate.ts';
import { capacityPart } from './parts/capacity.ts';
import { endsPart } from './parts/ends.ts';
import { forwardPart } from './parts/forward.ts';
import { growthPart } from './parts/growth.ts';
import { lossPart } from './parts/loss.ts';
import { memoryPart } from './parts/memory.ts';
import type { Part, PartContext, PartName, PartResult } from './parts/part.ts';
import { setUpPart } from './parts/set-up.ts';
import { startPart } from './parts/start.ts';
import type { BenchResults } from './report/report.ts';
import { describeSetting } from './setting.ts';

const PARTS: Readonly<Record<PartName, Part>> = {
  forward: forwardPart,
  'set-up': setUpPart,
  answers: answersPart,
  capacity: capacityPart,
  growth: growthPart,
  memory: memoryPart,
  ends: endsPart,
  start: startPart,
  bitrate: bitratePart,
  loss: lossPart,
};

/** What hears of a run while it goes on. */
export interface BenchListener {
  progress(text: string): void;
  finished(name: PartName, result: PartResult): void;
}

/** Measures part by part; one that fails is told of and does not keep the others from running. */
export async function runBench(options: BenchOptions, listener: BenchListener): Promise<BenchResults> {
  const { address = ownAddress() } = options;
  const setting = describeSetting({ ...options, address });
  const context: PartContext = { ...options, address, progress: (text) => listener.progress(text) };
  const parts: Partial<Record<PartName, PartResult>> = {};
  const failures: Partial<Record<PartName, string>> = {};
  for (const name of options.parts) {
    try {
      const result = await PARTS[name](context);
      parts[name] = result;
      listener.finished(name, result);
    } catch (error) {
      failures[name] = error instanceof Error ? (error.stack ?? error.message) : String(error);
      listener.progress(`${name} failed: ${failures[name]}`);
    }
  }
  return { setting, parts, failures };
}
