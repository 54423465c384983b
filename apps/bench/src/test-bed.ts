import { setTimeout as sleep } from 'node:timers/promises';
import type { ProfileName } from './load/profiles.ts';
import { Publisher } from './load/publisher.ts';
import { Viewer } from './load/viewer.ts';
import type { ServerName } from './results.ts';
import { ServerProcess } from './server-process.ts';

/** Nothing has come for so long: nothing more will come. */
const QUIET_MS = 300;
const QUIET_DEADLINE_MS = 10_000;

/** What {@link TestBed.open} takes. */
export interface TestBedOptions {
  readonly server: ServerName;
  readonly profile: ProfileName;
  /** Gets a CPU profile of the server when it ends. */
  readonly profileFolder: string | undefined;
}

/** A fresh server with one publisher, and the viewers that a measurement adds. */
export class TestBed implements AsyncDisposable {
  readonly server: ServerProcess;
  readonly #profile: ProfileName;
  readonly #publisher: Publisher;
  readonly #viewers: Viewer[] = [];

  private constructor(server: ServerProcess, publisher: Publisher, profile: ProfileName) {
    this.server = server;
    this.#publisher = publisher;
    this.#profile = profile;
  }

  /** @throws Error when the server does not start or the publisher does not connect */
  static async open({ server: name, profile, profileFolder }: TestBedOptions): Promise<TestBed> {
    const server = await ServerProcess.start(name, profileFolder);
    try {
      return new TestBed(server, await Publisher.connect(`${server.url}/whip/bench/stream`, profile), profile);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Packets that have come to all viewers so far. */
  get received(): number {
    return this.#viewers.reduce((sum, viewer) => sum + viewer.received, 0);
  }

  /**
   * Connects viewers, so many at a time.
   * @throws Error when one cannot connect
   */
  async connectViewers(count: number, atOnce: number): Promise<readonly Viewer[]> {
    const before = this.#viewers.length;
    const wanted = before + count;
    while (this.#viewers.length < wanted) {
      const batch = Math.min(atOnce, wanted - this.#viewers.length);
      // All are waited for, so that none is left behind when another fails.
      const outcomes = await Promise.allSettled(Array.from({ length: batch }, () => this.#connectViewer()));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed) throw failed.reason;
    }
    return this.#viewers.slice(before);
  }

  /**
   * Publishes and waits until everything has come that will.
   * @returns packets published
   */
  async publish(packetsPerSecond: number, seconds: number): Promise<number> {
    const published = await this.#publisher.publish(packetsPerSecond, seconds);
    const deadline = performance.now() + QUIET_DEADLINE_MS;
    let before = -1;
    while (this.received !== before && performance.now() < deadline) {
      before = this.received;
      await sleep(QUIET_MS);
    }
    return published;
  }

  async #connectViewer(): Promise<void> {
    this.#viewers.push(await Viewer.connect(`${this.server.url}/whep/bench/stream`, this.#profile));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const viewer of this.#viewers) viewer.close();
    this.#publisher.close();
    await this.server[Symbol.asyncDispose]();
  }
}
