import { type HttpOptions, type SignallingResponse, send } from './http.ts';
import { refusal } from './refusal.ts';
import { SignallingError } from './signalling-error.ts';

/** An offer on its way to an endpoint. */
export interface OfferRequest {
  readonly offer: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxRedirects: number;
}

/**
 * Posts an offer, to where the endpoint redirects too.
 * @throws SignallingError
 */
export async function postOffer(endpoint: URL, http: HttpOptions, { offer, headers, maxRedirects }: OfferRequest): Promise<SignallingResponse> {
  let url = endpoint;
  for (let redirects = 0; ; redirects += 1) {
    const options = { ...http, token: tokenFor(url, endpoint, http.token) };
    const response = await send({ method: 'POST', url, body: offer, headers }, options);
    if (!isRedirect(response)) {
      // RFC 9725 section 4.2: 201. Servers that answer 200 mean the same.
      if (response.status === 201 || response.status === 200) return response;
      throw refusal(response);
    }
    if (redirects >= maxRedirects) throw new SignallingError('redirect', `The server redirected more than ${maxRedirects} times.`, { status: response.status });
    url = redirectTarget(response);
  }
}

/** In a browser it may be relative to the page. @throws SignallingError */
export function endpointOf(endpoint: string | URL): URL {
  const { location }: { readonly location?: { readonly href: string } } = globalThis;
  const url = URL.parse(endpoint, location?.href);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new SignallingError('network', 'The endpoint must be an http or https URL.');
}

/** `Location` may be relative (RFC 9110 section 10.2.2). */
export function resourceOf({ headers, url }: SignallingResponse): URL | undefined {
  const location = headers.get('location');
  const resource = location === null ? null : URL.parse(location, url);
  return resource && /^https?:$/.test(resource.protocol) ? resource : undefined;
}

/** The token goes to the origin that it was given for. */
export function tokenFor(url: URL | undefined, endpoint: URL, token: string | undefined): string | undefined {
  return url?.origin === endpoint.origin ? token : undefined;
}

function isRedirect({ status }: SignallingResponse): boolean {
  return status >= 300 && status < 400;
}

/** Others than 307 and 308 would have the POST become a GET, which WHIP does not allow (RFC 9725 section 4.5). */
function redirectTarget(response: SignallingResponse): URL {
  const { status } = response;
  const target = resourceOf(response);
  if (target && (status === 307 || status === 308)) return target;
  const why = target ? 'which is none of 307 and 308' : 'and does not say where';
  throw new SignallingError('redirect', `The server redirects with ${status}, ${why}.`, { status });
}
