import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, type DeclarationReflection, LogLevel, Logger, type ProjectReflection, ReflectionKind } from 'typedoc';

const CLIENT = fileURLToPath(new URL('../../../packages/client/', import.meta.url));

/** What the reference says, and what is missing in it. */
export interface Reference {
  /** Warnings and errors, one a line: exports without docs, links that lead nowhere, types that are not exported. */
  readonly complaints: readonly string[];
  /** Writes it as a folder of web pages. */
  write(folder: string): Promise<void>;
}

/** Reads the doc comments of everything that `@sluice/client` exports. */
export async function readReference(): Promise<Reference> {
  const complaints: string[] = [];
  const application = await Application.bootstrap({
    name: '@sluice/client',
    entryPoints: entryPoints(),
    tsconfig: path.join(CLIENT, 'tsconfig.json'),
    readme: path.join(CLIENT, 'README.md'),
    excludePrivate: true,
    excludeInternal: true,
    disableSources: true,
    disableGit: true,
    validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, unusedMergeModuleWith: true },
  });
  application.logger = new ComplaintLogger(complaints);
  const project = await application.convert();
  if (!project) throw new Error(`The sources of the client cannot be read:\n${complaints.join('\n')}`);
  application.validate(project);
  complaints.push(...undocumented(project));
  return { complaints, write: (folder) => application.generateDocs(project, folder) };
}

/** The modules that the package exports, as its manifest says. */
function entryPoints(): string[] {
  const { exports }: { exports: Record<string, string> } = JSON.parse(readFileSync(path.join(CLIENT, 'package.json'), 'utf8'));
  return Object.values(exports).map((file) => path.join(CLIENT, file));
}

/** Exports without docs; a member whose name and type say everything needs none. */
function undocumented(project: ProjectReflection): string[] {
  const exports = (project.children ?? []).flatMap((child) => (child.kind === ReflectionKind.Module ? (child.children ?? []) : child));
  const own = exports.filter(({ kind }) => kind !== ReflectionKind.Reference);
  return own.filter((reflection) => !isDocumented(reflection)).map((reflection) => `${reflection.getFullName()} has no docs.`);
}

function isDocumented(reflection: DeclarationReflection): boolean {
  return reflection.hasComment() || (reflection.signatures ?? []).some((signature) => signature.hasComment());
}

class ComplaintLogger extends Logger {
  readonly #complaints: string[];

  constructor(complaints: string[]) {
    super();
    this.#complaints = complaints;
  }

  override log(message: string, level: LogLevel): void {
    if (level >= LogLevel.Warn) this.#complaints.push(message);
  }
}
