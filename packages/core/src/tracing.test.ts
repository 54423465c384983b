import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noTracer, traceContextOf, traced } from './tracing.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('traceContextOf', () => {
  it('takes a valid traceparent with its tracestate', () => {
    expect(traceContextOf({ traceparent: TRACEPARENT, tracestate: 'a=b' })).toEqual({ traceparent: TRACEPARENT, tracestate: 'a=b' });
    expect(traceContextOf({ traceparent: TRACEPARENT, tracestate: 'a'.repeat(513) })).toEqual({ traceparent: TRACEPARENT });
    expect(traceContextOf({ traceparent: `01${TRACEPARENT.slice(2)}-more` })).toBeDefined();
  });

  it.each([
    '',
    TRACEPARENT.toUpperCase(),
    `${TRACEPARENT}-more`,
    `ff${TRACEPARENT.slice(2)}`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
    `01${TRACEPARENT.slice(2)}-${'x'.repeat(200)}`,
  ])('takes none from %j', (traceparent) => {
    expect(traceContextOf({ traceparent })).toBeUndefined();
  });

  it('gives what can stand in a header, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (traceparent) => {
        expect(traceContextOf({ traceparent })?.traceparent ?? '').not.toMatch(/[\r\n]/);
      }),
    );
  });
});

it('a tracer that records nothing passes the context of the request on', async () => {
  const parent = { traceparent: TRACEPARENT };
  expect(await traced(noTracer, 'work', { parent }, (span) => span.context)).toBe(parent);
});
