/** What a file is, by its text alone. */
import { nearest } from '../config/suggest.ts';
import { type OtherFile, otherFile } from './other-files.ts';
import type { ForeignTool } from './reader.ts';
import { imageName } from './readers/image-name.ts';
import { recogniseRoot } from './recognise.ts';
import { listOf, recordOf, textOf } from './values.ts';
import { peekDocuments } from './yaml.ts';

type Raw = Readonly<Record<string, unknown>>;

export type Identity =
  | { readonly kind: 'tool'; readonly tool: ForeignTool }
  | ({ readonly kind: 'other' } & OtherFile)
  /** A `tranship.yaml`; not `sure` where it could as well be anything, and its reader says best what is wrong. */
  | { readonly kind: 'own'; readonly sure: boolean };

export function identify(text: string): Identity {
  if (text.includes('\0')) return { kind: 'other', what: 'a binary file' };
  const csv = csvFile(text);
  if (csv !== undefined) return { kind: 'other', ...csv };
  const documents = peekDocuments(text);
  const [root] = documents;
  if (root === undefined) {
    const list = imageList(text);
    return list === undefined ? { kind: 'own', sure: false } : { kind: 'other', ...list };
  }
  const tool = recogniseRoot(root);
  if (tool !== undefined) return { kind: 'tool', tool };
  const embedded = documents.map(embeddedIn).find((one) => one !== undefined);
  const other = embedded ?? otherFile(root) ?? template(text);
  if (other !== undefined && !isOwn(root)) return { kind: 'other', ...other };
  if (isOwn(root)) return { kind: 'own', sure: true };
  const keys = Object.keys(root);
  if (keys.length === 0 || keys.some((key) => nearest(key, ownKeys) !== undefined)) return { kind: 'own', sure: false };
  return { kind: 'other', what: 'of no form that is known here' };
}

const ownKeys = ['version', 'registries', 'defaults', 'stages'];

/** Its two parts, in the form that they have there. */
function isOwn(root: Raw): boolean {
  if ('mappings' in root) return false;
  const stages = listOf(root['stages']).map(recordOf);
  const registries = Object.values(recordOf(root['registries'])).map(recordOf);
  const hasStages = stages.some((stage) => 'from' in stage || 'to' in stage);
  return hasStages || registries.some((registry) => 'url' in registry || 'layout' in registry);
}

/** A configuration that a ConfigMap or a Secret of Kubernetes carries. */
function embeddedIn(root: Raw): OtherFile | undefined {
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
      found?.kind === 'tool'
        ? `a file of ${found.tool}`
        : found?.kind === 'own' && found.sure
          ? 'a tranship.yaml'
          : undefined;
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

/** One image on each line, bare or as a YAML list. */
function imageList(text: string): OtherFile | undefined {
  const lines = text.split(/\r?\n/).map((line) =>
    line
      .replace(/^\s*-\s+/, '')
      .replace(/\s*#.*$/, '')
      .trim(),
  );
  const names = lines.filter((line) => line !== '').map((line) => line.replace(/^(["'])(.*)\1$/, '$2'));
  if (names.length === 0 || !names.every((name) => name.includes('/') && imageName(name) !== undefined))
    return undefined;
  return {
    what: 'a list of images',
    hint: 'Copy each with `tranship copy IMAGE DESTINATION`, or name them in a tranship.yaml (`tranship init` writes one).',
  };
}

function template(text: string): OtherFile | undefined {
  if (!/\{\{-?\s*(?:\.Values|\.Release|include|if|range|with|define)\b/.test(text)) return undefined;
  return { what: 'a template that is not filled in', hint: 'Render it first, with `helm template` or the like.' };
}
