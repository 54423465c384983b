import type { ServerConfig } from '@sluice/config';
import { type LogFunction, type Logger, MediaError, isPrivateAddress } from '@sluice/core';
import { createRtcEngine } from '@sluice/rtc';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Starts the media plane on a free port for a moment, to see which addresses it offers and how it sends. */
export async function checkMedia({ rtc }: ServerConfig): Promise<readonly Finding[]> {
  const heard: { reason: string | undefined } = { reason: undefined };
  try {
    const engine = await createRtcEngine({ ...rtc, port: 0, logger: listeningLogger(heard) });
    const { addresses } = engine;
    const { tier } = engine.stats();
    await engine.close();
    return [addressFinding(addresses), tierFinding(tier, heard.reason)];
  } catch (error) {
    if (!MediaError.is(error)) throw error;
    return [problem('media', error.message)];
  }
}

function addressFinding(addresses: readonly string[]): Finding {
  const text = `Media would be offered on ${addresses.join(', ')}.`;
  const advice = 'Clients outside of this network cannot connect; if they should, set rtc.externalAddresses.';
  return addresses.every(isPrivateAddress) ? warning('addresses', `${text} ${advice}`) : ok('addresses', text);
}

function tierFinding(tier: string, reason: string | undefined): Finding {
  if (tier === 'native') return ok('send tier', 'native: packets are encrypted and sent by calls into OpenSSL and the system.');
  return warning('send tier', `${tier}, at several times the cost per packet${reason === undefined ? '' : `: ${reason}`}.`);
}

/** Hears why the native tier is not taken, which the media plane says in its log. */
function listeningLogger(heard: { reason: string | undefined }): Logger {
  const listen: LogFunction = (first: unknown): void => {
    if (typeof first === 'object' && first !== null && 'reason' in first && typeof first.reason === 'string') heard.reason ??= first.reason;
  };
  const logger: Logger = { debug: listen, info: listen, warn: listen, error: listen, child: () => logger };
  return logger;
}
