import type { ServerConfig } from '@sluice/config';
import { MediaError } from '@sluice/core';
import { isLoopback } from '../../exposure.ts';
import { readTlsFiles, tlsFilesIn } from '../../tls.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const DAY_MS = 86_400_000;
/** Who renews certificates does it by then. */
const SOON_DAYS = 14;

/** Whether certificate and key can be read, belong together and are still good. */
export function checkTls({ http: { tls, host } }: ServerConfig, folder: string, now = Date.now()): readonly Finding[] {
  if (!tls) return [withoutTls(host)];
  try {
    const { subject, validTo } = readTlsFiles(tlsFilesIn(folder, tls));
    const days = Math.floor((validTo.getTime() - now) / DAY_MS);
    if (days < 0) return [problem('TLS', `The certificate of ${subject} has expired on ${validTo.toISOString()}: renew it.`)];
    const text = `The certificate of ${subject} is good for ${days} days.`;
    return [days < SOON_DAYS ? warning('TLS', `${text} Renew it.`) : ok('TLS', text)];
  } catch (error) {
    if (!MediaError.is(error)) throw error;
    return [problem('TLS', error.message)];
  }
}

function withoutTls(host: string): Finding {
  if (isLoopback(host)) return ok('TLS', 'HTTP without TLS, which this machine alone reaches.');
  return warning('TLS', `HTTP on ${host} goes without TLS: unless a proxy adds it, tokens are sent in the clear and browsers give no camera. Set http.tls.`);
}
