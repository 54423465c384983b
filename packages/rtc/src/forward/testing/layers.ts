import type { NegotiatedCodec } from '../../sdp/negotiated.ts';
import { type ClockMapping, SourceLayer } from '../source-layer.ts';
import { VP8 } from './sections.ts';

export const NEGOTIATED_VP8: NegotiatedCodec = { payloadType: 96, codec: VP8, feedback: ['nack'] };

/** A layer whose clock the test sets. */
export class TestLayer extends SourceLayer {
  requests = 0;
  clockMapping: ClockMapping | undefined;

  requestKeyframe(): void {
    this.requests++;
  }
}

/** A layer of a video source that knows nothing else yet. */
export function testLayer(ssrc: number, sourceId = `source ${ssrc}`, rid?: string): TestLayer {
  return new TestLayer({ kind: 'video', ssrc, rid, sourceId, extensions: [], keyframeCacheBytes: 0, now: 0 });
}
