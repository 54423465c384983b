import { MediaError } from '@sluice/core';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import { list, text } from './schemas/schema.ts';
import { plugin } from './schemas/server.ts';

const listPlugins = defineRoute({
  method: 'get',
  path: '/plugins',
  operationId: 'listPlugins',
  summary: 'Plugins of this server',
  tag: 'Server',
  access: 'admin',
  response: list(plugin),
  responseDescription: 'All of them, as registered.',
  handle: ({ host }) => ({ body: host.manager.plugins }),
});

const getPlugin = defineRoute({
  method: 'get',
  path: '/plugins/{name}',
  operationId: 'getPlugin',
  summary: 'One plugin',
  tag: 'Server',
  access: 'admin',
  params: z.strictObject({ name: text.describe('Escaped: %40sluice%2Fplugin-push.') }),
  response: plugin,
  responseDescription: 'The plugin.',
  errors: ['PLUGIN_NOT_FOUND'],
  handle({ params, host }) {
    const found = host.manager.plugins.find(({ name }) => name === params.name);
    if (found) return { body: found };
    throw new MediaError('PLUGIN_NOT_FOUND', 'There is no plugin of this name.');
  },
});

export const pluginRoutes = [listPlugins, getPlugin];
