export { type SluiceEngine, createRtcEngine } from './engine.ts';
export { type ResolvedEngineOptions, type RtcEngineOptions, resolveEngineOptions } from './engine-options.ts';
export type { HostCandidate } from './udp/candidates.ts';
