import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

describe('the command line', () => {
  it('asks for the whole comparison by default', () => {
    expect(readOptions([], '/folder')).toEqual({
      viewers: [1, 10, 50, 100],
      rates: [260, 500],
      seconds: 10,
      sessions: 100,
      servers: ['sluice', 'werift'],
      profile: 'gcm',
      jsonFile: undefined,
      profileFolder: undefined,
    });
  });

  it('takes lists, one server and files from where the person stands', () => {
    const args = ['--viewers', '1,10', '--rates', '260', '--seconds', '2', '--only', 'sluice', '--srtp', 'cm', '--json', 'out.json', '--cpu-prof', '/profiles'];
    expect(readOptions(args, '/folder')).toMatchObject({
      viewers: [1, 10],
      rates: [260],
      seconds: 2,
      servers: ['sluice'],
      profile: 'cm',
      jsonFile: '/folder/out.json',
      profileFolder: '/profiles',
    });
  });

  it('gives nothing to run for --help', () => {
    expect(readOptions(['--help'], '/folder')).toBeUndefined();
  });

  it.each([
    [['--viewers', '1,'], '--viewers takes whole numbers from 1 to 2000, not "".'],
    [['--viewers', '0'], '--viewers takes whole numbers from 1 to 2000, not "0".'],
    [['--rates', '2.5'], '--rates takes whole numbers from 1 to 5000, not "2.5".'],
    [['--seconds', '1e9'], '--seconds takes whole numbers from 1 to 600, not "1e9".'],
    [['--only', 'janus'], '--only takes sluice or werift, not "janus".'],
    [['--srtp', 'aes'], '--srtp takes gcm or cm, not "aes".'],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => readOptions(args, '/folder')).toThrow(message);
  });

  it('refuses what it does not know', () => {
    expect(() => readOptions(['--viewer', '1'], '/folder')).toThrow('--viewer');
    expect(() => readOptions(['viewers'], '/folder')).toThrow('viewers');
  });
});
