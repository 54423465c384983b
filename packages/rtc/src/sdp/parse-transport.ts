import { isIcePassword, isUsernameFragment, quoteSdp } from '@sluice/core';

import type { Attributes } from './attributes.ts';
import type { ParseContext } from './parse-context.ts';
import type { DtlsSetup, Fingerprint, RemoteTransport } from './remote-description.ts';

/** Octets per hash. Weaker hashes are not taken (RFC 8122 section 5, RFC 8827 section 6.5). */
const HASH_OCTETS: Readonly<Record<string, number>> = { 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 };
const FINGERPRINT = /^(\S{1,32})\s+([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*)$/;

/** How to reach the peer on one m-line, whose attributes go before those of the session; undefined when it does not say. */
export function parseTransport(section: Attributes, session: Attributes, context: ParseContext): RemoteTransport | undefined {
  const usernameFragment = section.first('ice-ufrag') ?? session.first('ice-ufrag');
  const password = section.first('ice-pwd') ?? session.first('ice-pwd');
  const fingerprints = parseFingerprints(section.has('fingerprint') ? section : session, context);
  const setup = parseSetup(section.first('setup') ?? session.first('setup'), context);

  if (usernameFragment !== undefined && !isUsernameFragment(usernameFragment)) {
    throw context.malformed(`a=ice-ufrag must be 4 to 256 ICE characters, got ${quoteSdp(usernameFragment)}.`);
  }
  if (password !== undefined && !isIcePassword(password)) {
    throw context.malformed('a=ice-pwd must be 22 to 256 ICE characters.');
  }
  if (usernameFragment === undefined || password === undefined || fingerprints.length === 0) return undefined;
  return { ice: { usernameFragment, password }, fingerprints, setup };
}

function parseFingerprints(attributes: Attributes, context: ParseContext): Fingerprint[] {
  const lines = attributes.all('fingerprint');
  const fingerprints = lines.flatMap((line) => parseFingerprint(line, context) ?? []);
  if (lines.length > 0 && fingerprints.length === 0) {
    throw context.unacceptable('No a=fingerprint has a hash that is taken here; use sha-256.');
  }
  return fingerprints;
}

/** Undefined for a hash that we do not take. */
function parseFingerprint(line: string, context: ParseContext): Fingerprint | undefined {
  const [, name = '', value = ''] = FINGERPRINT.exec(line) ?? [];
  if (name === '') throw context.malformed(`a=fingerprint must be a hash name and hex octets, got ${quoteSdp(line)}.`);
  const algorithm = name.toLowerCase();
  const octets = HASH_OCTETS[algorithm];
  if (octets === undefined) return undefined;
  if (value.length !== octets * 3 - 1) throw context.malformed(`A ${algorithm} fingerprint has ${octets} octets, got ${quoteSdp(value)}.`);
  return { algorithm, value: value.toUpperCase() };
}

/** Browsers take a missing a=setup as actpass too. */
function parseSetup(value: string | undefined, context: ParseContext): DtlsSetup {
  switch (value) {
    case undefined:
      return 'actpass';
    case 'actpass':
    case 'active':
    case 'passive':
      return value;
    case 'holdconn':
      throw context.unacceptable('a=setup:holdconn is not supported; use actpass, active or passive.');
    default:
      throw context.malformed(`a=setup must be actpass, active or passive, got ${quoteSdp(value)}.`);
  }
}
