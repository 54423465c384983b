import { WebSocketServer } from 'ws';
import { serveUpgrades } from '../servers/serve.ts';

// What `ws` costs by itself: nothing is decoded, checked or counted.
const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false });
serveUpgrades((request, socket, head) => {
  server.handleUpgrade(request, socket, head, (client) => client.on('message', (data, isBinary) => client.send(data, { binary: isBinary })));
});
