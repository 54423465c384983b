import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig } from '@sluice/config';
import { MediaError } from '@sluice/core';
import { signToken } from '@sluice/plugin-auth';
import { defineCommand } from './command.ts';
import { startFlags } from './start.ts';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Makes a token that the server of the same configuration takes. */
export const token = defineCommand({
  name: 'token',
  summary: 'Sign a token that lets somebody publish or play',
  flags: {
    config: startFlags.config,
    set: startFlags.set,
    publish: { type: 'string', multiple: true, value: 'app/stream', help: 'what it lets publish, for example live/cam or live/*; may be given again' },
    play: { type: 'string', multiple: true, value: 'app/stream', help: 'what it lets play' },
    control: { type: 'string', multiple: true, value: 'app/stream', help: 'to whose publisher its viewer may send messages' },
    'max-viewers': { type: 'string', value: 'number', help: 'how many viewers the stream may have' },
    expires: { type: 'string', value: 'time', help: 'how long it is valid: 30s, 5m, 1h or 7d (default 1h)' },
    key: { type: 'string', value: 'file', help: 'private key as PEM or JWK (default: the first secret in auth.jwt.keys)' },
    kid: { type: 'string', value: 'name', help: 'name of that key, where the verifying one has a name' },
  },
  async run({ cwd, env, flags, print }) {
    const { config, set, key, kid, publish, play, control, expires = '1h', 'max-viewers': maxViewers } = flags;
    const { auth } = (await loadConfig({ cwd, env, flags: { config, set } })).config;
    const privateKey = key === undefined ? undefined : await readKey(path.resolve(cwd, key));
    if (!publish && !play) throw new MediaError('ARGUMENT_INVALID', 'Say what the token is for: --publish live/cam, --play live/*, or both.');
    const request = { publish, play, control, maxViewers: maxViewers === undefined ? undefined : Number(maxViewers), expiresIn: secondsOf(expires) };
    print(`${await signToken(request, { privateKey, kid, jwt: auth.jwt })}\n`);
    return 0;
  },
});

function secondsOf(time: string): number {
  const [, amount, unit = 's'] = /^(\d{1,9})([smhd]?)$/.exec(time) ?? [];
  const factor = Object.entries(SECONDS).find(([name]) => name === unit)?.[1];
  if (amount !== undefined && factor !== undefined && Number(amount) > 0) return Number(amount) * factor;
  throw new MediaError('ARGUMENT_INVALID', `--expires must be a time such as 30s, 5m, 1h or 7d, not '${time}'.`);
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new MediaError('ARGUMENT_INVALID', `The key ${file} cannot be read.`, { cause });
  }
}
