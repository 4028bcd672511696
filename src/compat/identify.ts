/** What a file is, by its text alone. */
import { type OtherFile, otherFile } from './other-files.ts';
import type { ForeignTool } from './reader.ts';
import { recogniseRoot } from './recognise.ts';
import { listOf, recordOf, textOf } from './values.ts';
import { peekDocuments } from './yaml.ts';

export type Identity =
  | { readonly kind: 'tool'; readonly tool: ForeignTool }
  /** Looks like `tranship.yaml`, or could become one: whoever reads it says what is wrong. */
  | { readonly kind: 'own' }
  | ({ readonly kind: 'other' } & OtherFile)
  /** It says nothing of what it could be. */
  | { readonly kind: 'nothing'; readonly what: string };

export function identify(text: string): Identity {
  if (text.includes('\0')) return { kind: 'nothing', what: 'a binary file' };
  if (text.trim() === '') return { kind: 'nothing', what: 'an empty file' };
  const csv = csvFile(text);
  if (csv !== undefined) return { kind: 'other', ...csv };
  const documents = peekDocuments(text);
  const [root] = documents;
  if (documents.length > 1) {
    const embedded = documents.map(embeddedIn).find((one) => one !== undefined);
    if (embedded !== undefined) return { kind: 'other', ...embedded };
  }
  if (root === undefined) return { kind: 'nothing', what: 'no mapping of keys to values' };
  const tool = recogniseRoot(root);
  if (tool !== undefined) return { kind: 'tool', tool };
  const isOwn = 'registries' in root || ('stages' in root && !otherFile(root));
  if (isOwn && !('mappings' in root)) return { kind: 'own' };
  const other = embeddedIn(root) ?? otherFile(root) ?? template(text);
  if (other !== undefined) return { kind: 'other', ...other };
  const keys = Object.keys(root);
  if (keys.some((key) => ['version', 'defaults'].includes(key)) || keys.length === 0) return { kind: 'own' };
  return { kind: 'nothing', what: 'of no form that is known here' };
}

/** A configuration that a ConfigMap or a Secret of Kubernetes carries. */
function embeddedIn(root: Readonly<Record<string, unknown>>): OtherFile | undefined {
  const kind = textOf(root['kind']);
  if (kind === 'List')
    return listOf(root['items'])
      .map((item) => embeddedIn(recordOf(item)))
      .find((one) => one !== undefined);
  if (kind !== 'ConfigMap' && kind !== 'Secret') return undefined;
  for (const [name, value] of Object.entries({ ...recordOf(root['data']), ...recordOf(root['stringData']) })) {
    const text = textOf(value);
    const found = text === undefined ? undefined : identify(text);
    const what =
      found?.kind === 'tool' ? `a file of ${found.tool}` : found?.kind === 'own' ? 'a tranship.yaml' : undefined;
    if (what !== undefined)
      return {
        what: `a Kubernetes manifest (${kind}) with ${what} in it`,
        hint: `Write what stands under "${name}" into a file of its own.`,
      };
  }
  return undefined;
}

function csvFile(text: string): OtherFile | undefined {
  const header = text.slice(0, 1000).split(/\r?\n/)[0] ?? '';
  const columns = header.replace(/^\uFEFF/, '').split(',');
  if (!columns.includes('namespace') || !columns.includes('name')) return undefined;
  if (!columns.includes('repo_name')) return { what: 'a list of repositories of registry-sync' };
  return {
    what: 'a list of tags of registry-sync or `tranship crawl`',
    hint: 'Copy what it says with `tranship sync --from FILE --to HOST`.',
  };
}

function template(text: string): OtherFile | undefined {
  if (!/\{\{-?\s*(?:\.Values|\.Release|include|if|range|with|define)\b/.test(text)) return undefined;
  return { what: 'a template that is not filled in', hint: 'Render it first, with `helm template` or the like.' };
}
