import { MediaError } from '@sluice/core';
import { type Document, LineCounter, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import { type Source, placesByLine } from './source.ts';

/** @throws MediaError CONFIG_INVALID naming the line */
export function yamlSource(file: string, text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const error = document.errors[0];
  if (error) throw unreadable(file, lines.linePos(error.pos[0]).line, error);
  return { kind: 'file', value: valueOf(file, document), placeOf: placesByLine(file, (path) => lineOf(document, lines, path)) };
}

/** JSON, whose positions a YAML parser finds too: it is a part of YAML. */
export function jsonSource(file: string, text: string): Source {
  const value: unknown = parseJson(file, text);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  return { kind: 'file', value, placeOf: placesByLine(file, (path) => lineOf(document, lines, path)) };
}

function valueOf(file: string, document: Document): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    // Aliases that would unfold to a huge value, or name nothing.
    throw unreadable(file, 1, error);
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const before = position === undefined ? text : text.slice(0, Number(position));
    throw unreadable(file, before.split('\n').length, error);
  }
}

/** @returns undefined when there is no such path */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of path) {
    const next = stepInto(node, step);
    if (!next) return undefined;
    ({ node, offset } = next);
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

function stepInto(node: unknown, step: PropertyKey): { node: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair && { node: pair.value, offset: isScalar(pair.key) ? pair.key.range?.[0] : undefined };
  }
  const item: unknown = isSeq(node) ? node.items[Number(step)] : undefined;
  return isNode(item) ? { node: item, offset: item.range?.[0] } : undefined;
}

function unreadable(file: string, line: number, error: unknown): MediaError {
  const words = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return new MediaError('CONFIG_INVALID', `${file}:${line}: the config file could not be read: ${words.replace(/[.:]$/, '')}.`, { cause: error });
}
