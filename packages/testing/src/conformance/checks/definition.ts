import { WebRtcPluginManager } from '@sluice/core';
import type { Check } from '../check.ts';
import { demand, wordsOf, Fault } from '../fault.ts';
import { makePlugin } from '../trial.ts';

/** What npm takes as the name of a new package. */
const NPM_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** Name, contract version, types, capabilities and hooks fit together. */
export const definition: Check = {
  title: 'has a valid definition',
  async run({ createPlugin }) {
    const plugin = await makePlugin(createPlugin);
    try {
      new WebRtcPluginManager().registerPlugin(plugin);
    } catch (error) {
      throw new Fault(wordsOf(error));
    }
    const { name } = plugin;
    demand(NPM_NAME.test(name), `Its name is '${name}', which is no npm name; use the name in its package.json, in lower case.`);
    demand(plugin !== (await createPlugin()), 'Its factory gave the same object twice; make a new plugin on every call, as definePlugin does.');
  },
};
