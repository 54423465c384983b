import type { NegotiatedSection } from './negotiated.ts';

/**
 * Leaves out extensions whose id stands for another one elsewhere in the BUNDLE, which must not be (RFC 9143 section 9.2).
 * aiortc offers such, and fails to read what it then receives. Those of video, which congestion control needs, stay.
 */
export function withUnambiguousExtensions(sections: readonly NegotiatedSection[]): NegotiatedSection[] {
  const uris = new Map<number, string>();
  for (const { extensions } of videoFirst(sections)) {
    for (const { id, uri } of extensions) if (!uris.has(id)) uris.set(id, uri);
  }
  return sections.map((section) => ({ ...section, extensions: section.extensions.filter(({ id, uri }) => uris.get(id) === uri) }));
}

function videoFirst(sections: readonly NegotiatedSection[]): NegotiatedSection[] {
  return sections.toSorted((a, b) => Number(b.kind === 'video') - Number(a.kind === 'video'));
}
