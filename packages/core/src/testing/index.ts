export { FakeClock, settle } from './fake-clock.ts';
export { type FakeDataChannel } from './fake-data-channel.ts';
export { type FakeEngine, fakeEngine } from './fake-engine.ts';
export { type FakeSession, type FakeSessionOptions, fakeSession } from './fake-session.ts';
export { EMPTY_TRACK_STATS, FAKE_CODECS, FakeTrack } from './fake-track.ts';
export { type FakeTransport, fakeTransportStats } from './fake-transport.ts';
export { type LogLine, MemoryLogger } from './memory-logger.ts';
export { sampleAccessRequest, sampleOffer, sampleRequest } from './sample-offer.ts';
