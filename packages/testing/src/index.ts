export { type CheckResult, type ConformanceReport, checkPlugin } from './conformance/check-plugin.ts';
export type { ConformanceOptions, CreatePlugin } from './conformance/conformance-options.ts';
export { formatReport } from './conformance/format-report.ts';
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
export { seededRandom } from './impairment/seeded-random.ts';
export type { Random } from './impairment/seeded-random.ts';
