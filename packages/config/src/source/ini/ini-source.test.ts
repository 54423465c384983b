import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configSchema } from '../../schema/server-config.ts';
import { schemaAt } from '../../settings/setting-table.ts';
import { INI_KEYS } from './ini-keys.ts';
import { iniSource, settingsOfIni } from './ini-source.ts';
import { readIni } from './read-ini.ts';

const FILE = '/etc/zlm/config.ini';

/** As operators have it: comments of both kinds, spaces, CRLF, keys of other protocols. */
const CLASSIC = `# config
[api]
apiDebug=1
secret = 0123456789abcdef0123
[general]
mediaServerId=zlm-1
maxStreamWaitMS=5000
streamNoneReaderDelayMS=30000
; comment
[hook]
admin_params=secret=035c73f7-bb6b-4889-a715-d9eb2d1925cc
enable=1
on_publish=https://auth.example/index/hook/on_publish?key=a=b#c
on_play=
timeoutSec=2.5
retry=2
retry_delay=3.0
[http]
port=80
notFound=<html><body bgcolor="white">=</body></html>
[rtc]
port=9000
tcpPort=9000
externIP=203.0.113.7,2001:db8::7
timeoutSec=15
preferredCodecA=PCMA,opus,mpeg4-generic
preferredCodecV=H264,AV1X
[rtmp]
port=1935
sslport=0
`;

test.each([['lf', CLASSIC], ['crlf', CLASSIC.replaceAll('\n', '\r\n')]])('keys that apply keep their meaning (%s)', (_name, text) => {
  expect(iniSource(FILE, text)).toMatchObject({
    problems: [],
    value: {
      http: { adminToken: '0123456789abcdef0123', port: 80 },
      hooks: {
        enabled: true,
        mediaServerId: 'zlm-1',
        onPublish: 'https://auth.example/index/hook/on_publish?key=a=b#c',
        timeoutMs: 2500,
        retries: 2,
        retryDelayMs: 3000,
      },
      streams: { maxStreamWaitMs: 5000, noneReaderDelayMs: 30_000 },
      rtc: { port: 9000, tcp: true, externalAddresses: ['203.0.113.7', '2001:db8::7'], closedAfterMs: 15_000 },
      paths: { '*': { codecs: { audio: ['PCMA', 'opus'], video: ['H264', 'AV1'] } } },
    },
  });
});

test('every other key is listed as ignored, with its line', () => {
  expect(iniSource(FILE, CLASSIC).ignored).toEqual([
    { key: 'api.apiDebug', line: 3, reason: undefined },
    { key: 'hook.admin_params', line: 11, reason: expect.stringContaining('static keys') },
    { key: 'http.notFound', line: 20, reason: undefined },
    { key: 'rtmp.port', line: 29, reason: undefined },
    { key: 'rtmp.sslport', line: 30, reason: undefined },
  ]);
});

test('a place is the line, and the name is that of the file', () => {
  const source = iniSource(FILE, CLASSIC);
  expect(source.placeOf(['hooks', 'timeoutMs'])).toEqual({ where: `${FILE}:15`, name: 'hook.timeoutSec' });
  expect(source.placeOf(['rtc', 'externalAddresses', 1])).toEqual({ where: `${FILE}:24`, name: 'rtc.externIP' });
});

test.each([
  [{ 'rtc.tcpPort': '0' }, { rtc: { tcp: false } }, []],
  [{ 'rtc.tcpPort': '8000' }, { rtc: { tcp: true } }, []],
  [{ 'rtc.tcpPort': '8001' }, {}, ['rtc.tcpPort']],
  [{ 'api.secret': '035c73f7-bb6b-4889-a715-d9eb2d1925cc' }, {}, ['api.secret']],
  [{ 'hook.enable': '0', 'hook.on_play': 'http://a/' }, { hooks: { enabled: false, onPlay: 'http://a/' } }, []],
  [{ 'general.listen_ip': '::' }, { http: { host: '::' } }, []],
  [{ 'protocol.continue_push_ms': '15000' }, { streams: { publisherGraceMs: 15_000 } }, []],
  [{ constructor: '1', 'hook.__proto__': '2' }, {}, ['constructor', 'hook.__proto__']],
])('%j', (values, settings, ignored) => {
  expect(settingsOfIni(values)).toEqual({ settings, ignored });
});

test('what is neither section, key nor comment is named by its line', () => {
  expect(iniSource(FILE, '[http]\nport 80\n=1\n').problems).toEqual([
    `${FILE}:2: a line must be [section], key=value or a comment behind # or ;.`,
    `${FILE}:3: a line must be [section], key=value or a comment behind # or ;.`,
  ]);
});

test('what was written is read', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'Z', '_', '9'), minLength: 1 });
  const value = fc.string().filter((text) => text.trim() === text && !/[\r\n]/.test(text));
  fc.assert(
    fc.property(word, fc.array(fc.tuple(word, value)), (section, pairs) => {
      const text = [`[${section}]`, ...pairs.map(([key, written]) => `${key}=${written}`)].join('\n');
      expect(readIni(text)).toEqual({ malformedLines: [], entries: pairs.map(([key, written], index) => ({ key: `${section}.${key}`, value: written, line: index + 2 })) });
    }),
  );
});

test('every key that is mapped leads to a setting', () => {
  for (const [key, { path }] of Object.entries(INI_KEYS)) expect(schemaAt(configSchema, path), key).toBeDefined();
});
