import { randomBytes } from 'node:crypto';
import { silentLogger } from '@sluice/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SRTP_PROFILES, type SrtpProfile } from './srtp/profiles.ts';
import { chooseTier } from './tier.ts';

const native = vi.hoisted(() => ({ koffi: undefined as undefined | Record<string, unknown> }));

vi.mock('koffi', async (importOriginal) => {
  const original = await importOriginal<typeof import('koffi')>();
  return { ...original, get load() {
    return native.koffi?.['load'] ?? original.load;
  } };
});

afterEach(() => {
  native.koffi = undefined;
});

function logging() {
  const info = vi.fn();
  return { info, logger: { ...silentLogger, info } };
}

describe.runIf(process.platform === 'linux')('chooseTier', () => {
  it('takes the native tier where it works, and says so', async () => {
    const { info, logger } = logging();
    expect((await chooseTier('auto', logger)).name).toBe('native');
    expect(info.mock.calls).toEqual([[{ tier: 'native' }, expect.any(String)]]);
  });

  it('takes the portable tier when it is told to', async () => {
    const { info, logger } = logging();
    expect((await chooseTier('portable', logger)).name).toBe('portable');
    expect(info.mock.calls).toEqual([[{ tier: 'portable', reason: 'rtc.tier says so' }, expect.any(String)]]);
  });

  describe('without what native code needs', () => {
    function lack(name: string): void {
      native.koffi = {
        load: () => ({
          func: (symbol: string) => {
            if (symbol === name) throw new Error('not found');
            return () => 0;
          },
        }),
      };
    }

    it('takes the portable tier and says what is missing', async () => {
      lack('sendmmsg');
      const { info, logger } = logging();
      expect((await chooseTier('auto', logger)).name).toBe('portable');
      expect(info).toHaveBeenCalledExactlyOnceWith({ tier: 'portable', reason: 'this build of Node has no sendmmsg' }, expect.any(String));
    });

    it('refuses to start with the native tier', async () => {
      lack('gnu_get_libc_version');
      await expect(chooseTier('native', silentLogger)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('gnu_get_libc_version') });
    });

    it('takes the portable tier when native code does something else than it should', async () => {
      lack('nothing');
      const { info, logger } = logging();
      expect((await chooseTier('auto', logger)).name).toBe('portable');
      expect(info).toHaveBeenCalledExactlyOnceWith({ tier: 'portable', reason: expect.stringMatching(/other bytes/) }, expect.any(String));
    });
  });

  it.each(Object.keys(SRTP_PROFILES) as SrtpProfile[])('makes ciphers of %s that open what those of the other tier seal', async (profile) => {
    const { keyBytes, saltBytes } = SRTP_PROFILES[profile];
    const [key, salt] = [randomBytes(keyBytes), randomBytes(saltBytes)];
    const packet = Buffer.concat([Buffer.from('80c80006', 'hex'), randomBytes(24)]);
    const tiers = await Promise.all([chooseTier('native', silentLogger), chooseTier('portable', silentLogger)]);
    const [one, other] = tiers.map((tier) => tier.createCipher(profile, key, salt));

    for (const [from, to] of [[one!, other!], [other!, one!]] as const) {
      const rtcp = from.protectRtcp(packet, 5);
      expect(to.unprotectRtcp(rtcp, to.srtcpIndexWord(rtcp)!)).toEqual(packet);
      expect(to.unprotectRtp(from.protectRtp(packet, 12, 3), 12, 3)).toEqual(packet);
    }
  });
});
