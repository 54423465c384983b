import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type CandidateOptions, localCandidateAddresses } from './candidates.ts';

function networkInterface(address: string, internal = false): NetworkInterfaceInfo {
  const common = { address, netmask: '', mac: '', internal, cidr: null };
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' };
}

const interfaces = {
  lo: [networkInterface('127.0.0.1', true), networkInterface('::1', true)],
  eth0: [networkInterface('2001:db8::5'), networkInterface('192.0.2.5'), networkInterface('fe80::5'), networkInterface('FEBF::5')],
  eth1: [networkInterface('198.51.100.5')],
  gone: undefined,
};

function addressesOf(options: Partial<CandidateOptions> = {}): string[] {
  return localCandidateAddresses({ port: 8000, interfaces, ...options }).map(({ address }) => address);
}

describe('localCandidateAddresses', () => {
  it('lists IPv4, then IPv6, then loopback, and no link-local address', () => {
    expect(addressesOf()).toEqual(['192.0.2.5', '198.51.100.5', '2001:db8::5', '127.0.0.1']);
  });

  it('lists only the families that are bound', () => {
    expect(addressesOf({ addresses: ['0.0.0.0'] })).toEqual(['192.0.2.5', '198.51.100.5', '127.0.0.1']);
    expect(addressesOf({ addresses: ['::'] })).toEqual(['2001:db8::5']);
  });

  it('lists bound addresses as they are, loopback only when it is one of them', () => {
    expect(addressesOf({ addresses: ['198.51.100.5'] })).toEqual(['198.51.100.5']);
    expect(addressesOf({ addresses: ['::1', '127.0.0.1', '192.0.2.5'] })).toEqual(['192.0.2.5', '127.0.0.1', '::1']);
  });

  it('prefers external addresses, and leaves loopback out with them', () => {
    expect(addressesOf({ externalAddresses: ['203.0.113.7', '2001:db8:1::7'] })).toEqual([
      '203.0.113.7',
      '2001:db8:1::7',
      '192.0.2.5',
      '198.51.100.5',
      '2001:db8::5',
    ]);
  });

  it('leaves private addresses out beside external ones, when so told, and never without', () => {
    const local = { eth0: [networkInterface('192.168.1.2'), networkInterface('fd00::2'), networkInterface('192.0.2.5')] };
    const options = { interfaces: local, privateCandidates: false };
    expect(addressesOf({ ...options, externalAddresses: ['203.0.113.7'] })).toEqual(['203.0.113.7', '192.0.2.5']);
    expect(addressesOf(options)).toEqual(['192.168.1.2', '192.0.2.5', 'fd00::2', ...addressesOf({ interfaces: {} })]);
    expect(addressesOf({ interfaces: local, externalAddresses: ['203.0.113.7'] })).toContain('192.168.1.2');
  });

  it('lists an address once, though it is external and local', () => {
    expect(addressesOf({ addresses: ['192.0.2.5'], externalAddresses: ['192.0.2.5'] })).toEqual(['192.0.2.5']);
  });

  it('refuses an external address that is a name', () => {
    expect(() => addressesOf({ externalAddresses: ['media.example'] })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('media.example') }),
    );
  });

  it('still offers loopback on a machine without a network', () => {
    expect(addressesOf({ interfaces: { lo: interfaces.lo } })).toEqual(['127.0.0.1']);
  });

  it('computes priorities by RFC 8445 section 5.1.2.1, descending and distinct', () => {
    const candidates = localCandidateAddresses({ port: 8000, interfaces });

    expect(candidates[0]).toEqual({ address: '192.0.2.5', port: 8000, protocol: 'udp', family: 'ipv4', priority: 2_130_706_431, foundation: '1' });
    expect(candidates[2]).toMatchObject({ family: 'ipv6', foundation: '3' });
    const priorities = candidates.map(({ priority }) => priority);
    expect(priorities).toEqual(priorities.toSorted((a, b) => b - a));
    expect(new Set(priorities).size).toBe(candidates.length);
  });

  it('repeats the addresses over TCP, below all over UDP and with foundations of their own', () => {
    const candidates = localCandidateAddresses({ port: 8000, interfaces, tcp: true });
    const [udp, tcp] = [candidates.slice(0, 4), candidates.slice(4)];

    expect(udp).toEqual(localCandidateAddresses({ port: 8000, interfaces }));
    expect(tcp.map(({ address }) => address)).toEqual(udp.map(({ address }) => address));
    // 2^24 × 90 + 2^8 × (2^13 × 4 + 8191) + 255, by RFC 6544 section 4.2.
    expect(tcp[0]).toEqual({ address: '192.0.2.5', port: 8000, protocol: 'tcp', family: 'ipv4', priority: 1_520_435_199, foundation: '5' });
    const priorities = candidates.map(({ priority }) => priority);
    expect(priorities).toEqual(priorities.toSorted((a, b) => b - a));
    expect(new Set(priorities).size).toBe(8);
    expect(new Set(candidates.map(({ foundation }) => foundation)).size).toBe(8);
  });
});
