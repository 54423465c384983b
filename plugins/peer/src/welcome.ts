import type { Peer } from './peer.ts';
import type { ConnectionTerms, Reply } from './peer-socket.ts';

const CAPABILITIES = ['webrtc', 'play', 'publish', 'trickle-ice', 'input', 'stats', 'resume'];

/** What {@link welcome} tells beside what is the peer's own. */
export interface WelcomeOptions {
  readonly terms: ConnectionTerms;
  readonly graceMs: number;
  readonly resumed: boolean;
}

/** The answer to hello. */
export function welcome(peer: Peer, { terms: { heartbeatIntervalMs, maxMessageBytes }, graceMs, resumed }: WelcomeOptions): Reply {
  const { viewing, publishing } = peer.sessions;
  return {
    type: 'welcome',
    data: {
      peer_id: peer.id,
      session_config: { heartbeat_interval: heartbeatIntervalMs, resume_timeout: graceMs, max_message_size: maxMessageBytes },
      server_info: { name: 'sluice' },
      capabilities: CAPABILITIES,
      resume_token: peer.resumeToken,
      resumed,
      ...(viewing && { session_id: viewing.id }),
      ...(publishing && { publish_session_id: publishing.id }),
    },
  };
}
