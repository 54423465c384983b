import { definePlugin, deny } from '@sluice/core';

export default definePlugin(({ seats }: { seats: number }) => ({
  name: 'full-house',
  setup(ctx) {
    ctx.hook('play', (request) => {
      const taken = ctx.streams.find(request)?.readerCount ?? 0;
      return taken < seats ? undefined : deny('The house is full.');
    });
  },
}));
