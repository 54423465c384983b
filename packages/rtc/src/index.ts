export { type SluiceEngine, createRtcEngine } from './engine.ts';
export type { RtcEngineOptions } from './engine-options.ts';
export type { HostCandidate } from './udp/candidates.ts';
