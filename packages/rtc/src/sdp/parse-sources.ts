import { quoteSdp } from '@sluice/core';

import type { Attributes } from './attributes.ts';
import type { ParseContext } from './parse-context.ts';
import type { MediaStreamId, RemoteRid, RemoteSimulcast, RemoteSsrc } from './remote-description.ts';

const SSRC = /^(\d{1,10}) +([^\s:]{1,64})(?::(.*))?$/;
const SSRC_GROUP = /^[A-Za-z0-9-]{1,32}(?: +\d{1,10})*$/;
const RID = /^([A-Za-z0-9_-]{1,255}) +(send|recv)(?: +(\S.*))?$/;
const MSID = /^(\S{1,256})(?: +(\S{1,256}))?/;
const MAX_SSRC = 2 ** 32 - 1;

/** Media SSRCs in the order of their lines (RFC 5576); those of retransmission and FEC are no media. */
export function parseSsrcs(attributes: Attributes, context: ParseContext): RemoteSsrc[] {
  const cnames = new Map<number, string | undefined>();
  for (const line of attributes.all('ssrc')) {
    const [, text, name, value] = SSRC.exec(line) ?? [];
    if (text === undefined) throw context.malformed(`a=ssrc must be "<ssrc> <attribute>", got ${quoteSdp(line)}.`);
    const ssrc = parseSsrc(text, context);
    cnames.set(ssrc, name === 'cname' ? value : cnames.get(ssrc));
    if (cnames.size > context.limits.maxSsrcs) throw context.malformed(`An m-line has more than ${context.limits.maxSsrcs} SSRCs.`);
  }
  const { rtxOf, repairs } = parseGroups(attributes, context);
  const media = [...cnames].filter(([ssrc]) => !repairs.has(ssrc));
  return media.map(([ssrc, cname]) => ({ ssrc, rtxSsrc: rtxOf.get(ssrc), cname }));
}

function parseGroups(attributes: Attributes, context: ParseContext): { rtxOf: Map<number, number>; repairs: Set<number> } {
  const rtxOf = new Map<number, number>();
  const repairs = new Set<number>();
  for (const line of attributes.all('ssrc-group')) {
    if (!SSRC_GROUP.test(line)) throw context.malformed(`a=ssrc-group must be "<semantics> <ssrc> …", got ${quoteSdp(line)}.`);
    const [semantics, ...members] = line.split(/ +/);
    const [media, repair] = members.map((member) => parseSsrc(member, context));
    if (media === undefined || repair === undefined || semantics === 'SIM') continue;
    repairs.add(repair);
    if (semantics === 'FID') rtxOf.set(media, repair);
  }
  return { rtxOf, repairs };
}

function parseSsrc(text: string, context: ParseContext): number {
  const ssrc = Number(text);
  if (ssrc > MAX_SSRC) throw context.malformed(`An SSRC is a number of 32 bits, got ${quoteSdp(text)}.`);
  return ssrc;
}

/** RIDs of both directions (RFC 8851 section 4). */
export function parseRids(attributes: Attributes, context: ParseContext): RemoteRid[] {
  const lines = attributes.all('rid');
  if (lines.length > context.limits.maxRids) throw context.malformed(`An m-line has more than ${context.limits.maxRids} a=rid lines.`);
  const rids = lines.map((line): RemoteRid => {
    const [, id, direction, restrictions = ''] = RID.exec(line) ?? [];
    if (id === undefined) throw context.malformed(`a=rid must be "<id> send" or "<id> recv", got ${quoteSdp(line)}.`);
    return { id, direction: direction === 'send' ? 'send' : 'recv', restrictions };
  });
  if (new Set(rids.map((rid) => rid.id)).size < rids.length) throw context.malformed('An m-line has the same rid twice.');
  return rids;
}

/** RIDs without an a=rid line do not count (RFC 8853 section 5.2). */
export function parseSimulcast(attributes: Attributes, rids: readonly RemoteRid[], context: ParseContext): RemoteSimulcast | undefined {
  const line = attributes.first('simulcast');
  if (line === undefined) return undefined;
  const lists = new Map<string, string>();
  const words = line.split(/ +/);
  for (let index = 0; index < words.length; index += 2) lists.set(words[index] ?? '', words[index + 1] ?? '');
  for (const [direction, list] of lists) {
    if ((direction !== 'send' && direction !== 'recv') || list === '') {
      throw context.malformed(`a=simulcast must be "send <rids>" or "recv <rids>", got ${quoteSdp(line)}.`);
    }
  }
  const known = (direction: 'send' | 'recv'): string[] => {
    const declared = new Set(rids.filter((rid) => rid.direction === direction).map((rid) => rid.id));
    return firstAlternatives(lists.get(direction) ?? '').filter((id) => declared.delete(id));
  };
  return { send: known('send'), receive: known('recv') };
}

/** Layers are separated by `;`, alternatives of one layer by `,`; `~` marks one that starts paused. */
function firstAlternatives(list: string): string[] {
  return list.split(';').map((layer) => (layer.split(',')[0] ?? '').replace(/^~/, ''));
}

/** Of several streams that a track belongs to, the first (RFC 8830 section 2). */
export function parseMsid(attributes: Attributes, context: ParseContext): MediaStreamId | undefined {
  const line = attributes.first('msid');
  if (line === undefined) return undefined;
  const [, stream, track] = MSID.exec(line) ?? [];
  if (stream === undefined) throw context.malformed(`a=msid must be "<stream> <track>", got ${quoteSdp(line)}.`);
  return { stream: stream === '-' ? undefined : stream, track };
}
