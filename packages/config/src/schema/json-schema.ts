import { z } from 'zod';
import { configSchema } from './server-config.ts';

/** The schema of config files for editors, as JSON Schema 2020-12 (`# yaml-language-server: $schema=…`). */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    // A plugin itself, in a config file of JavaScript, has no form in JSON.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (jsonSchema['secret'] === true) jsonSchema.writeOnly = true;
      delete jsonSchema['secret'];
    },
  });
}
