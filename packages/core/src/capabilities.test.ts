import { expect, it } from 'vitest';
import { receiveCapabilities, sendCapabilities } from './capabilities.ts';

it('codecs that are chosen are answered in their order, every profile of one together', () => {
  const { audio, video } = receiveCapabilities({ codecs: { audio: ['pcmu', 'opus'], video: ['h264', 'VP9', 'none'] } });
  expect(audio?.codecs.map(({ name }) => name)).toEqual(['PCMU', 'opus']);
  expect(video?.codecs.map(({ name }) => name)).toEqual(['H264', 'H264', 'VP9']);
});

it('a kind without a choice takes all, one with an empty choice is refused', () => {
  const { audio, video } = sendCapabilities({ codecs: { audio: [] } });
  expect(audio).toBeUndefined();
  expect(video).toEqual(sendCapabilities().video);
});

it('wishes order the codecs and leave kinds out, and add nothing that may not be sent', () => {
  const { audio, video, data } = sendCapabilities({ codecs: { video: ['VP8', 'VP9', 'H264'] }, wishes: { audio: false, codecs: ['h264', 'AV1', 'VP9'] } });
  expect(audio).toBeUndefined();
  expect(video?.codecs.map(({ name }) => name)).toEqual(['H264', 'H264', 'VP9', 'VP8']);
  expect(data).toBe(true);
});
