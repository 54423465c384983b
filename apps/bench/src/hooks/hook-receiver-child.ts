import { createServer } from 'node:http';

// With ?ttl=… the answer may be remembered for so many seconds.
const server = createServer((request, response) => {
  const ttl = Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('ttl') ?? '0');
  request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify({ code: 0, msg: 'success', ttl })));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(address !== null && typeof address === 'object' ? address.port : 0);
});
// Nobody is left to ask.
process.once('disconnect', () => process.exit());
