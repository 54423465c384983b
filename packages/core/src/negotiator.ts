import { accessRequestOf } from './access-request.ts';
import type { Undo } from './clock.ts';
import { traceConnect } from './connect-span.ts';
import { abortError, withDeadline } from './deadline.ts';
import { checkAnswer, checkOffer } from './description-check.ts';
import { MediaError } from './errors.ts';
import { blame, wordsOf } from './failures.ts';
import { type Grant, unboundedGrant } from './grant.ts';
import { HOST, type HookBus } from './hook-bus.ts';
import type { AccessRequest } from './hook-points.ts';
import type { ManagerSettings } from './manager-options.ts';
import type { Negotiated, NegotiationRequest, OfferRequest, SessionListener } from './manager-types.ts';
import { requireName } from './names.ts';
import { NegotiationStatistics } from './negotiation-statistics.ts';
import type { PluginScope } from './plugin-scope.ts';
import type { Negotiate, PluginCapabilities } from './plugin.ts';
import { checkedDescription, checkedSession, describeWhileOpen, offerUnsupported, requireOffers, sessionClosed } from './session-description.ts';
import { SessionLifetime } from './session-lifetime.ts';
import { type SessionSet, closeSession } from './session-set.ts';
import type { SessionGrant, SessionRecord, WebRtcSession } from './session.ts';
import { randomToken } from './tokens.ts';
import { traced } from './tracing.ts';

const ROLES = { publish: 'publisher', play: 'viewer', none: 'other' } as const;

/** Where a negotiation is, so that an error names whoever was at work. */
type Step = 'negotiate' | 'listener' | 'createAnswer' | 'createOffer';

/** One negotiation under way. */
interface Attempt {
  readonly plugin: PluginScope;
  readonly access: PluginCapabilities['access'];
  readonly negotiate: Negotiate;
  readonly type: string;
  /** What the client brings. */
  readonly request: NegotiationRequest | OfferRequest;
  readonly controller: AbortController;
  readonly leavePlace: Undo;
  step: Step;
  /** Made by the plugin, not yet in the set. */
  session: WebRtcSession | undefined;
}

export interface NegotiatorOptions {
  readonly settings: ManagerSettings;
  readonly hooks: HookBus;
  readonly sessions: SessionSet;
  /** Filled for each session as soon as the hooks have answered; whoever is told of its end empties it. */
  readonly grants: Map<string, SessionGrant>;
  /** Called when one more negotiation is over. */
  readonly onFinished: () => void;
}

/** The way of a request from its checks to an answered session. Nothing is locked while foreign code runs. */
export class Negotiator {
  readonly #settings: ManagerSettings;
  readonly #hooks: HookBus;
  readonly #sessions: SessionSet;
  /** By session, also of those that are not made yet. */
  readonly #grants: Map<string, SessionGrant>;
  readonly #onFinished: () => void;
  readonly statistics = new NegotiationStatistics();
  readonly #attempts = new Set<Attempt>();
  /** Negotiations that run, and closings of sessions that nobody waits for. */
  readonly #unfinished = new Set<Promise<unknown>>();
  #listener: SessionListener | undefined;

