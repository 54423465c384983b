import { type AccessAction, MediaError, type NegotiationRequest, type PathPatterns, type SessionRecord, definePlugin, pathResolver } from '@sluice/core';
import { type TestManager, fakeSession, readyManager, sampleRequest } from '@sluice/core/testing';
import auth, { type AuthOptions } from '../index.ts';

/** A session, or status and words of the refusal. */
export type Outcome = SessionRecord | `${number} ${string}`;

/** A manager with the plugin, and the types `publish` and `play`. */
export interface Harness extends TestManager, AsyncDisposable {
  /** Asks for `live/cam`. */
  ask(action: AccessAction, request?: Partial<NegotiationRequest>): Promise<Outcome>;
  /** The same with a token, or a stream key. */
  bring(token: string, action?: AccessAction, request?: Partial<NegotiationRequest>): Promise<Outcome>;
}

const types = (['publish', 'play'] as const).map((action) =>
  definePlugin(() => ({ name: action, types: [action], capabilities: { access: action }, negotiate: () => fakeSession() }))(),
);

/** Sets the plugin up in a manager of its own. */
export async function setUp(options: AuthOptions, paths: PathPatterns = {}): Promise<Harness> {
  const test = await readyManager([auth(options), ...types], { paths: pathResolver(paths) });
  const ask: Harness['ask'] = async (action, request) => {
    try {
      const { record } = await test.manager.negotiateSdp(action, sampleRequest({ stream: 'cam', ...request }));
      return record;
    } catch (error) {
      if (MediaError.is(error)) return `${error.status} ${error.message}`;
      throw error;
    }
  };
  return {
    ...test,
    ask,
    bring: (token, action = 'publish', request = {}) => ask(action, { credentials: { token }, ...request }),
    [Symbol.asyncDispose]: () => test.manager.close(),
  };
}

/** What came of it, in few words. */
export function inShort(outcome: Outcome): string {
  return typeof outcome === 'string' ? outcome.slice(0, 3) : 'allowed';
}
