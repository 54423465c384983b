import { MediaError, type PluginContext, definePlugin, metrics } from '@sluice/core';
import { type Policy, checkAddress, checkCredentials } from './decide.ts';
import { JwksFetches } from './jwt/jwks-fetches.ts';
import { createVerifier } from './jwt/verifier.ts';
import { type AuthOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { Outcomes } from './outcomes.ts';
import { createRules } from './rules.ts';

export { type SigningOptions, type TokenRequest, signToken } from './sign-token.ts';
export { restrictsAccess } from './rules.ts';
export type { AuthOptions, JwksOptions, JwtKey, JwtOptions } from './options.ts';

/**
 * Decides who may publish and play: by address, then by stream key or token.
 * @throws MediaError CONFIG_INVALID
 */
const auth = definePlugin((given: AuthOptions) => {
  const options = resolveOptions(given);
  let running: { readonly ctx: PluginContext; readonly fetches: JwksFetches; policy: Policy } | undefined;

  return {
    name: '@sluice/plugin-auth',
    async setup(ctx) {
      const fetches = new JwksFetches();
      const own = { ctx, fetches, policy: await createPolicy(options, ctx, fetches) };
      const outcomes = new Outcomes();
      running = own;
      ctx.onClose(() => own.policy.verifier?.close());
      ctx.contribute(metrics, outcomes);
      ctx.contribute(metrics, fetches);
      for (const action of ['publish', 'play'] as const) {
        ctx.hook(action, { order: 'address', handler: (request) => checkAddress(own.policy, action, request, outcomes) });
        ctx.hook(action, { order: 'credentials', handler: (request) => checkCredentials(own.policy, action, request, outcomes, ctx.clock.now()) });
      }
    },
    /** Live sessions are not asked, until their recheck. */
    async reconfigure(changed) {
      if (!running) throw new MediaError('MANAGER_NOT_READY', 'auth takes other options once it is set up.');
      // The one before is left to decide what is under way.
      running.policy = await createPolicy(resolveOptions(changed), running.ctx, running.fetches);
    },
  };
});

export default auth;

async function createPolicy(options: ResolvedOptions, ctx: PluginContext, fetches: JwksFetches): Promise<Policy> {
  const { publish, play, jwt, folder } = options;
  const ruleOf = createRules({ publish, play, hasJwt: jwt !== undefined, pathRule: (action, key) => ctx.pathSettings(key)[action] });
  return { options, ruleOf, verifier: jwt && (await createVerifier({ jwt, folder, clock: ctx.clock, logger: ctx.logger, fetches })) };
}
