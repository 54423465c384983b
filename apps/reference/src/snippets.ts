import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const CLIENT = fileURLToPath(new URL('../../../packages/client/', import.meta.url));

/** What the snippets take from the page around them. */
const SURROUNDINGS = `
declare const video: HTMLVideoElement;
declare const media: MediaStream;
declare const client: import('@sluice/client').PeerClient;
declare const log: import('@sluice/client').LogProducer;
declare const pino: ((destination: unknown) => object) & { transport(options: { target: string; options: object }): unknown; multistream(streams: readonly { stream: unknown }[]): unknown };
declare const winston: { createLogger(options: { transports: readonly unknown[] }): object };
declare const token: string;
declare const sdp: string;
declare const packet: Buffer;
`;

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  target: ts.ScriptTarget.ES2024,
  lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  typeRoots: [fileURLToPath(new URL('../../../node_modules/@types', import.meta.url))],
};

/** The blocks of TypeScript of a Markdown text. */
export function snippetsOf(markdown: string): string[] {
  return Array.from(markdown.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => code);
}

/** What the compiler has against snippets for `@sluice/client`, each a module of its own; one line for each error. */
export function compile(snippets: readonly string[]): string[] {
  const surroundings = path.join(CLIENT, 'surroundings.d.ts');
  const modules = snippets.map((code, index) => [path.join(CLIENT, `snippet-${index}.ts`), `${code}\nexport {};\n`] as const);
  // They are not on the disk, but stand in the package, so that it and what it depends on is found.
  const files = new Map([...modules, [surroundings, SURROUNDINGS]]);
  const disk = ts.createCompilerHost(OPTIONS);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (file) => files.has(file) || disk.fileExists(file),
    readFile: (file) => files.get(file) ?? disk.readFile(file),
    getSourceFile: (file, ...others) => {
      const text = files.get(file);
      return text === undefined ? disk.getSourceFile(file, ...others) : ts.createSourceFile(file, text, ts.ScriptTarget.ES2024);
    },
  };
  const program = ts.createProgram([...files.keys()], OPTIONS, host);
  const diagnostics = [...files.keys()].flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)));
  return diagnostics.map(({ file, start = 0, messageText }) => `${file?.text.slice(start).split('\n', 1)[0] ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}
