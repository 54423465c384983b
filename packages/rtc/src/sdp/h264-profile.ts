/** Profiles by profile_idc and the eight bits of profile-iop (RFC 6184 section 8.1, table 5). */
const PROFILES: readonly { readonly idc: string; readonly iop: RegExp; readonly name: string }[] = [
  { idc: '42', iop: /^.1..0000$/, name: 'constrained-baseline' },
  { idc: '4d', iop: /^1...0000$/, name: 'constrained-baseline' },
  { idc: '58', iop: /^11..0000$/, name: 'constrained-baseline' },
  { idc: '42', iop: /^.0..0000$/, name: 'baseline' },
  { idc: '58', iop: /^10..0000$/, name: 'baseline' },
  { idc: '4d', iop: /^0.0.0000$/, name: 'main' },
  { idc: '58', iop: /^00..0000$/, name: 'extended' },
  { idc: '64', iop: /^00000000$/, name: 'high' },
  { idc: '64', iop: /^00001100$/, name: 'constrained-high' },
  { idc: 'f4', iop: /^00000000$/, name: 'high-444-predictive' },
];
/**
 * What a decoder of each profile decodes beside its own (H.264 annex A.2). Encoders call Constrained Baseline
 * Baseline and the other way round, and nobody uses what Baseline alone has.
 */
const ALSO_DECODED: Readonly<Record<string, readonly string[]>> = {
  'constrained-baseline': ['baseline'],
  baseline: ['constrained-baseline'],
  main: ['constrained-baseline', 'baseline'],
  'constrained-high': ['constrained-baseline', 'baseline', 'main'],
  high: ['constrained-baseline', 'baseline', 'main', 'constrained-high'],
  'high-444-predictive': ['constrained-baseline', 'baseline', 'main', 'constrained-high', 'high'],
};
const PROFILE_LEVEL_ID = /^([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/;
const CONSTRAINT_SET_3 = 0x10;

/** Name of the profile of a `profile-level-id`; its own profile bytes when it is none of the table. */
export function h264Profile(profileLevelId: string): string {
  const text = profileLevelId.toLowerCase();
  const [, idc, iop] = PROFILE_LEVEL_ID.exec(text) ?? [];
  if (idc === undefined || iop === undefined) return text;
  const bits = Number.parseInt(iop, 16).toString(2).padStart(8, '0');
  const profile = PROFILES.find((entry) => entry.idc === idc && entry.iop.test(bits));
  return profile?.name ?? idc + iop;
}

/** Whether a decoder of one `profile-level-id` takes a stream of the other, levels aside. */
export function decodesH264(decoder: string, stream: string): boolean {
  const [own, sent] = [h264Profile(decoder), h264Profile(stream)];
  return own === sent || (ALSO_DECODED[own]?.includes(sent) ?? false);
}

/** The profile in words, for people: `Constrained Baseline`. */
export function h264ProfileName(profileLevelId: string): string {
  return h264Profile(profileLevelId).replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()).replaceAll('-', ' ');
}

/** Of two `profile-level-id` of one profile, the one with the lower level. */
export function lowerH264Level(a: string, b: string): string {
  return levelOf(a) <= levelOf(b) ? a : b;
}

/** Ten times the level, so that 3.1 is 31. Level 1b lies between 1.0 and 1.1. */
function levelOf(profileLevelId: string): number {
  const [, idc = '', iop = '', level = ''] = PROFILE_LEVEL_ID.exec(profileLevelId.toLowerCase()) ?? [];
  const levelIdc = Number.parseInt(level, 16);
  const is1b = levelIdc === 11 && ['42', '4d', '58'].includes(idc) && (Number.parseInt(iop, 16) & CONSTRAINT_SET_3) !== 0;
  return is1b || levelIdc === 9 ? 10.5 : levelIdc;
}