  constructor({ settings, hooks, sessions, grants, onFinished }: NegotiatorOptions) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#sessions = sessions;
    this.#grants = grants;
    this.#onFinished = onFinished;
  }

  setListener(listener: SessionListener | undefined): Undo {
    this.#listener = listener;
    return () => {
      if (this.#listener === listener) this.#listener = undefined;
    };
  }

  async negotiate(plugin: PluginScope, type: string, request: NegotiationRequest | OfferRequest): Promise<Negotiated> {
    const { clock, tracer } = this.#settings;
    const startedAt = clock.monotonic();
    try {
      const asked = accessRequestOf(type, request, randomToken());
      const attributes = { 'sluice.type': type, 'sluice.plugin': plugin.name, 'sluice.session': asked.sessionId, 'sluice.protocol': asked.protocol };
      const work = { parent: asked.trace, kind: 'server', attributes } as const;
      return await traced(tracer, 'negotiate', work, ({ context }) => this.#admit(plugin, request, { ...asked, trace: context }));
    } catch (error) {
      this.statistics.countRefusal(MediaError.is(error) ? error.code : 'INTERNAL');
      throw error;
    } finally {
      this.statistics.observe(clock.monotonic() - startedAt);
    }
  }

  /** Checks what costs nothing, and holds a place meanwhile. */
  async #admit(plugin: PluginScope, request: NegotiationRequest | OfferRequest, asked: AccessRequest): Promise<Negotiated> {
    const { access, negotiate, offers } = abilitiesOf(plugin);
    const { offer } = request;
    const { type } = asked;
    if (access !== 'none') {
      requireName('app', asked.app);
      requireName('stream', asked.stream);
    }
    if (offer !== undefined) checkOffer(offer, this.#settings.limits);
    else if (!offers) throw offerUnsupported(`The type ${type}`);
    const leavePlace = this.#sessions.reserve(asked.remote.address);
    const controller = new AbortController();
    const attempt: Attempt = { plugin, access, negotiate, type, request, controller, leavePlace, step: 'negotiate', session: undefined };
    this.#attempts.add(attempt);
    const unlink = forwardAbort(request.signal, controller);
    try {
      return await this.#track(this.#run(attempt, asked));
    } finally {
      unlink();
      leavePlace();
      this.#attempts.delete(attempt);
      this.#onFinished();
    }
  }

  /** The client's answer to the offer of a session. */
  async accept(sessionId: string, answer: string): Promise<void> {
    const { clock, timeouts, limits } = this.#settings;
    const record = this.#sessions.find(sessionId);
    if (!record) throw new MediaError('SESSION_NOT_FOUND', 'There is no session with this id; it may have ended.');
    const { session, plugin } = record;
    checkAnswer(answer, limits);
    const offering = requireOffers(session);
    const ms = timeouts.negotiateMs;
    const expired = (): MediaError => new MediaError('PLUGIN_TIMEOUT', `Plugin ${plugin} did not finish acceptAnswer within ${ms} ms.`, { plugin });
    try {
      await withDeadline(clock, { ms, expired }, () => offering.acceptAnswer(answer));
    } catch (error) {
      throw blame(error, plugin, 'PLUGIN_FAILED', `Plugin ${plugin} failed in acceptAnswer; the log of the server says why.`);
    }
  }

  /** Negotiations that are under way. */
  get underWay(): number {
    return this.#attempts.size;
  }

  /** Ends negotiations that are under way. */
  abort(error: MediaError, which: (plugin: PluginScope) => boolean = () => true): void {
    for (const attempt of this.#attempts) {
      if (which(attempt.plugin)) attempt.controller.abort(error);
    }
  }

  /** Resolves when negotiations have ended and what they left behind is closed. */
  async settled(): Promise<void> {
    while (this.#unfinished.size > 0) {
      // A negotiation that fails adds the closing of its session.
      await Promise.allSettled(this.#unfinished);
    }
  }

  async #run(attempt: Attempt, asked: AccessRequest): Promise<Negotiated> {
    try {
      const grant = await this.#authorise(attempt, asked);
      const lifetime = this.#lifetimeOf(attempt, asked, grant);
      this.#grants.set(asked.sessionId, lifetime.grant);
      const sdp = await this.#describe(attempt, grant.request, lifetime.grant);
      const record = this.#record(attempt, grant.request, lifetime);
      traceConnect(this.#settings.tracer, asked.trace, record.session);
      this.#logOpened(record, asked.requestId);
      return { sdp, record };
    } catch (error) {
      this.#grants.delete(asked.sessionId);
      const failure = failureOf(attempt, error);
      if (attempt.session) this.#discard(attempt.plugin, attempt.session, failure.message);
      this.#log(attempt, asked, failure);
      throw failure;
    }
  }

  async #authorise({ access, controller }: Attempt, asked: AccessRequest): Promise<Grant> {
    if (access === 'none') return unboundedGrant(asked);
    return this.#hooks.veto(access, asked, controller.signal);
  }

  #lifetimeOf({ access }: Attempt, asked: AccessRequest, grant: Grant): SessionLifetime {
    const { clock, logger } = this.#settings;
    if (access === 'none' || grant.renewAfterMs === undefined) return new SessionLifetime({ clock, logger, grant });
    const { stream } = grant.request;
    const renew = async (signal: AbortSignal): Promise<Grant> => {
      const renewed = await this.#hooks.veto(access, { ...asked, renewal: true, trace: undefined }, signal);
      if (renewed.request.stream === stream) return renewed;
      throw new MediaError('FORBIDDEN', 'Access has been granted to another stream instead.');
    };
    return new SessionLifetime({ clock, logger, grant, renew });
  }

  /** Plugin, listener and answer or offer, under one deadline. */
  #describe(attempt: Attempt, request: AccessRequest, grant: SessionGrant): Promise<string> {
    const { clock, timeouts, tracer } = this.#settings;
    // A viewer may have to wait for its stream; that time is not the plugin's.
    const ms = timeouts.negotiateMs + (attempt.access === 'play' ? this.#settings.rulesOf(request).maxStreamWaitMs : 0);
    const deadline = { ms, expired: () => tooLate(attempt, ms), signal: attempt.controller.signal };
    return withDeadline(clock, deadline, async (signal) => {
      const work = { parent: request.trace, attributes: { 'sluice.plugin': attempt.plugin.name } };
      const { offer, wishes } = attempt.request;
      const pluginRequest = { ...request, offer: offer ?? '', wishes, grant, signal };
      const made = await traced(tracer, 'plugin negotiate', work, ({ context: trace }) => attempt.negotiate({ ...pluginRequest, trace }, attempt.plugin.context));
      const session = checkedSession(made, attempt.plugin.name);
      if (signal.aborted) return this.#discardLate(attempt, session, signal);
      attempt.session = session;
      attempt.step = 'listener';
      await this.#listener?.(session, pluginRequest);
      signal.throwIfAborted();
      const [step, what] = offer === undefined ? (['createOffer', 'offer'] as const) : (['createAnswer', 'answer'] as const);
      attempt.step = step;
      const description = await traced(tracer, `create ${what}`, work, () => describeWhileOpen(clock, session, offer, signal));
      return checkedDescription(description, what, attempt.plugin.name);
    });
  }

  /** From here on nothing waits, so nobody can abort in between. */
  #record(attempt: Attempt, request: AccessRequest, lifetime: SessionLifetime): SessionRecord {
    const { session, controller, access, type, plugin } = attempt;
    controller.signal.throwIfAborted();
    if (!session || session.closed) throw sessionClosed();
    const { vhost, app, stream, protocol, query, remote } = request;
    const record: SessionRecord = {
      id: request.sessionId,
      token: randomToken(),
      type,
      plugin: plugin.name,
      role: ROLES[access],
      stream: access === 'none' ? undefined : { vhost, app, stream },
      protocol,
      query,
      remote,
      createdAt: this.#settings.clock.now(),
      grant: lifetime.grant,
      session,
    };
    attempt.leavePlace();
    this.#sessions.add(record, lifetime);
    return record;
  }

  /** The plugin was given up before it gave its session. */
  #discardLate({ plugin }: Attempt, session: WebRtcSession, signal: AbortSignal): never {
    const error = abortError(signal);
    this.#discard(plugin, session, error.message);
    throw error;
  }

  /** Closes a session that will not be used; the client does not wait for that. */
  #discard(plugin: PluginScope, session: WebRtcSession, reason: string): void {
    const { logger } = this.#settings;
    const closing = closeSession(this.#settings, session, reason, plugin.name);
    void this.#track(closing).catch((error: unknown) => logger.error({ err: error, plugin: plugin.name }, wordsOf(error)));
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => this.#unfinished.delete(tracked));
    this.#unfinished.add(tracked);
    return tracked;
  }

  #logOpened({ id, role, type, stream, protocol, remote }: SessionRecord, requestId: string | undefined): void {
    const where = stream ? `${stream.app}/${stream.stream}` : type;
    this.#settings.logger.info({ requestId, session: id, type, protocol, client: remote.address }, `Session opened: ${role} of ${where}`);
  }

  /** With the address, so that who tries keys can be found in the log and shut out. */
  #log({ type, plugin }: Attempt, { remote, app, stream, requestId, sessionId }: AccessRequest, failure: MediaError): void {
    const { logger } = this.#settings;
    const fields = { requestId, session: sessionId, type, app, stream, client: remote.address, plugin: failure.plugin ?? plugin.name, code: failure.code, err: failure };
    if (failure.status >= 500) logger.error(fields, failure.message);
    else logger.info({ ...fields, err: undefined }, failure.message);
  }
}

