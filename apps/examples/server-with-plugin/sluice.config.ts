import { defineConfig } from '@sluice/config';

export default defineConfig({
  plugins: [
    {
      // By its package name: `npm install` has put it into node_modules beside this file.
      package: '@sluice-examples/stream-key',
      // Without the variable the plugin refuses to start the server, and says why.
      options: { key: process.env['STREAM_KEY'] },
    },
  ],
});
