import { describe, expect, it, vi } from 'vitest';
import { receiveCapabilities } from './capabilities.ts';
import { MediaError } from './errors.ts';
import { fakeEngine, sampleOffer } from './testing/index.ts';
import { createTransportSession } from './transport-session.ts';

function setUp() {
  const transport = fakeEngine().createTransport();
  const onAnswered = vi.fn<() => void>();
  const session = createTransportSession({ transport, capabilities: receiveCapabilities(), onAnswered });
  const { signal } = new AbortController();
  return { transport, session, onAnswered, answer: () => session.createAnswer(sampleOffer(), signal) };
}

describe('createTransportSession', () => {
  it('answers with its transport and tells when the tracks are known', async () => {
    const { transport, onAnswered, answer } = setUp();
    onAnswered.mockImplementation(() => expect(transport.inbound).toHaveLength(2));
    await expect(answer()).resolves.toContain('v=0');
    expect(onAnswered).toHaveBeenCalledOnce();
    expect(transport.answered).toEqual({ offer: sampleOffer(), capabilities: receiveCapabilities() });
  });

  it('offers with its transport, and tells when the answer has come', async () => {
    const { transport, session, onAnswered } = setUp();
    await expect(session.createOffer?.(new AbortController().signal)).resolves.toContain('v=0');
    expect(transport.offered).toEqual(receiveCapabilities());
    expect(onAnswered).not.toHaveBeenCalled();
    await session.acceptAnswer?.('v=0 answer');
    expect(transport.accepted).toEqual(['v=0 answer']);
    expect(onAnswered).toHaveBeenCalledOnce();
  });

  it('tells nothing when the answer fails', async () => {
    const { transport, onAnswered, answer } = setUp();
    transport.answerError = new MediaError('OFFER_UNACCEPTABLE', 'No codec in common.');
    await expect(answer()).rejects.toBe(transport.answerError);
    expect(onAnswered).not.toHaveBeenCalled();
  });

  it('closes with its transport, once, and tells those who come later at once', () => {
    const { transport, session } = setUp();
    const [kept, undone, late] = [vi.fn(), vi.fn(), vi.fn()];
    session.onClosed(kept);
    session.onClosed(undone)();
    transport.setState('disconnected');
    expect(session.closed).toBe(false);
    transport.setState('closed', 'silent');
    session.onClosed(late);
    expect(session.closed).toBe(true);
    for (const listener of [kept, late]) expect(listener).toHaveBeenCalledExactlyOnceWith('silent');
    expect(undone).not.toHaveBeenCalled();
  });

  it('tells everybody of its end, also when one of them throws', () => {
    const { transport, session } = setUp();
    const [failing, next] = [vi.fn(), vi.fn()];
    failing.mockImplementation(() => {
      throw new Error('the plugin failed');
    });
    session.onClosed(failing);
    session.onClosed(next);
    expect(() => transport.setState('closed', 'silent')).toThrow(AggregateError);
    expect(next).toHaveBeenCalledExactlyOnceWith('silent');
  });

  it('closes its transport', async () => {
    const { transport, session } = setUp();
    await session.close('kicked');
    expect(transport.closeReason).toBe('kicked');
  });

  it('hands candidates on', async () => {
    const { transport, session, answer } = setUp();
    await answer();
    const candidates = [{ candidate: 'candidate:1' }];
    void session.trickle?.({ candidates });
    void session.trickle?.({ candidates, usernameFragment: 'abcd' });
    expect(transport.candidates).toHaveLength(2);
  });

  it('hands an ICE restart on, and knows the peer\'s fragment before and after', async () => {
    const { transport, session, answer } = setUp();
    await answer();
    expect(session.remoteUsernameFragment).toBe('abcd');
    const remote = { usernameFragment: 'fresh', password: '0123456789012345678901', candidates: [] };
    expect(await session.restartIce?.(remote)).toMatchObject({ usernameFragment: 'local1' });
    expect(transport.restarts).toEqual([remote]);
    expect(session.remoteUsernameFragment).toBe('fresh');
  });
});
