import { beforeEach, describe, expect, it } from 'vitest';
import { LayerSelector, type SelectableLayer } from './layer-selector.ts';

const STEP_MS = 100;

class Layer implements SelectableLayer {
  readonly rid: string;
  readonly height: number;
  rate: number;
  least: number | undefined;
  /** When it began to send; Infinity while it is silent. */
  since = -Infinity;

  constructor(rid: string, height: number, rate: number) {
    this.rid = rid;
    this.height = height;
    this.rate = rate;
  }

  bitrate(): number {
    return this.rate;
  }

  leastBitrate(): number {
    return this.least ?? this.rate;
  }

  activeMs(now: number): number {
    return Math.max(0, now - this.since);
  }
}

let now: number;
let layers: readonly [Layer, Layer, Layer];
let selector: LayerSelector<Layer>;

beforeEach(() => {
  now = 0;
  layers = [new Layer('l', 180, 100_000), new Layer('m', 360, 300_000), new Layer('h', 720, 1_000_000)];
  selector = new LayerSelector();
});

/** Lets time pass over a path. @returns the layers in use one after another */
function pass(ms: number, budget: (now: number) => number | undefined): string[] {
  const rids: string[] = [];
  for (const end = now + ms; now < end; now += STEP_MS) {
    const rid = selector.select(layers, budget(now), now)!.rid;
    if (rids.at(-1) !== rid) rids.push(rid);
  }
  return rids;
}

const wide = () => 5_000_000;

describe('with an estimate', () => {
  it.each([[5_000_000, 'h'], [1_000_000, 'h'], [999_999, 'm'], [300_000, 'm'], [150_000, 'l'], [1, 'l']] as const)('of %i bit/s begins with %s', (estimate, rid) => {
    expect(pass(STEP_MS, () => estimate)).toEqual([rid]);
  });

  it('goes down at once, as far as it must', () => {
    pass(1000, wide);
    expect(pass(STEP_MS, () => 120_000)).toEqual(['l']);
  });

  it('stays with a layer that fits at a lower frame rate', () => {
    layers[2].least = 600_000;
    pass(1000, wide);
    expect(pass(10_000, () => 600_000)).toEqual(['h']);
    expect(pass(STEP_MS, () => 500_000)).toEqual(['m']);
  });

  it('goes up only when there has been room for a while', () => {
    pass(1000, () => 350_000);
    const narrow = now;
    expect(pass(1900, wide)).toEqual(['m']);
    expect(pass(STEP_MS, (at) => (at === narrow + 1900 ? 350_000 : 5_000_000))).toEqual(['m']);
    expect(pass(2000, wide)).toEqual(['m']);
    expect(pass(STEP_MS, wide)).toEqual(['h']);
  });

  it('leaves a layer not for an estimate that hovers around its rate, nor takes one that it would just carry', () => {
    pass(1000, () => 1_000_000);
    expect(pass(60_000, (at) => 1_000_000 + 90_000 * Math.sin(at / 700))).toEqual(['h']);
    selector.reset();
    pass(STEP_MS, () => 350_000);
    expect(pass(60_000, (at) => 1_000_000 + 140_000 * Math.sin(at / 700))).toEqual(['m']);
  });

  it('does not flap on a path that carries a layer only until it is used', () => {
    // What an estimate does that finds room by probing, and loses it once the layer fills the path.
    let estimate = 400_000;
    const path = (): number => {
      const isTooMuch = selector.chosen?.rid === 'h';
      estimate = isTooMuch ? estimate - 40_000 : Math.min(1_200_000, estimate + 40_000);
      return estimate;
    };
    const changes = Array.from({ length: 10 }, () => pass(60_000, path).length - 1);
    expect(changes[0]).toBeGreaterThan(0);
    expect(changes.reduce((sum, count) => sum + count)).toBeLessThan(30);
    expect(Math.max(...changes.slice(5))).toBeLessThanOrEqual(2);
  });

  it('trusts a path again after a layer has lasted', () => {
    pass(STEP_MS, wide);
    for (let round = 0; round < 4; round++) {
      pass(1000, () => 350_000);
      pass(40_000, wide);
    }
    pass(1000, () => 350_000);
    expect(pass(2500, wide)).toEqual(['m', 'h']);
  });

  it('says what it would send, so that somebody looks whether it fits', () => {
    pass(STEP_MS, () => 350_000);
    expect(selector.desiredBitrate).toBeGreaterThan(1_000_000);
    pass(5000, wide);
    expect(selector.desiredBitrate).toBe(0);
  });
});

