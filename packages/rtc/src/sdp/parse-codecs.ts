import { quoteSdp, type Codec } from '@sluice/core';

import type { Attributes } from './attributes.ts';
import type { ParseContext } from './parse-context.ts';
import type { RemoteCodec } from './remote-description.ts';

const RTPMAP = /^(\d{1,3}) +([^\s/]{1,64})\/(\d{1,9})(?:\/(\d{1,3}))?$/;
const FORMAT_PARAMETERS = /^(\d{1,3}) +(\S.*)$/;
const FEEDBACK = /^(\d{1,3}|\*) +(\S.*)$/;

/** Payload types that need no a=rtpmap (RFC 3551 section 6). G722 says 8000 by a historical error. */
const STATIC_CODECS: ReadonlyMap<number, Codec> = new Map([
  [0, { name: 'PCMU', clockRate: 8000, parameters: {} }],
  [8, { name: 'PCMA', clockRate: 8000, parameters: {} }],
  [9, { name: 'G722', clockRate: 8000, parameters: {} }],
]);
const FIRST_DYNAMIC = 96;

/** The codecs of an m-line in the order of its payload types; rtx (RFC 4588) goes to the codec that it repeats. */
export function parseCodecs(formats: readonly string[], attributes: Attributes, context: ParseContext): RemoteCodec[] {
  const payloadTypes = formats.map((format) => parsePayloadType(format, context));
  if (new Set(payloadTypes).size < payloadTypes.length) throw context.malformed('A payload type stands twice in one m-line.');

  const maps = parseRtpMaps(attributes, context);
  const parameters = parseFormatParameters(attributes, context);
  const feedback = parseFeedback(attributes, context);
  const codecs: RemoteCodec[] = [];
  const rtxOf = new Map<number, number>();
  for (const payloadType of payloadTypes) {
    const map = maps.get(payloadType) ?? STATIC_CODECS.get(payloadType);
    if (!map) {
      if (payloadType >= FIRST_DYNAMIC) throw context.malformed(`Payload type ${payloadType} has no a=rtpmap.`);
      continue;
    }
    const codec: Codec = { ...map, parameters: parameters.get(payloadType) ?? {} };
    if (codec.name.toLowerCase() === 'rtx') rtxOf.set(Number(codec.parameters['apt']), payloadType);
    else codecs.push({ payloadType, codec, feedback: [...(feedback.get(String(payloadType)) ?? []), ...(feedback.get('*') ?? [])] });
  }
  return codecs.map((entry) => ({ ...entry, rtxPayloadType: rtxOf.get(entry.payloadType) }));
}

function parsePayloadType(text: string, context: ParseContext): number {
  const payloadType = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (!(payloadType <= 127)) throw context.malformed(`A payload type must be a number from 0 to 127, got ${quoteSdp(text)}.`);
  // On one port these could not be told from RTCP packets (RFC 5761 section 4).
  if (payloadType >= 64 && payloadType <= 95) throw context.malformed(`Payload type ${payloadType} collides with RTCP; use 96 to 127 or 35 to 63.`);
  return payloadType;
}

function parseRtpMaps(attributes: Attributes, context: ParseContext): Map<number, Codec> {
  const maps = new Map<number, Codec>();
  for (const line of attributes.all('rtpmap')) {
    const [, payloadType, name = '', clockRate, channels] = RTPMAP.exec(line) ?? [];
    if (payloadType === undefined || Number(clockRate) === 0 || Number(channels) === 0) {
      throw context.malformed(`a=rtpmap must be "<payload type> <name>/<clock rate>", got ${quoteSdp(line)}.`);
    }
    if (maps.has(Number(payloadType))) throw context.malformed(`Payload type ${payloadType} has two a=rtpmap lines.`);
    maps.set(Number(payloadType), { name, clockRate: Number(clockRate), ...severalChannels(channels), parameters: {} });
  }
  return maps;
}

/** One channel is the default and means the same as none (RFC 8866 section 6.6). */
function severalChannels(channels: string | undefined): { channels?: number } {
  return channels === undefined || Number(channels) === 1 ? {} : { channels: Number(channels) };
}

function parseFormatParameters(attributes: Attributes, context: ParseContext): Map<number, Codec['parameters']> {
  const parameters = new Map<number, Codec['parameters']>();
  for (const line of attributes.all('fmtp')) {
    const [, payloadType, text = ''] = FORMAT_PARAMETERS.exec(line) ?? [];
    if (payloadType === undefined) throw context.malformed(`a=fmtp must be "<payload type> <parameters>", got ${quoteSdp(line)}.`);
    parameters.set(Number(payloadType), Object.fromEntries(splitParameters(text)));
  }
  return parameters;
}

function splitParameters(text: string): [string, string][] {
  return text
    .split(';')
    .map((parameter) => parameter.trim())
    .filter((parameter) => parameter !== '')
    .map((parameter) => {
      const equals = parameter.indexOf('=');
      if (equals < 0) return [parameter.toLowerCase(), ''];
      return [parameter.slice(0, equals).trim().toLowerCase(), parameter.slice(equals + 1).trim()];
    });
}

/** By payload type, or `*` for all of them (RFC 4585 section 4.2). */
function parseFeedback(attributes: Attributes, context: ParseContext): Map<string, string[]> {
  const feedback = new Map<string, string[]>();
  for (const line of attributes.all('rtcp-fb')) {
    const [, payloadType, value = ''] = FEEDBACK.exec(line) ?? [];
    if (payloadType === undefined) throw context.malformed(`a=rtcp-fb must be "<payload type> <value>", got ${quoteSdp(line)}.`);
    const values = feedback.get(payloadType);
    if (values) values.push(value);
    else feedback.set(payloadType, [value]);
  }
  return feedback;
}
