export { type EmbeddedServer, testEmbedding } from './embedding-suite.ts';
export { type ConnectedPeer, play, publish } from './peers.ts';
