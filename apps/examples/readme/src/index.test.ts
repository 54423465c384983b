import { fileURLToPath } from 'node:url';
import { resolvePlugins } from '@sluice/config';
import { readyManager, sampleRequest } from '@sluice/core/testing';
import play from '@sluice/plugin-play';
import { expect, test } from 'vitest';

test('the plugin refuses a viewer for whom there is no seat, in its own words', async () => {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const plugins = await resolvePlugins([{ package: './index.ts', options: { seats: 1 } }], folder);
  const { manager } = await readyManager([...plugins, play()]);
  const publication = manager.streams.publish({ vhost: '__defaultVhost__', app: 'live', stream: 'test' }, { tracks: [], close: () => undefined });
  publication.live();

  const first = await manager.negotiateSdp('play', sampleRequest());
  await expect(manager.negotiateSdp('play', sampleRequest())).rejects.toMatchObject({
    code: 'FORBIDDEN',
    plugin: 'full-house',
    message: 'The house is full.',
  });

  await manager.closeSession(first.record.id, 'seen enough');
  await manager.negotiateSdp('play', sampleRequest());
  await manager.close();
});
