import {
  DEFAULT_VHOST,
  MediaError,
  type Negotiated,
  type NegotiationRequest,
  type PluginCapabilities,
  type SessionSummary,
  type Undo,
  type WebRtcPlugin,
  WebRtcPluginManager,
} from '@sluice/core';
import { type FakeEngine, FAKE_CODECS, FakeClock, MemoryLogger, fakeEngine, sampleOffer, sampleRequest, settle } from '@sluice/core/testing';
import type { CreatePlugin, Subject } from './conformance-options.ts';
import { Fault, demand, wordsOf } from './fault.ts';
import { type ObservedPlugin, observePlugin } from './observe-plugin.ts';
import { becomesTrue, outcomeWithin } from './patience.ts';
import { sampleInputs } from './sample-inputs.ts';

/** What a person offers who publishes with a camera and opens a data channel. */
const OFFER = sampleOffer(['audio', 'video', 'application']);

/** Longer than every deadline of a manager, so that whatever hangs is given up, milliseconds. */
const PAST_EVERY_DEADLINE = 60_000;

/** The plugin in a manager of its own. Engine, clock, peers and viewers' stream are fake. */
export class Trial implements AsyncDisposable {
  readonly manager: WebRtcPluginManager;
  readonly clock = new FakeClock();
  readonly engine: FakeEngine = fakeEngine();
  readonly logger = new MemoryLogger();
  readonly observed: ObservedPlugin;
  /** What the hooks were told of ended sessions. */
  readonly summaries: SessionSummary[] = [];
  readonly #subject: Subject;
  readonly #unregister: Undo;
  #endStream: Undo = () => undefined;
  /** What is open without any session. */
  #atRest = { transports: 0, timers: 0 };

  private constructor(subject: Subject, plugin: ObservedPlugin) {
    const { clock, engine, logger } = this;
    this.#subject = subject;
    this.observed = plugin;
    this.manager = new WebRtcPluginManager({ clock, engine, logger });
    this.manager.hook('session-closed', (summary) => void this.summaries.push(summary));
    this.#unregister = this.manager.registerPlugin(plugin.plugin);
  }

  /** A trial whose plugin is set up. @throws Fault */
  static async ready(subject: Subject): Promise<Trial> {
    const plugin = observePlugin(await makePlugin(subject.createPlugin), sampleInputs(subject.request));
    const trial = new Trial(subject, plugin);
    try {
      for (const create of subject.companions) trial.manager.registerPlugin(await create());
      await trial.complete('Its setup', trial.manager.ready());
    } catch (error) {
      await trial[Symbol.asyncDispose]();
      throw error;
    }
    trial.#atRest = { transports: trial.engine.transportCount, timers: trial.clock.pending };
    return trial;
  }

  get types(): readonly string[] {
    return this.observed.plugin.types ?? [];
  }

  get access(): PluginCapabilities['access'] {
    return this.observed.plugin.capabilities?.access ?? 'none';
  }

  /** What the manager has of the plugin, in words. */
  get held(): string {
    const { observed, manager, engine, clock } = this;
    const points = new Set(observed.contributedTo);
    const counts = {
      hooks: observed.hooks.size,
      contributions: Array.from(points, (point) => manager.contributions(point)).flat().length,
      streams: manager.streams.list().length,
      sessions: manager.sessions.size,
      transports: engine.transportCount,
      timers: clock.pending,
    };
    return Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ');
  }

  /** Waits for the plugin's work, while time goes by for it too. @throws Fault when it fails or takes too long */
  async complete<T>(what: string, work: Promise<T>): Promise<T> {
    const { deadlineMs } = this.#subject;
    const outcome = await outcomeWithin(deadlineMs, work, this.clock);
    if (!outcome) throw new Fault(`${what} did not end within ${deadlineMs} ms; find what it waits for, or give it a deadline.`);
    if ('error' in outcome) throw new Fault(`${what} failed: ${explain(outcome.error)}`);
    return outcome.value;
  }

  /** What a negotiation fails with; undefined when it succeeds. @throws Fault when it takes too long */
  async refusal(what: string, negotiation: Promise<Negotiated>): Promise<unknown> {
    const caught = negotiation.then(
      () => undefined,
      (error: unknown) => error,
    );
    return this.complete(what, caught);
  }

