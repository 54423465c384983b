export { LoopbackPeer, type LoopbackPeerOptions, type ReceivedPacket } from './loopback-peer.ts';
