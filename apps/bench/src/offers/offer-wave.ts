import { randomBytes } from 'node:crypto';
import { writeOffer } from '../load/description.ts';
import { ADMIN_TOKEN } from './admin-token.ts';

const DEADLINE_MS = 20_000;

/** What came of offers that were made in the same moment. */
export interface OfferWave {
  /** Milliseconds from the POST to the whole answer, of those that were answered. */
  readonly latencies: readonly number[];
  readonly failures: number;
  /** Milliseconds until the last answer. */
  readonly elapsed: number;
}

interface Outcome {
  /** Undefined = it failed. */
  readonly latency: number | undefined;
  readonly leave: () => Promise<void>;
}

const FAILED: Outcome = { latency: undefined, leave: async () => undefined };

/** Publishes that many streams at once through `POST /index/api/webrtc` without connecting, and then closes their sessions. */
export async function makeOffers(url: string, address: string, count: number): Promise<OfferWave> {
  const offers = Array.from({ length: count }, () => offerOf(address));
  const startedAt = performance.now();
  const outcomes = await Promise.all(offers.map((offer, index) => makeOffer(url, `s${index}`, offer)));
  const elapsed = performance.now() - startedAt;
  await Promise.all(outcomes.map(({ leave }) => leave()));
  const latencies = outcomes.flatMap(({ latency }) => latency ?? []);
  return { latencies, failures: count - latencies.length, elapsed };
}

/** Nobody answers there, so every offer may name the same port. */
function offerOf(address: string): string {
  const fingerprint = Array.from(randomBytes(32), (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(':');
  return writeOffer('sendonly', { usernameFragment: randomBytes(4).toString('hex'), password: randomBytes(16).toString('hex'), fingerprint, address, port: 9, ssrc: 1 });
}

async function makeOffer(url: string, stream: string, offer: string): Promise<Outcome> {
  const startedAt = performance.now();
  try {
    const response = await fetch(`${url}/index/api/webrtc?app=bench&stream=${stream}&type=push`, { method: 'POST', body: offer, signal: AbortSignal.timeout(DEADLINE_MS) });
    const answer: unknown = await response.json();
    const latency = performance.now() - startedAt;
    const sessionId = sessionIdOf(answer);
    return sessionId === undefined ? FAILED : { latency, leave: () => deleteSession(url, sessionId) };
  } catch {
    return FAILED;
  }
}

/** Undefined when the answer is a refusal, which is HTTP 200 too. */
function sessionIdOf(answer: unknown): string | undefined {
  const isSuccess = typeof answer === 'object' && answer !== null && 'code' in answer && answer.code === 0;
  return isSuccess && 'id' in answer ? String(answer.id) : undefined;
}

/** As the server's administrator, because the answer gives no token to delete it with. */
async function deleteSession(url: string, sessionId: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/sessions/${sessionId}`, { method: 'DELETE', headers: { authorization: `Bearer ${ADMIN_TOKEN}` }, signal: AbortSignal.timeout(DEADLINE_MS) });
  if (!response.ok) throw new Error(`The session was not deleted (${response.status}): ${await response.text()}`);
  await response.arrayBuffer();
}
