import { spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@sluice/core';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type DtlsCertificate, type DtlsFingerprint, type DtlsRole, createDtlsCertificate } from './index.ts';
import { OurPeer, certificatePem, eventually, privateKeyPem } from './peers.test.util.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const HOST = '127.0.0.1';
const DEADLINE_MS = 10_000;
const TEST_TIMEOUT_MS = 3 * DEADLINE_MS;

const ours = await createDtlsCertificate();
const folder = mkdtempSync(join(tmpdir(), 'sluice-dtls-'));
const ecdsa = writeEcdsaPem(await createDtlsCertificate());
const rsa = hasOpenssl ? writeRsaPem() : ecdsa;
const undo: (() => void)[] = [];

afterEach(() => {
  for (const each of undo.splice(0)) each();
});
afterAll(() => rmSync(folder, { recursive: true }));

interface PeerIdentity {
  readonly pemFile: string;
  readonly fingerprint: DtlsFingerprint;
}

function writeEcdsaPem(certificate: DtlsCertificate): PeerIdentity {
  const pemFile = join(folder, 'ecdsa.pem');
  writeFileSync(pemFile, `${certificatePem(certificate)}\n${privateKeyPem(certificate)}\n`);
  return { pemFile, fingerprint: certificate.fingerprint };
}

/** What GStreamer has. */
function writeRsaPem(): PeerIdentity {
  const pemFile = join(folder, 'rsa.pem');
  spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=peer', '-keyout', pemFile, '-out', join(folder, 'rsa.crt')]);
  const certificate = readFileSync(join(folder, 'rsa.crt'));
  appendFileSync(pemFile, certificate);
  return { pemFile, fingerprint: { algorithm: 'sha-256', value: new X509Certificate(certificate).fingerprint256 } };
}

async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, HOST);
  await once(socket, 'listening');
  return socket;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const socket = await boundSocket();
  const { port } = socket.address();
  socket.close();
  return port;
}

/** `openssl s_client` or `s_server`; `output` is all that it has printed. */
function openssl(pemFile: string, args: readonly string[]) {
  const child = spawn('openssl', [...args, '-dtls1_2', '-cert', pemFile, '-key', pemFile, '-keymatexport', 'EXTRACTOR-dtls_srtp']);
  undo.push(() => child.kill());
  const peer = { output: '', send: (line: string) => void child.stdin.write(`${line}\n`) };
  child.stdout.on('data', (chunk: Buffer) => {
    peer.output += chunk.toString();
  });
  return peer;
}

const PROFILES = [
  { name: 'SRTP_AEAD_AES_128_GCM', id: 7, materialBytes: 56 },
  { name: 'SRTP_AES128_CM_SHA1_80', id: 1, materialBytes: 60 },
];
const VARIANTS = [
  { what: 'X25519 and an ECDSA key', identity: ecdsa, args: [] },
  { what: 'P-256', identity: ecdsa, args: ['-groups', 'P-256'] },
  { what: 'an RSA key, in small fragments', identity: rsa, args: ['-mtu', '400'] },
];
const ROLES: readonly DtlsRole[] = ['server', 'client'];
const CASES = ROLES.flatMap((role) => PROFILES.flatMap((profile) => VARIANTS.map((variant) => ({ role, profile, variant }))));

test.runIf(hasOpenssl).each(CASES)(
  'as $role it agrees with OpenSSL on the keys of $profile.name, over $variant.what, and carries data',
  { timeout: TEST_TIMEOUT_MS },
  async ({ role, profile, variant: { identity, args } }) => {
    const socket = await boundSocket();
    undo.push(() => socket.close());
    let peerPort = role === 'client' ? await freePort() : 0;
    const our = new OurPeer({ role, certificate: ours, remoteFingerprints: [identity.fingerprint], clock: systemClock });
    undo.push(() => our.association.close());
    our.output = (datagram) => socket.send(datagram, peerPort, HOST);
    socket.on('message', (datagram, from) => {
      peerPort = from.port;
      our.receive(datagram);
    });

    const common = [...args, '-use_srtp', profile.name, '-keymatexportlen', String(profile.materialBytes)];
    const peer =
      role === 'server'
        ? openssl(identity.pemFile, ['s_client', '-connect', `${HOST}:${socket.address().port}`, ...common])
        : openssl(identity.pemFile, ['s_server', '-accept', `${HOST}:${peerPort}`, '-verify', '1', ...common]);
    our.association.start();
    await eventually(() => expect(our.connects).toBe(1), DEADLINE_MS);

    const { profileId, localKey, localSalt, remoteKey, remoteSalt } = our.keys!;
    expect(profileId).toBe(profile.id);
    const clientFirst = role === 'client' ? [localKey, remoteKey, localSalt, remoteSalt] : [remoteKey, localKey, remoteSalt, localSalt];
    const material = Buffer.concat(clientFirst).toString('hex').toUpperCase();
    await eventually(() => expect(peer.output).toContain(`Keying material: ${material}`), DEADLINE_MS);

    our.association.sendData(Buffer.from('from us\n'));
    peer.send('from openssl');
    await eventually(() => {
      expect(peer.output).toContain('from us');
      expect(our.data).toEqual(['from openssl\n']);
    }, DEADLINE_MS);
    our.association.close();
    await eventually(() => expect(peer.output).toMatch(/^(closed|DONE)$/m), DEADLINE_MS);
  },
);
