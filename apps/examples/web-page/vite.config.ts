import { defineConfig } from 'vite';

const serverUrl = process.env['SERVER_URL'] ?? 'http://127.0.0.1:8080';

// The page and the media server look like one origin, as behind a reverse proxy.
export default defineConfig({
  server: { proxy: Object.fromEntries(['/whip', '/whep'].map((path) => [path, serverUrl])) },
});
