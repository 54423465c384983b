import { type CodecChoice, MediaError, type PathSettings, type StreamSource, checkPathPattern } from '@sluice/core';
import { z } from 'zod';
import { accessRule } from './access-rule.ts';
import { choice, count, deadline, group, httpUrl, list, milliseconds, text } from './kinds.ts';

const AUDIO_CODECS = ['opus', 'red', 'PCMU', 'PCMA', 'G722'] as const;
const VIDEO_CODECS = ['VP8', 'H264', 'VP9', 'AV1', 'H265'] as const;

const codecs = {
  audio: list(choice(AUDIO_CODECS), 'audio codecs').optional().describe('opus, red, PCMU, PCMA, G722, in order of preference; an empty list refuses audio. Default: all.'),
  video: list(choice(VIDEO_CODECS), 'video codecs').optional().describe('VP8, H264, VP9, AV1, H265, in order of preference; an empty list refuses video. Default: all.'),
} satisfies Record<keyof CodecChoice, z.ZodType>;

const source = z
  .union(
    [
      group({ whep: httpUrl.describe('WHEP endpoint; {vhost}, {app} and {stream} stand for the names of the stream.'), token: text.optional().meta({ description: 'Sent as bearer token.', secret: true }) }),
      group({ file: text.describe('Path of a clip.') }),
    ],
    { error: '{ whep, token } or { file }' },
  )
  .optional() satisfies z.ZodType<StreamSource | undefined>;

const pathGroup = group({
  maxReaders: count.optional().describe('Viewers at a time. Default: any number.'),
  maxStreamWaitMs: milliseconds.optional().describe('As in streams.'),
  noneReaderDelayMs: deadline.optional().describe('As in streams.'),
  publisherGraceMs: milliseconds.optional().describe('As in streams.'),
  takeover: choice(['never', 'silent', 'always']).optional().describe('As in streams.'),
  keyframeCacheBytes: count.optional().describe('As in rtc.'),
  codecs: group(codecs).optional().describe('What publishers and viewers may agree on.'),
  publish: accessRule.optional().describe('Who may publish; what it leaves out is as in auth.publish.'),
  play: accessRule.optional().describe('Who may play; what it leaves out is as in auth.play.'),
  source: source.describe('Where the media is taken from when viewers ask for a stream that nobody publishes.'),
} satisfies Partial<Record<keyof PathSettings, z.ZodType>>);

const pattern = z.string().superRefine((value, ctx) => {
  try {
    checkPathPattern(value);
  } catch (error) {
    if (!MediaError.is(error)) throw error;
    ctx.addIssue({ code: 'custom', message: error.message });
  }
});

/** `paths`: what differs from stream to stream. The most specific pattern that has a setting counts; see `pathResolver` of core. */
export const pathSettings = z.record(pattern, pathGroup, { error: 'a group of patterns' }).default({});
