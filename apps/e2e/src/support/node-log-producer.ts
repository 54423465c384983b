import { LogProducer, type LogProducerOptions } from '@sluice/client';
import { RTCPeerConnection } from 'werift';

/** Nobody answers there; without a server werift asks a public one. */
const NO_STUN_SERVER = { urls: 'stun:127.0.0.1:9' };

/** A producer of logs in this process, on the loopback address. */
export function startLogProducer(options: Pick<LogProducerOptions, 'url' | 'systemName'>): LogProducer {
  return new LogProducer({
    ...options,
    clientId: options.systemName,
    reconnect: { minMs: 200, maxMs: 200 },
    peerConnection: () => new RTCPeerConnection({ iceServers: [NO_STUN_SERVER], iceStunGatherTimeout: 0.01, iceUseIpv6: false, iceTcpPassive: false, iceAdditionalHostAddresses: ['127.0.0.1'] }),
  });
}
