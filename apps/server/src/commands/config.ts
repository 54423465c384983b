import { type LoadConfigOptions, type LoadedConfig, configJsonSchema, flagOptions, loadConfig, printConfig } from '@sluice/config';
import { ignoredText } from '../ignored-keys.ts';
import { loadPlugins } from '../plugins.ts';
import { type Call, type FlagDefinitions, defineCommand } from './command.ts';
import { startFlags } from './start.ts';

const NOTES = `It reads what a start would read: the config file, the state file, SLUICE_* and the flags.`;

/** What is asked about is what `sluice start` with the same flags and environment would take. */
export const configCheck = defineCommand({
  name: 'config check',
  summary: 'Say what is wrong with the configuration, each thing with its line',
  positionals: ['[FILE]'],
  flags: startFlags,
  notes: NOTES,
  async run(call) {
    const loaded = await loadConfig(optionsOf(call));
    // Options of plugins are checked by them.
    await loadPlugins(loaded.config, loaded.folder);
    if (loaded.ignored.length > 0) call.print(`${ignoredText(loaded.ignored)}\n`);
    call.print(`The configuration is right (${sourcesText(loaded)}).\n`);
    return 0;
  },
});

/** Secrets are replaced. */
export const configPrint = defineCommand({
  name: 'config print',
  summary: 'Print every setting as it counts, without secrets',
  positionals: ['[FILE]'],
  flags: { ...startFlags, origins: { type: 'boolean', help: 'say behind each setting where it comes from' } },
  notes: NOTES,
  async run(call) {
    call.print(printConfig(await loadConfig(optionsOf(call)), { withOrigins: call.flags.origins === true }));
    return 0;
  },
});

/** For editors. */
export const configSchema = defineCommand({
  name: 'config schema',
  summary: 'Print the JSON Schema of config files, which editors read',
  flags: {},
  notes: 'A YAML file names it in its first line: # yaml-language-server: $schema=./sluice.schema.json',
  async run({ print }) {
    print(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
    return 0;
  },
});

/** The file may be named without a flag. */
function optionsOf<F extends typeof startFlags & FlagDefinitions>({ cwd, env, flags, positionals }: Call<F>): LoadConfigOptions {
  const known = Object.fromEntries(Object.entries(flags).filter(([name]) => Object.hasOwn(flagOptions, name)));
  const [config] = positionals;
  return { cwd, env, flags: config === undefined ? known : { ...known, config } };
}

function sourcesText({ file, stateFile }: LoadedConfig): string {
  const files = [file, stateFile].filter((name) => name !== undefined);
  return files.length === 0 ? 'there is no config file' : files.join(', ');
}
