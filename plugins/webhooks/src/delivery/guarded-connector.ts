import { addressGuard, isPublicAddress } from '@sluice/core';
import { buildConnector } from 'undici';

const guard = addressGuard(isPublicAddress, 'denyPrivateAddresses forbids');

/** Connects to public addresses only. */
export function guardedConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: guard.lookup });
  return (target, callback) => {
    const refusal = guard.refusalOf(target.hostname);
    if (refusal) callback(refusal, null);
    else connect(target, callback);
  };
}
