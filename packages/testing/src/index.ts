export {
  type ImpairedPath,
  type ImpairedPathOptions,
  type PathCounters,
  type PathImpairment,
  createImpairedPath,
} from './impairment/impaired-path.ts';
export type { LinkCounters } from './impairment/impaired-link.ts';
export type { BurstLoss, LinkImpairment } from './impairment/link-impairment.ts';
export { LoopbackPeer, type LoopbackPeerOptions, type ReceivedPacket } from './loopback-peer.ts';
