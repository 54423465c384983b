import { MediaError } from '@sluice/core';
import { type AST, ParseError, getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';
import { type Source, placesByLine } from './source.ts';

/** @throws MediaError CONFIG_INVALID naming the line */
export function tomlSource(file: string, text: string): Source {
  const program = parse(file, text);
  const lines = new Map<string, number>();
  for (const entry of program.body[0].body) addEntry(lines, [], entry);
  return { kind: 'file', value: getStaticTOMLValue(program), placeOf: placesByLine(file, (path) => lines.get(pathText(path))) };
}

function parse(file: string, text: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const words = error.message.replace(/\.$/, '');
    throw new MediaError('CONFIG_INVALID', `${file}:${error.lineNumber}: the config file could not be read: ${words}.`, { cause: error });
  }
}

type Path = readonly (string | number)[];

function addEntry(lines: Map<string, number>, path: Path, entry: AST.TOMLKeyValue | AST.TOMLTable): void {
  if (entry.type === 'TOMLTable') {
    addKey(lines, [], entry.resolvedKey, entry.loc.start.line);
    for (const inner of entry.body) addEntry(lines, entry.resolvedKey, inner);
    return;
  }
  const keys = entry.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
  addKey(lines, path, keys, entry.loc.start.line);
  addValue(lines, [...path, ...keys], entry.value);
}

/** `a.b.c` begins the groups a and a.b too, unless they began before. */
function addKey(lines: Map<string, number>, path: Path, keys: Path, line: number): void {
  for (let length = 1; length <= keys.length; length += 1) {
    const text = pathText([...path, ...keys.slice(0, length)]);
    if (!lines.has(text)) lines.set(text, line);
  }
}

function addValue(lines: Map<string, number>, path: Path, value: AST.TOMLContentNode): void {
  if (value.type === 'TOMLInlineTable') for (const entry of value.body) addEntry(lines, path, entry);
  if (value.type !== 'TOMLArray') return;
  for (const [index, element] of value.elements.entries()) {
    addKey(lines, path, [index], element.loc.start.line);
    addValue(lines, [...path, index], element);
  }
}

/** Names may hold any character. */
function pathText(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}
