/** One line of an exposition. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One family of an exposition. */
export interface ExposedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ExposedSample[];
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(,|$)/y;
const SUFFIXES = ['_bucket', '_sum', '_count'];

/** Reads the text format of Prometheus, and throws at what its readers would refuse. */
export function parseExposition(text: string): readonly ExposedFamily[] {
  const families: { name: string; help: string; type: string; samples: ExposedSample[] }[] = [];
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') families.push({ name, help: rest, type: '', samples: [] });
    const family = families.at(-1);
    if (kind === 'TYPE' && family?.name === name) family.type = rest;
    if (kind !== undefined || line.trim() === '') continue;
    if (!family) throw new Error(`A sample before its family: ${line}`);
    family.samples.push(parseSample(line));
  }
  return families;
}

/** What `promtool check metrics` would say, and a few things more; empty when all is well. */
export function lintExposition(families: readonly ExposedFamily[]): readonly string[] {
  const problems: string[] = [];
  const names = families.map(({ name }) => name);
  for (const name of new Set(names)) if (names.indexOf(name) !== names.lastIndexOf(name)) problems.push(`${name}: twice`);
  for (const family of families) problems.push(...lintFamily(family).map((problem) => `${family.name}: ${problem}`));
  return problems;
}

function lintFamily({ name, help, type, samples }: ExposedFamily): readonly string[] {
  const problems: string[] = [];
  if (help.trim() === '') problems.push('no help');
  if (!['counter', 'gauge', 'histogram'].includes(type)) problems.push(`type '${type}'`);
  if (type === 'counter' && !name.endsWith('_total')) problems.push('a counter ends in _total');
  if (type !== 'counter' && /_(total|count|sum|bucket)$/.test(name)) problems.push('only counters end in _total');
  if (type === 'histogram' && !/_(seconds|bytes)$/.test(name)) problems.push('a histogram has a base unit');
  if (/_(ms|milliseconds|minutes|kilobytes|kbit|percent)(_|$)/.test(name) || /[A-Z]/.test(name)) problems.push('not a base unit');
  const seen = new Set<string>();
  for (const sample of samples) {
    const base = type === 'histogram' ? SUFFIXES.map((suffix) => name + suffix) : [name];
    if (!base.includes(sample.name)) problems.push(`a sample of ${sample.name}`);
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
    if (seen.has(key)) problems.push(`twice: ${key}`);
    seen.add(key);
    if (Number.isNaN(sample.value)) problems.push(`no number: ${key}`);
  }
  return problems;
}

function parseSample(line: string): ExposedSample {
  const [, name, labelText = '', value] = LINE.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`No sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  for (let match = LABEL.exec(labelText); match !== null; match = LABEL.exec(labelText)) {
    labels[match[1] ?? ''] = (match[2] ?? '').replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
    end = LABEL.lastIndex;
  }
  if (end !== labelText.length) throw new Error(`Broken labels: ${line}`);
  return { name, labels, value: value === '+Inf' ? Infinity : Number(value) };
}