  /** A request as a front door would make it; without `offer` that of a camera with a data channel. */
  request(changes: Partial<NegotiationRequest> = {}): NegotiationRequest {
    return sampleRequest({ offer: OFFER, ...this.#subject.request, ...changes });
  }

  /** Makes a session and lets its peer connect. @throws Fault when that fails */
  async openSession(type: string): Promise<Negotiated> {
    this.ensureStream();
    const negotiated = await this.complete(`The negotiation of '${type}'`, this.manager.negotiateSdp(type, this.request()));
    this.#connectPeers();
    await settle();
    return negotiated;
  }

  /** Publishes what viewers ask for. */
  ensureStream(): void {
    const { app, stream, vhost = DEFAULT_VHOST } = this.request();
    const key = { vhost, app, stream };
    if (this.access !== 'play' || this.manager.streams.find(key)) return;
    const tracks = (['audio', 'video'] as const).map((kind) => this.engine.createTrack({ kind, codec: FAKE_CODECS[kind] }));
    const publication = this.manager.streams.publish(key, { tracks, close: () => undefined });
    publication.live();
    this.#endStream = () => publication.end('the trial is over');
  }

  /** Closes the manager. @throws Fault when the plugin fails or takes too long */
  async close(): Promise<void> {
    await this.complete('Closing the manager', this.manager.close());
    this.#atRest = { transports: 0, timers: 0 };
  }

  /** Takes the plugin out of the running manager, and waits until it is closed. @throws Fault */
  async remove(): Promise<void> {
    this.#unregister();
    const isClosed = (): boolean => this.manager.sessions.size === 0 && this.observed.openCloseTasks === 0;
    const inTime = await becomesTrue(this.#subject.deadlineMs, isClosed, this.clock);
    demand(inTime, 'When it was removed, its sessions or onClose tasks did not end; let close and onClose resolve without waiting for peers.');
    await settle();
    const [failure] = this.logger.lines.filter(({ level, fields }) => level === 'error' && fields['plugin'] === this.observed.plugin.name);
    demand(failure === undefined, `When it was removed, it failed: ${explain(failure?.fields['err'])}`);
    this.#atRest = { transports: 0, timers: 0 };
  }

  /** Waits until the plugin has closed what it closes without being waited for. @throws Fault naming what stays open */
  async demandNothingOpen(when: string): Promise<void> {
    this.#endStream();
    await becomesTrue(this.#subject.deadlineMs, () => this.#leftOver() === undefined);
    const leftOver = this.#leftOver();
    demand(leftOver === undefined, `${when}, ${leftOver}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = this.manager.close();
    // What fails or hangs here has been found by a check, or is none of its business.
    if (await outcomeWithin(100, closing, this.clock)) return;
    await this.clock.advance(PAST_EVERY_DEADLINE);
    await outcomeWithin(this.#subject.deadlineMs, closing, this.clock);
  }

  #connectPeers(): void {
    for (const transport of this.engine.transports) {
      if (transport.state !== 'new') continue;
      transport.setState('connecting');
      transport.setState('connected');
      transport.openDataChannel('chat').receive('hello');
    }
  }

  #leftOver(): string | undefined {
    const { engine, clock, observed } = this;
    const open = engine.transportCount - this.#atRest.transports;
    const timers = clock.pending - this.#atRest.timers;
    if (open > 0) return `${open} of its transports are open; close them in the session's close, or before negotiate throws.`;
    if (observed.openNegotiations > 0) return 'its negotiate still runs; end it when request.signal is aborted.';
    if (timers > 0) return `${timers} of its timers are armed; call the function that ctx.clock.setTimeout gave.`;
    return this.#streamLeft();
  }

  #streamLeft(): string | undefined {
    if (this.access !== 'publish') return undefined;
    const { app, stream, vhost = DEFAULT_VHOST } = this.request();
    try {
      this.manager.streams.publish({ vhost, app, stream }, { tracks: [], close: () => undefined }).end('the name is free');
      return undefined;
    } catch (error) {
      // A closed manager takes no stream at all, and has ended its own.
      if (MediaError.is(error) && error.code === 'MANAGER_CLOSED') return undefined;
      return `its stream still exists; end the publication when the session closes (${wordsOf(error)})`;
    }
  }
}

/** @throws Fault when the factory throws */
export async function makePlugin(create: CreatePlugin): Promise<WebRtcPlugin> {
  try {
    return await create();
  } catch (error) {
    throw new Fault(`It could not be made (${explain(error)}); if it needs options, give them.`);
  }
}

/** What went wrong, with what is behind it: that is where an author finds the line. */
function explain(error: unknown): string {
  const causes: string[] = [];
  if (error instanceof AggregateError) causes.push(...error.errors.map((each) => explain(each)));
  else if (error instanceof Error && error.cause !== undefined) causes.push(explain(error.cause));
  return [wordsOf(error), ...causes].join(' ← ');
}