describe('without an estimate', () => {
  /** Reports of the loss, one a second. */
  function report(seconds: number, loss: () => number): string[] {
    return Array.from({ length: seconds }, () => {
      selector.onLoss(loss());
      return pass(1000, () => undefined).at(-1)!;
    });
  }

  it('sends the best layer', () => {
    expect(pass(5000, () => undefined)).toEqual(['h']);
  });

  it('stays there over loss that retransmission can bear, and one bad report', () => {
    expect(new Set(report(30, () => (now % 10_000 === 0 ? 0.4 : 0.1)))).toEqual(new Set(['h']));
  });

  it('goes down step by step under heavy loss, and not below the lowest', () => {
    pass(1000, () => undefined);
    expect(report(7, () => 0.3)).toEqual(['h', 'm', 'm', 'l', 'l', 'l', 'l']);
  });

  it('comes up again when the loss is over, and tries ever more seldom when it is not', () => {
    pass(1000, () => undefined);
    const seen = report(600, () => (selector.chosen?.rid === 'h' ? 0.3 : 0));
    const ups = seen.filter((rid, index) => rid === 'h' && seen[index - 1] !== 'h').length;
    expect(ups).toBeGreaterThan(1);
    expect(ups).toBeLessThan(10);
    expect(report(200, () => 0).at(-1)).toBe('h');
  });
});

describe('a viewer that wants less', () => {
  it.each([
    [{ name: 'l' }, 'l'], [{ name: 'm' }, 'm'], [{ name: 'h' }, 'h'], [{ maxHeight: 400 }, 'm'], [{ maxHeight: 10 }, 'l'], [{}, 'h'],
  ])('%o gets that', (limit, rid) => {
    selector.limit = limit;
    expect(pass(10_000, wide)).toEqual([rid]);
  });

  it('gets it at once, and more when it wants more again', () => {
    pass(1000, wide);
    selector.limit = { name: 'l' };
    expect(pass(STEP_MS, wide)).toEqual(['l']);
    selector.limit = {};
    expect(pass(3000, wide)).toEqual(['l', 'h']);
  });

  it('is understood by a publisher with other names', () => {
    layers = [new Layer('0', 180, 100_000), new Layer('1', 360, 300_000), new Layer('2', 720, 1_000_000)];
    selector.limit = { name: 'm' };
    expect(pass(1000, wide)).toEqual(['1']);
  });
});

describe('a layer that falls silent', () => {
  it('is left for one that lives, and taken again when it has settled', () => {
    pass(5000, wide);
    layers[2].since = Infinity;
    expect(pass(STEP_MS, wide)).toEqual(['m']);
    layers[2].since = now;
    expect(pass(900, wide)).toEqual(['m']);
    expect(pass(3000, wide)).toEqual(['m', 'h']);
  });

  it('is kept while the others are silent too, as when nothing moves in a picture', () => {
    pass(5000, wide);
    for (const layer of layers) layer.since = Infinity;
    expect(pass(5000, wide)).toEqual(['h']);
    for (const layer of layers) layer.since = now;
    layers[2].since = Infinity;
    expect(pass(400, wide)).toEqual(['h']);
    expect(pass(300, wide)).toEqual(['h', 'm']);
  });

  it('is the only one wanted: another is better than none', () => {
    selector.limit = { name: 'l' };
    pass(1000, wide);
    layers[0].since = Infinity;
    expect(pass(1000, wide)).toEqual(['m']);
  });
});

it('has nothing to choose while there is no layer', () => {
  expect(selector.select([], 1, 0)).toBeUndefined();
});
