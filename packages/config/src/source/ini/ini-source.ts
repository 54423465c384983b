import { configSchema } from '../../schema/server-config.ts';
import { schemaAt } from '../../settings/setting-table.ts';
import { type Tree, mergeTrees, treeOf } from '../../settings/tree.ts';
import type { IgnoredKey, Source } from '../source.ts';
import { INI_KEYS, INI_REASONS } from './ini-keys.ts';
import { type IniEntry, readIni } from './read-ini.ts';

/** The secret of ZLMediaKit's own config.ini, which everybody knows. */
const SHIPPED_SECRET = '035c73f7-bb6b-4889-a715-d9eb2d1925cc';

interface Mapped extends IniEntry {
  readonly path: readonly string[];
  readonly setting: unknown;
}

/** ZLMediaKit's config.ini: the keys that apply, each with its meaning kept. */
export function iniSource(file: string, text: string): Source {
  const { entries, malformedLines } = readIni(text);
  const { mapped, ignored } = mapIni(entries);
  const placeOf: Source['placeOf'] = (path) => {
    const entry = mapped.findLast(({ path: own }) => own.every((part, index) => part === path[index]));
    return entry ? { where: `${file}:${entry.line}`, name: entry.key } : { where: file };
  };
  const problems = malformedLines.map((line) => `${file}:${line}: a line must be [section], key=value or a comment behind # or ;.`);
  return { kind: 'file', value: treeOfEntries(mapped), placeOf, problems, ignored };
}

/** Names and values of ZLMediaKit's config.ini as settings, and the names that mean nothing here. */
export function settingsOfIni(values: Readonly<Record<string, string>>): { readonly settings: Tree; readonly ignored: readonly string[] } {
  const { mapped, ignored } = mapIni(Object.entries(values).map(([key, value]) => ({ key, value, line: 0 })));
  return { settings: treeOfEntries(mapped), ignored: ignored.map(({ key }) => key) };
}

function treeOfEntries(mapped: readonly Mapped[]): Tree {
  return mapped.reduce<Tree>((tree, { path, setting }) => mergeTrees(tree, treeOf(path, setting)), {});
}

function mapIni(entries: readonly IniEntry[]): { readonly mapped: readonly Mapped[]; readonly ignored: readonly IgnoredKey[] } {
  const mapped: Mapped[] = [];
  const ignored: IgnoredKey[] = [];
  // The last value of a key counts, for ZLMediaKit too.
  const values = new Map(entries.map(({ key, value }) => [key, value]));
  for (const entry of entries) {
    const meaning = meaningOf(entry, values);
    if ('path' in meaning) mapped.push({ ...entry, ...meaning });
    else if (!meaning.isHeeded) ignored.push({ key: entry.key, line: entry.line, reason: meaning.reason });
  }
  return { mapped, ignored };
}

/** A setting; or whether the key says something without being one, and if not, why. */
type Meaning = Pick<Mapped, 'path' | 'setting'> | { readonly isHeeded: boolean; readonly reason?: string | undefined };

function meaningOf({ key, value }: IniEntry, values: ReadonlyMap<string, string>): Meaning {
  if (key === 'rtc.tcpPort') return tcpPort(value, values);
  const known = Object.hasOwn(INI_KEYS, key) ? INI_KEYS[key] : undefined;
  if (!known || !schemaAt(configSchema, known.path)) return ignoring(INI_REASONS[key]);
  // An empty value switches something off.
  if (value === '') return { isHeeded: true };
  if (key === 'api.secret' && value === SHIPPED_SECRET) return ignoring('it is the secret that ZLMediaKit comes with, which everybody knows');
  const setting = known.read(value);
  return setting === undefined ? ignoring('none of its values means anything here') : { path: known.path, setting };
}

/** Media over TCP has the number of UDP here. */
function tcpPort(value: string, values: ReadonlyMap<string, string>): Meaning {
  if (value === '0' || value === '') return { path: ['rtc', 'tcp'], setting: false };
  if (value === (values.get('rtc.port') ?? '8000')) return { path: ['rtc', 'tcp'], setting: true };
  return ignoring('media over TCP has the same port number as over UDP here, that of rtc.port');
}

function ignoring(reason: string | undefined): Meaning {
  return { isHeeded: false, reason };
}
