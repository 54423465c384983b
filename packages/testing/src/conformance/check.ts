import type { Subject } from './conformance-options.ts';

/** One rule of the contract. */
export interface Check {
  /** Goes on from the plugin's name: `@sluice/plugin-echo … has a valid definition`. */
  readonly title: string;
  /**
   * @returns why the rule does not concern this plugin; nothing when it keeps it
   * @throws Fault when it breaks it
   */
  readonly run: (subject: Subject) => Promise<string | void>;
}

/** Why checks of negotiations are left out. */
export const NO_TYPES = 'it registers no negotiation types';
