import { isDeepStrictEqual } from 'node:util';
import type { PluginContext, Undo } from '@sluice/core';
import { type DecisionHook, DECISION_HOOKS, zlmNameOf } from '../options/hooks.ts';
import type { ResolvedOptions, TargetSettings } from '../options/options.ts';
import { type AddHead, registerDecision } from './decision-hooks.ts';
import { DecisionTarget } from './decision-target.ts';

/** All URLs that decide. */
export class DecisionLane {
  readonly #ctx: PluginContext;
  readonly #addHead: AddHead;
  readonly #targets: Record<DecisionHook, DecisionTarget[]> = { onPublish: [], onPlay: [], onStreamNotFound: [], onStreamNoneReader: [] };
  #undos: Undo[] = [];

  constructor(ctx: PluginContext, addHead: AddHead) {
    this.#ctx = ctx;
    this.#addHead = addHead;
  }

  get targets(): readonly DecisionTarget[] {
    return Object.values(this.#targets).flat();
  }

  /** Takes other URLs. Questions that are under way end as they began; a target whose settings stay keeps what it knows. */
  configure({ targets }: ResolvedOptions): void {
    for (const undo of this.#undos.splice(0)) undo();
    for (const hook of DECISION_HOOKS) {
      this.#targets[hook] = this.#configureHook(hook, targets[hook]);
      this.#undos.push(...this.#targets[hook].map((target) => registerDecision(this.#ctx, hook, target, this.#addHead)));
    }
  }

  /** @returns how many answers were forgotten */
  purge(): number {
    return this.targets.reduce((sum, target) => sum + target.purge(), 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.targets.map((target) => target.close()));
  }

  #configureHook(hook: DecisionHook, wanted: readonly TargetSettings[]): DecisionTarget[] {
    const before = this.#targets[hook];
    const after = wanted.map((settings, index) => {
      const existing = before[index];
      if (existing && isDeepStrictEqual(existing.settings, settings)) return existing;
      return new DecisionTarget(zlmNameOf(hook), settings, this.#ctx.clock, this.#ctx.logger);
    });
    for (const target of before) {
      if (!after.includes(target)) void target.retire();
    }
    return after;
  }
}
