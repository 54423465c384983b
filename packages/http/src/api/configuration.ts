import { MediaError } from '@sluice/core';
import { z } from 'zod';
import type { Configuration } from '../configuration.ts';
import type { ApiHost } from './api-host.ts';
import { defineRoute } from './route.ts';
import { configuration, configurationChange } from './schemas/server.ts';

const common = { tag: 'Configuration', access: 'admin' } as const;

const getConfiguration = defineRoute({
  ...common,
  method: 'get',
  path: '/config',
  operationId: 'getConfiguration',
  summary: 'The configuration as it counts now',
  response: configuration,
  responseDescription: 'Every setting, with what said so.',
  errors: ['CONFIG_UNAVAILABLE'],
  handle: ({ host }) => ({ body: configurationOf(host).print() }),
});

const changeConfiguration = defineRoute({
  ...common,
  method: 'patch',
  path: '/config',
  operationId: 'changeConfiguration',
  summary: 'Change settings',
  description: 'A JSON merge patch (RFC 7396); null takes an earlier change back. Live sessions go on.',
  body: { schema: z.record(z.string(), z.unknown()), type: 'application/merge-patch+json' },
  response: configurationChange,
  responseDescription: 'What has become of it.',
  errors: ['CONFIG_UNAVAILABLE', 'ARGUMENT_INVALID'],
  handle: async ({ body, host }) => ({ body: await wellMeant(configurationOf(host).set(body)) }),
});

const reloadConfiguration = defineRoute({
  ...common,
  method: 'post',
  path: '/config/reload',
  operationId: 'reloadConfiguration',
  summary: 'Read file, environment and earlier changes again',
  response: configurationChange,
  responseDescription: 'What has become of it.',
  errors: ['CONFIG_UNAVAILABLE', 'ARGUMENT_INVALID'],
  handle: async ({ host }) => ({ body: await wellMeant(configurationOf(host).reload()) }),
});

export const configurationRoutes = [getConfiguration, changeConfiguration, reloadConfiguration];

function configurationOf({ configuration: given }: ApiHost): Configuration {
  if (given) return given;
  throw new MediaError('CONFIG_UNAVAILABLE', 'The program that this server runs in does not show its configuration.');
}

/** A configuration that is wrong is the fault of who sent it, so it is no 500 here. */
async function wellMeant<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (!MediaError.is(error) || error.code !== 'CONFIG_INVALID') throw error;
    throw new MediaError('ARGUMENT_INVALID', error.message, { cause: error });
  }
}
