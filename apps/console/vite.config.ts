import { type Plugin, defineConfig } from 'vite';

const serverUrl = process.env['SERVER_URL'] ?? 'http://127.0.0.1:8080';

/** Only in the build: the development server needs inline scripts. */
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: {
        'http-equiv': 'Content-Security-Policy',
        content: "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'",
      },
      injectTo: 'head-prepend',
    },
  ],
};

export default defineConfig({
  // Relative, so that the page also works behind a path prefix.
  base: './',
  plugins: [contentSecurityPolicy],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: {
    proxy: {
      ...Object.fromEntries(['/api', '/whip', '/whep', '/index', '/healthz'].map((path) => [path, serverUrl])),
      '/signaling': { target: serverUrl, ws: true },
    },
  },
});
