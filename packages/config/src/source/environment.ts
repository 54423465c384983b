import { nearest } from '../settings/nearest.ts';
import { readText } from '../settings/read-text.ts';
import { type Setting, listSettings } from '../settings/setting-table.ts';
import { type Tree, mergeTrees, treeOf } from '../settings/tree.ts';
import type { Source } from './source.ts';

/** Environment as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'SLUICE_';

/** Names the config file, so it is no setting of it. */
export const CONFIG_VARIABLE = 'SLUICE_CONFIG';

/** Short names, by the setting that they stand for. */
const SHORT_NAMES: Readonly<Record<string, string>> = { SLUICE_HOST: 'http.host' };

/** What the commands that ask a running server are told, and where a server and they find the token that it has made. */
const NO_SETTINGS = new Set(['SLUICE_URL', 'SLUICE_ADMIN_TOKEN', 'SLUICE_STATE_DIRECTORY']);

/** What Kubernetes tells every container of a service that is called sluice. */
const KUBERNETES = /^SLUICE_(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)?)$/;

/** The variable of a setting: `http.trustedProxies` is `SLUICE_HTTP_TRUSTED_PROXIES`. */
export function variableOf(path: readonly string[]): string {
  const words = path.map((part) => part.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, '_').toUpperCase());
  return PREFIX + words.join('_');
}

/** The settings in the environment. An empty variable is one that is not set, as shells and compose files leave it. */
export function environmentSource(env: Environment): Source {
  const settings = settingsByVariable();
  const problems: string[] = [];
  const variables = new Map<Setting, string>();
  let value: Tree = {};
  for (const [name, text] of Object.entries(env)) {
    if (!text || !isSettingName(name)) continue;
    const setting = settings.get(name);
    if (!setting) {
      problems.push(unknownVariable(name, [...settings.keys(), CONFIG_VARIABLE]));
      continue;
    }
    // The long name counts more than the short one.
    if (name in SHORT_NAMES && variables.has(setting)) continue;
    variables.set(setting, name);
    value = mergeTrees(value, treeOf(setting.path, readText(setting.schema, text)));
  }
  const placeOf: Source['placeOf'] = (path) => {
    const setting = [...variables.keys()].find(({ path: own }) => own.every((part, index) => part === path[index]));
    return { where: (setting && variables.get(setting)) ?? variableOf(path.map(String)) };
  };
  return { kind: 'environment', value, placeOf, problems };
}

/** Whether a variable must be that of a setting. */
function isSettingName(name: string): boolean {
  return name.startsWith(PREFIX) && name !== CONFIG_VARIABLE && !NO_SETTINGS.has(name) && !KUBERNETES.test(name);
}

function settingsByVariable(): ReadonlyMap<string, Setting> {
  const settings = listSettings();
  const byKey = new Map(settings.map((setting) => [setting.key, setting]));
  const long = settings.map((setting) => [variableOf(setting.path), setting] as const);
  const short = Object.entries(SHORT_NAMES).flatMap(([name, key]) => {
    const setting = byKey.get(key);
    return setting ? [[name, setting] as const] : [];
  });
  return new Map([...long, ...short]);
}

function unknownVariable(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const advice = meant === undefined ? 'sluice config print lists the settings; http.port is SLUICE_HTTP_PORT.' : `did you mean ${meant}?`;
  return `There is no variable ${name}; ${advice}`;
}
