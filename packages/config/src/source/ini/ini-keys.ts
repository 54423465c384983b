import { configSchema } from '../../schema/server-config.ts';
import { readText } from '../../settings/read-text.ts';
import { schemaAt } from '../../settings/setting-table.ts';

/** What a key of ZLMediaKit's config.ini is here. */
export interface IniMeaning {
  readonly path: readonly string[];
  /** undefined when it says nothing. */
  readonly read: (text: string) => unknown;
  /** The other way round; an absent value is an empty text. */
  readonly write: (value: unknown) => string;
}

/** ZLMediaKit's names of codecs, in lower case, and those of SDP; it knows some that WebRTC does not. */
const CODECS: Readonly<Record<string, string>> = {
  opus: 'opus',
  pcma: 'PCMA',
  pcmu: 'PCMU',
  g722: 'G722',
  h264: 'H264',
  h265: 'H265',
  vp8: 'VP8',
  vp9: 'VP9',
  av1: 'AV1',
  av1x: 'AV1',
};

/** Keys that mean something, by their full name. Times are in seconds or milliseconds there, as the name says; here all are in milliseconds. */
export const INI_KEYS: Readonly<Record<string, IniMeaning>> = {
  'api.secret': same('http', 'adminToken'),
  'general.listen_ip': same('http', 'host'),
  'general.maxStreamWaitMS': same('streams', 'maxStreamWaitMs'),
  'general.mediaServerId': same('hooks', 'mediaServerId'),
  'general.streamNoneReaderDelayMS': same('streams', 'noneReaderDelayMs'),
  'general.continue_push_ms': same('streams', 'publisherGraceMs'),
  'protocol.continue_push_ms': same('streams', 'publisherGraceMs'),
  'hook.enable': same('hooks', 'enabled'),
  'hook.alive_interval': seconds('hooks', 'keepaliveIntervalMs'),
  'hook.on_flow_report': same('hooks', 'onFlowReport'),
  'hook.on_play': same('hooks', 'onPlay'),
  'hook.on_publish': same('hooks', 'onPublish'),
  'hook.on_server_exited': same('hooks', 'onServerExited'),
  'hook.on_server_keepalive': same('hooks', 'onServerKeepalive'),
  'hook.on_server_started': same('hooks', 'onServerStarted'),
  'hook.on_stream_changed': same('hooks', 'onStreamChanged'),
  'hook.on_stream_none_reader': same('hooks', 'onStreamNoneReader'),
  'hook.on_stream_not_found': same('hooks', 'onStreamNotFound'),
  'hook.retry': same('hooks', 'retries'),
  'hook.retry_delay': seconds('hooks', 'retryDelayMs'),
  'hook.timeoutSec': seconds('hooks', 'timeoutMs'),
  'http.port': same('http', 'port'),
  'rtc.externIP': same('rtc', 'externalAddresses'),
  'rtc.max_bitrate': same('rtc', 'maxBitrateKbps'),
  'rtc.min_bitrate': same('rtc', 'minBitrateKbps'),
  'rtc.port': same('rtc', 'port'),
  'rtc.preferredCodecA': codecs('audio'),
  'rtc.preferredCodecV': codecs('video'),
  'rtc.start_bitrate': same('rtc', 'startBitrateKbps'),
  'rtc.timeoutSec': seconds('rtc', 'closedAfterMs'),
};

/** Why keys that look as if they meant something are left out. */
export const INI_REASONS: Readonly<Record<string, string>> = {
  'hook.admin_params': 'a secret that opens every stream is not supported; write static keys instead',
  'http.maxReqSize': 'an SDP offer may be longer; http.maxBodyBytes is the bound here',
  'http.sslport': 'HTTPS has settings of its own here',
};

function same(...path: readonly string[]): IniMeaning {
  const schema = schemaAt(configSchema, path);
  return { path, read: (text) => (schema ? readText(schema, text) : undefined), write: plainText };
}

function seconds(...path: readonly string[]): IniMeaning {
  return { path, read: (text) => (/^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : text), write: (value) => (typeof value === 'number' ? String(value / 1000) : '') };
}

/** What ZLMediaKit prefers is all that it takes. */
function codecs(kind: 'audio' | 'video'): IniMeaning {
  return { path: ['paths', '*', 'codecs', kind], read: readCodecs, write: plainText };
}

/** Lists are parted by commas. */
function plainText(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function readCodecs(text: string): unknown {
  const names = text.split(',').flatMap((name) => CODECS[name.trim().toLowerCase()] ?? []);
  return names.length === 0 ? undefined : [...new Set(names)];
}
