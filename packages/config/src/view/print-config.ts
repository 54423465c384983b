import { Document, isMap, isScalar } from 'yaml';
import type { LoadedConfig } from '../load-config.ts';
import { type Tree, mergeTrees, treeOf } from '../settings/tree.ts';
import { type ConfigEntry, configEntries } from './config-entries.ts';

/**
 * The whole configuration as YAML, secrets replaced.
 * @param withOrigins whether a comment behind each setting says where it comes from
 */
export function printConfig(loaded: LoadedConfig, { withOrigins = false }: { readonly withOrigins?: boolean } = {}): string {
  const entries = configEntries(loaded).filter(({ value }) => value !== null);
  const tree = entries.reduce<Tree>((all, { path, value }) => mergeTrees(all, treeOf(path, value)), {});
  const document = new Document(tree, { aliasDuplicateObjects: false });
  if (withOrigins) for (const entry of entries) addOrigin(document, entry);
  return document.toString({ lineWidth: 0 });
}

function addOrigin(document: Document, { path, source, from }: ConfigEntry): void {
  const parent: unknown = document.getIn(path.slice(0, -1), true) ?? document.contents;
  if (!isMap(parent)) return;
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  const comment = ` ${from ?? source}`;
  if (isScalar(pair?.value)) pair.value.comment = comment;
  else if (isScalar(pair?.key)) pair.key.commentBefore = comment;
}
