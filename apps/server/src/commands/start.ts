import { ConfigStore, flagOptions } from '@sluice/config';
import { type Logger, MediaError } from '@sluice/core';
import { adminTokenFile, keepAdminToken } from '../admin-token.ts';
import { ignoredText } from '../ignored-keys.ts';
import { createLogger } from '../logger.ts';
import { reloadOnSignal } from '../reload/reload-on-signal.ts';
import { startServer } from '../server.ts';
import { stopOnSignal } from '../shutdown.ts';
import { type FlagDefinitions, defineCommand } from './command.ts';

/** What a server may be told on the command line. */
export const startFlags = {
  host: { ...flagOptions.host, value: 'address', help: 'address that HTTP listens on (SLUICE_HOST, default 127.0.0.1)' },
  'http-port': { ...flagOptions['http-port'], value: 'port', help: 'HTTP port (SLUICE_HTTP_PORT, default 8080)' },
  'rtc-port': { ...flagOptions['rtc-port'], value: 'port', help: 'UDP port of all media (SLUICE_RTC_PORT, default 8000)' },
  config: { ...flagOptions.config, value: 'file', help: '.yaml, .json, .toml, .ts, .js or a config.ini of ZLMediaKit (SLUICE_CONFIG, default sluice.config.*)' },
  set: { ...flagOptions.set, value: 'key=value', help: 'any setting, for example --set log.level=debug; may be given again' },
  'no-demo': { ...flagOptions['no-demo'], help: 'do not play the stream live/demo' },
} as const satisfies Record<keyof typeof flagOptions, FlagDefinitions[string]>;

/** What `sluice` does when it is told nothing else. */
export const start = defineCommand({
  name: 'start',
  summary: 'Start the server (also without the word start)',
  flags: startFlags,
  async run({ cwd, env, flags, print, isTerminal }) {
    const store = await ConfigStore.open({ cwd, env, flags });
    const { config, folder, ignored } = store.loaded;
    const logger = createLogger(config.log);
    if (ignored.length > 0) logger.warn({ ignored }, ignoredText(ignored));
    const made = config.http.adminToken === undefined ? await makeAdminToken(adminTokenFile(env)) : undefined;
    const server = await startServer(config, { logger, folder, store, adminToken: made?.token });
    if (server.configuration) reloadOnSignal({ configuration: server.configuration, logger, reloadCertificate: server.reloadCertificate });
    stopOnSignal({ drain: server.drain, close: server.close, logger, exit: (code) => process.exit(code) });
    if (made) tellOfAdminToken(logger, made);
    print(`Sluice is listening on ${server.url}\n`);
    // Not where the output becomes a log, which others may read.
    if (isTerminal && made?.token !== undefined) print(`Console, as administrator: ${server.url}/#token=${made.token}\n`);
    return undefined;
  },
});

/** The token that a server has made for administrators, or why there is none that anybody knows. */
interface MadeAdminToken {
  readonly file: string;
  readonly token?: string;
  readonly problem?: string;
}

async function makeAdminToken(file: string): Promise<MadeAdminToken> {
  try {
    return { file, token: await keepAdminToken(file) };
  } catch (error) {
    if (MediaError.is(error)) return { file, problem: error.message };
    throw error;
  }
}

function tellOfAdminToken(logger: Logger, { file, problem }: MadeAdminToken): void {
  if (problem === undefined) logger.info({ file }, `Administrators bring the token in ${file}, because http.adminToken is not set`);
  else logger.warn({ file }, `${problem} Nobody is an administrator until http.adminToken is set.`);
}
