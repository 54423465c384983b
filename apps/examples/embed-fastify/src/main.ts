import { start } from './server.ts';

const { url, close } = await start({
  httpPort: Number(process.env['HTTP_PORT'] ?? 3000),
  rtcPort: Number(process.env['RTC_PORT'] ?? 8000),
});
console.log(`Publish to ${url}/media/whip/live/cam, play ${url}/media/whep/live/cam, see ${url}/live`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close());
