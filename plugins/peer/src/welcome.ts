import type { PeerSettings } from './options.ts';
import type { Peer } from './peer.ts';
import type { Reply } from './peer-socket.ts';

const CAPABILITIES = ['webrtc', 'play', 'publish', 'trickle-ice', 'input', 'stats', 'resume'];

/** The answer to hello. */
export function welcome(peer: Peer, { settings, resumed }: { readonly settings: PeerSettings; readonly resumed: boolean }): Reply {
  const { heartbeatIntervalMs, graceMs, limits } = settings;
  const { viewing, publishing } = peer.sessions;
  return {
    type: 'welcome',
    data: {
      peer_id: peer.id,
      session_config: { heartbeat_interval: heartbeatIntervalMs, resume_timeout: graceMs, max_message_size: limits.maxMessageBytes },
      server_info: { name: 'sluice' },
      capabilities: CAPABILITIES,
      resume_token: peer.resumeToken,
      resumed,
      ...(viewing && { session_id: viewing.id }),
      ...(publishing && { publish_session_id: publishing.id }),
    },
  };
}