/** The registration checked that a plugin with types has both. */
function abilitiesOf({ plugin, name }: PluginScope): Pick<Attempt, 'access' | 'negotiate'> & Pick<PluginCapabilities, 'offers'> {
  const { capabilities, negotiate } = plugin;
  if (!capabilities || !negotiate) throw new MediaError('PLUGIN_INVALID', `Plugin ${name} cannot negotiate.`, { plugin: name });
  return { access: capabilities.access, offers: capabilities.offers, negotiate: negotiate.bind(plugin) };
}

function forwardAbort(from: AbortSignal | undefined, to: AbortController): Undo {
  const onAbort = (): void => to.abort(abortError(from));
  if (from?.aborted) onAbort();
  from?.addEventListener('abort', onAbort);
  return () => from?.removeEventListener('abort', onAbort);
}

function failureOf({ controller, plugin: { name }, step }: Attempt, error: unknown): MediaError {
  if (controller.signal.aborted) return abortError(controller.signal);
  // The listener vetoes by throwing, so its words are meant for the client.
  if (step === 'listener') return blame(error, HOST, 'FORBIDDEN', wordsOf(error));
  return blame(error, name, 'PLUGIN_FAILED', `Plugin ${name} failed in ${step}; the log of the server says why.`);
}

function tooLate({ step, plugin: { name } }: Attempt, ms: number): MediaError {
  if (step === 'listener') {
    return new MediaError('HOOK_TIMEOUT', `The session listener did not agree within ${ms} ms.`, { plugin: HOST });
  }
  return new MediaError('PLUGIN_TIMEOUT', `Plugin ${name} did not finish ${step} within ${ms} ms.`, { plugin: name });
}
