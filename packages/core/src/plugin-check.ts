import { MediaError } from './errors.ts';
import { HOST } from './hook-bus.ts';
import { HOOK_NAMES } from './hook-points.ts';
import { PLUGIN_API, type WebRtcPlugin } from './plugin.ts';

/** npm's own bound for package names. */
const MAX_PLUGIN_NAME_LENGTH = 214;

/** A negotiation type stands in URLs and log lines. */
const TYPE_FORM = /^[\w.-]{1,64}$/;

const ACCESS = ['publish', 'play', 'none'];

/**
 * Checks what an author wrote before any of it runs; authors may have no types to check it for them.
 * @throws MediaError PLUGIN_INVALID
 */
export function checkPlugin(plugin: WebRtcPlugin): void {
  const name: unknown = plugin?.name;
  if (typeof name !== 'string' || name === '' || name.length > MAX_PLUGIN_NAME_LENGTH || /\p{Cc}/u.test(name)) {
    throw new MediaError('PLUGIN_INVALID', 'A plugin needs a name: the npm name of its package.');
  }
  const wrong = faultOf(plugin);
  if (wrong) throw new MediaError('PLUGIN_INVALID', `Plugin ${name} cannot be registered: ${wrong}`, { plugin: name });
}

function faultOf(plugin: WebRtcPlugin): string | undefined {
  const { name, api, types = [], dependsOn = [], hooks = {} } = plugin;
  if (name === HOST) return `'${HOST}' stands for the program that plugins run in; use the name of the package.`;
  if (api !== PLUGIN_API) {
    return `it has version ${String(api)} of the plugin contract, this is version ${PLUGIN_API}. Make it with definePlugin of a fitting @sluice/core.`;
  }
  if (!isListOfText(types)) return 'types must be a list of strings.';
  if (!isListOfText(dependsOn)) return 'dependsOn must be a list of plugin names.';
  const notFunction = (['setup', 'reconfigure'] as const).find((method) => !['undefined', 'function'].includes(typeof plugin[method]));
  if (notFunction !== undefined) return `${notFunction} must be a function.`;
  const known: readonly string[] = HOOK_NAMES;
  const unknownHook = Object.keys(hooks).find((point) => !known.includes(point));
  if (unknownHook !== undefined) return `there is no hook point '${unknownHook}'; there are ${known.join(', ')}.`;
  return types.length === 0 ? faultWithoutTypes(plugin) : faultWithTypes(plugin, types);
}

function faultWithoutTypes({ negotiate, capabilities }: WebRtcPlugin): string | undefined {
  if (negotiate === undefined && capabilities === undefined) return undefined;
  return 'it has negotiate or capabilities, but no types that would reach them.';
}

function faultWithTypes({ negotiate, capabilities }: WebRtcPlugin, types: readonly string[]): string | undefined {
  const badType = types.find((type) => !TYPE_FORM.test(type));
  if (badType !== undefined) return `the type '${badType}' must be 1 to 64 letters, digits, '_', '-' or '.'.`;
  if (typeof negotiate !== 'function') return 'it has types, so it needs negotiate.';
  if (!ACCESS.includes(String(capabilities?.access))) {
    return "it has types, so it needs capabilities.access: 'publish', 'play' or 'none'.";
  }
  return undefined;
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
