import { type PluginContext, type Undo, MediaError, mediaRow, streamKeyText, withDeadline } from '@sluice/core';
import { flowReportBody, keepaliveBody, streamEndedBody, streamRegisteredBody } from '../bodies/notifications.ts';
import type { AddHead } from '../decisions/decision-hooks.ts';
import { type NotificationHook, NOTIFICATION_HOOKS, zlmNameOf } from '../options/hooks.ts';
import type { ResolvedOptions, TargetSettings } from '../options/options.ts';
import { NotificationTarget } from './notification-target.ts';

/** Topic of what is about no stream. */
const SERVER = '';

/** What of `drainMs` is for everything before on_server_exited. */
const DRAIN_SHARE = 0.75;

/** All URLs that are told, and what they are told of. */
export class NotificationLane {
  readonly #ctx: PluginContext;
  readonly #addHead: AddHead;
  readonly #targets: Record<NotificationHook, NotificationTarget[]> = {
    onServerStarted: [],
    onStreamChanged: [],
    onFlowReport: [],
    onServerKeepalive: [],
    onServerExited: [],
  };
  #undos: Undo[] = [];
  #cancelKeepalive: Undo | undefined;
  #drainMs = 0;
  /** Whether the server, and not only this plugin, is at its end. */
  #hasExited = false;

  constructor(ctx: PluginContext, addHead: AddHead) {
    this.#ctx = ctx;
    this.#addHead = addHead;
  }

  get targets(): readonly NotificationTarget[] {
    return Object.values(this.#targets).flat();
  }

  /** Takes other URLs; what waits for one that stays, or is another one now, is sent there. */
  configure({ targets, keepaliveIntervalMs, drainMs }: ResolvedOptions): void {
    this.#drainMs = drainMs;
    for (const hook of NOTIFICATION_HOOKS) this.#configureHook(hook, targets[hook]);
    for (const undo of this.#undos.splice(0)) undo();
    this.#listen();
    this.#cancelKeepalive?.();
    if (this.#targets.onServerKeepalive.length > 0) this.#keepAlive(keepaliveIntervalMs);
  }

  /** Delivers what waits, on_server_exited at last, as far as `drainMs` lets it. */
  async close(): Promise<void> {
    this.#cancelKeepalive?.();
    const last = this.#targets.onServerExited;
    const others = this.targets.filter((target) => !last.includes(target));
    await this.#drain(others, this.#drainMs * DRAIN_SHARE);
    if (this.#hasExited) this.#tell('onServerExited', SERVER, {});
    await this.#drain(last, this.#drainMs * (1 - DRAIN_SHARE));
    await Promise.all(this.targets.map((target) => target.close()));
  }

  #configureHook(hook: NotificationHook, wanted: readonly TargetSettings[]): void {
    const targets = this.#targets[hook];
    for (const [index, settings] of wanted.entries()) {
      const existing = targets[index];
      if (existing) existing.configure(settings);
      else targets.push(new NotificationTarget(zlmNameOf(hook), settings, this.#ctx.clock, this.#ctx.logger));
    }
    for (const removed of targets.splice(wanted.length)) void this.#retire(removed);
  }

  async #retire(target: NotificationTarget): Promise<void> {
    await this.#drain([target], this.#drainMs);
    await target.close();
  }

  #listen(): void {
    const { clock, sessions, streams } = this.#ctx;
    if (this.#targets.onServerStarted.length > 0) {
      this.#undos.push(this.#ctx.hook('server-started', () => this.#tell('onServerStarted', SERVER, {})));
    }
    if (this.#targets.onStreamChanged.length > 0) {
      const told = this.#ctx.hook('stream-changed', ({ stream: key, live }) => {
        const stream = live ? streams.find(key) : undefined;
        const row = stream && mediaRow(stream, { clock, sessions });
        this.#tell('onStreamChanged', streamKeyText(key), live ? streamRegisteredBody(key, row) : streamEndedBody(key));
      });
      this.#undos.push(told);
    }
    if (this.#targets.onFlowReport.length > 0) {
      const told = this.#ctx.hook('session-closed', (session) => {
        this.#tell('onFlowReport', session.stream ? streamKeyText(session.stream) : SERVER, flowReportBody(session));
      });
      this.#undos.push(told);
    }
    this.#undos.push(this.#ctx.hook('server-exited', () => void (this.#hasExited = true)));
  }

  #tell(hook: NotificationHook, topic: string, body: object): void {
    for (const target of this.#targets[hook]) target.tell(topic, this.#addHead(body));
  }

  #keepAlive(intervalMs: number): void {
    const { clock, streams, sessions } = this.#ctx;
    const beat = (): void => {
      const body = keepaliveBody(streams.list(), sessions.size);
      // One that was not taken yet says the same; after an outage nobody needs all of them.
      for (const target of this.#targets.onServerKeepalive) {
        if (!target.isTelling(SERVER)) target.tell(SERVER, this.#addHead(body));
      }
      this.#cancelKeepalive = clock.setTimeout(beat, intervalMs);
    };
    this.#cancelKeepalive = clock.setTimeout(beat, intervalMs);
  }

  async #drain(targets: readonly NotificationTarget[], ms: number): Promise<void> {
    // What is left is counted and said when the targets close.
    await withDeadline(this.#ctx.clock, { ms, expired: drainExpired }, () => Promise.all(targets.map((target) => target.drain()))).catch(() => undefined);
  }
}

function drainExpired(): MediaError {
  return new MediaError('HOOK_TIMEOUT', 'Not all notifications were delivered in time.');
}
