import { describe, expect, it } from 'vitest';
import { bootOrder } from './boot-order.ts';

const namesOf = (plugins: readonly { name: string; dependsOn?: readonly string[] }[]) => bootOrder(plugins).map(({ name }) => name);

describe('bootOrder', () => {
  it('is the order given when nobody depends on anybody', () => {
    expect(namesOf([{ name: 'b' }, { name: 'a' }, { name: 'c' }])).toEqual(['b', 'a', 'c']);
  });

  it('puts dependencies first, each once', () => {
    const plugins = [{ name: 'app', dependsOn: ['auth', 'store'] }, { name: 'auth', dependsOn: ['store'] }, { name: 'store' }, { name: 'other' }];
    expect(namesOf(plugins)).toEqual(['store', 'auth', 'app', 'other']);
  });

  it('names who misses whom', () => {
    expect(() => namesOf([{ name: 'app', dependsOn: ['auth'] }])).toThrow(
      expect.objectContaining({ code: 'PLUGIN_DEPENDENCY', plugin: 'app', message: 'Plugin app needs auth, which is not registered.' }),
    );
  });

  it('shows the circle, without what leads to it', () => {
    const plugins = [
      { name: 'start', dependsOn: ['a'] },
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['a'] },
    ];
    expect(() => namesOf(plugins)).toThrow(
      expect.objectContaining({ code: 'PLUGIN_DEPENDENCY', message: 'Plugins depend on each other in a circle: a → b → a.' }),
    );
    expect(() => namesOf([{ name: 'self', dependsOn: ['self'] }])).toThrow(expect.objectContaining({ code: 'PLUGIN_DEPENDENCY' }));
  });
});
