import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { PART_NAMES } from './parts/part.ts';

describe('the command line', () => {
  it('asks for everything by default', () => {
    expect(readOptions([], '/folder')).toEqual({
      parts: PART_NAMES,
      servers: ['native', 'portable', 'werift', 'janus'],
      viewerCounts: [1, 10, 50, 100],
      rates: [260, 500],
      seconds: 10,
      sessions: 100,
      loss: 0.005,
      pacing: 'frames',
      profile: 'gcm',
      quick: false,
      address: undefined,
      jsonFile: undefined,
      profileFolder: undefined,
    });
  });

  it('takes parts and servers in their own order, and files from where the person stands', () => {
    const args = ['--parts', 'growth,forward', '--servers', 'janus,native', '--viewers', '1,10', '--loss', '0', '--json', 'out.json', '--cpu-prof', '/profiles'];
    expect(readOptions(args, '/folder')).toMatchObject({
      parts: ['forward', 'growth'],
      servers: ['native', 'janus'],
      viewerCounts: [1, 10],
      loss: 0,
      jsonFile: '/folder/out.json',
      profileFolder: '/profiles',
    });
  });

  it('is short when quick, but for what is asked for', () => {
    expect(readOptions(['--quick', '--seconds', '20'], '/folder')).toMatchObject({ quick: true, rates: [500], seconds: 20 });
  });

  it('gives nothing to run for --help', () => {
    expect(readOptions(['--help'], '/folder')).toBeUndefined();
  });

  it.each([
    [['--viewers', '1,'], '--viewers takes whole numbers from 1 to 2000, not "".'],
    [['--viewers', '0'], '--viewers takes whole numbers from 1 to 2000, not "0".'],
    [['--rates', '2.5'], '--rates takes whole numbers from 1 to 5000, not "2.5".'],
    [['--seconds', '1e9'], '--seconds takes whole numbers from 1 to 600, not "1e9".'],
    [['--loss', 'some'], '--loss takes a number from 0 to 50, not "some".'],
    [['--servers', 'native,mediasoup'], '--servers takes native or portable or werift or janus, not "mediasoup".'],
    [['--pacing', 'burst'], '--pacing takes frames or even, not "burst".'],
    [['--srtp', 'aes'], '--srtp takes gcm or cm, not "aes".'],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => readOptions(args, '/folder')).toThrow(message);
  });

  it('refuses what it does not know', () => {
    expect(() => readOptions(['--viewer', '1'], '/folder')).toThrow('--viewer');
    expect(() => readOptions(['viewers'], '/folder')).toThrow('viewers');
  });
});
