import { type ReadonlySignal, batch, signal } from '@preact/signals';
import type { AdminRequest, AdminRequestOptions } from '../api/admin-request.ts';
import { RequestError, requestErrorOf } from '../api/request-error.ts';
import { keepToken, takeToken } from './kept-token.ts';

/** What the server said to the last request of an administrator. */
export type AdminAccess = 'unknown' | 'granted' | 'denied';

/** The administrator, with the token that is kept until the tab is closed. */
export interface Admin {
  readonly access: ReadonlySignal<AdminAccess>;
  /** Another one each time that a token is given, also when it is the same text. */
  readonly token: ReadonlySignal<{ readonly text: string }>;
  authorise(token: string): void;
  readonly request: AdminRequest;
  /** For what may be open to everybody: its answer says nothing about access. */
  readonly openRequest: AdminRequest;
}

/** Longer than this, and the server counts as away. */
const TIMEOUT_MS = 5_000;
/** What a bearer token consists of (RFC 6750); other characters fit in no header. */
const TOKEN = /^[\x21-\x7e]+$/;

/** The administrator of this tab, who has a token or gives one later. */
export function createAdmin(page: string): Admin {
  const access = signal<AdminAccess>('unknown');
  const token = signal({ text: takeToken() });

  async function openRequest(path: string, { method = 'GET', headers, signal: given }: AdminRequestOptions = {}): Promise<Response> {
    const { text } = token.peek();
    const response = await fetch(new URL(path, page), {
      method,
      cache: 'no-store',
      headers: { ...headers, ...(text !== '' && { Authorization: `Bearer ${text}` }) },
      signal: given ?? AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw await requestErrorOf(response);
    return response;
  }

  async function request(path: string, options?: AdminRequestOptions): Promise<Response> {
    const asked = token.peek();
    // An answer to the token before says nothing about this one.
    const note = (now: AdminAccess): void => void (asked === token.peek() && (access.value = now));
    try {
      const response = await openRequest(path, options);
      note('granted');
      return response;
    } catch (error) {
      if (error instanceof RequestError && error.status === 401) note('denied');
      throw error;
    }
  }

  function authorise(given: string): void {
    const isToken = TOKEN.test(given);
    if (isToken) keepToken(given);
    batch(() => {
      access.value = isToken ? 'unknown' : 'denied';
      if (isToken) token.value = { text: given };
    });
  }

  // The link was opened where this page was already.
  window.addEventListener('hashchange', () => {
    const text = takeToken();
    if (text !== '' && text !== token.peek().text) authorise(text);
  });

  return {
    access,
    token,
    authorise,
    request,
    openRequest,
  };
}
