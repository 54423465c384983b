/** A fenced block of code. */
export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** The file that the block is a copy of, from the comment above it. */
  readonly file: string | undefined;
}

const BLOCK = /(?:^<!-- (?<file>\S+) -->\n)?^```(?<language>\w*)\n(?<code>.*?)^```$/gms;
const LINK = /\]\((?<target>[^)\s]+)\)/g;

/** The blocks of a Markdown text, in their order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  return Array.from(markdown.matchAll(BLOCK), ({ groups }) => ({
    language: groups?.['language'] ?? '',
    code: groups?.['code'] ?? '',
    file: groups?.['file'],
  }));
}

/** Targets of links and pictures that lead to a file beside the text, without their fragment. */
export function localLinks(markdown: string): string[] {
  const targets = Array.from(markdown.matchAll(LINK), ({ groups }) => groups?.['target'] ?? '');
  return targets.filter((target) => !/^(?:https?:|#)/.test(target)).map((target) => target.split('#', 1)[0] ?? '');
}
