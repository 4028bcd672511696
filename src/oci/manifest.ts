import type { Descriptor } from './descriptor.ts';
import { annotationsOf, descriptorsOf, optionalDescriptor } from './descriptor-parse.ts';
import { isTranshipError, TranshipError } from './errors.ts';
import { asRecord, type JsonRecord, refuseLookalikes } from './json-record.ts';
import { bareMediaType, kindOf, type ManifestKind, mediaTypes } from './media-type.ts';
import { parseStrictJson } from './strict-json.ts';

/** A manifest larger than this is refused; the distribution specification obliges registries to take 4 MiB. */
export const largestManifest = 8 * 1024 * 1024;

/** Children of one index. Quay's own limit, too. */
export const mostChildren = 1000;

interface Shared {
  /** What the document says it is, or what its shape says where it does not. */
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** A weak link: what this is about. It need not exist. */
  readonly subject?: Descriptor;
}

export interface ImageManifest extends Shared {
  readonly kind: 'image';
  readonly config?: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface IndexManifest extends Shared {
  readonly kind: 'index';
  readonly children: readonly Descriptor[];
}

/** Docker schema 1: recognised and reported, never copied. */
export interface Schema1Manifest {
  readonly kind: 'schema1';
  readonly mediaType: string;
}

export type Manifest = ImageManifest | IndexManifest | Schema1Manifest;

/**
 * Reads a manifest, leniently in what it holds and strictly in what it is: a document that two readers could take for two
 * different things is refused with `E_MANIFEST_AMBIGUOUS` (CVE-2021-41190). Its bytes are never written again from this.
 *
 * @param contentType what the server called it, where there was one
 */
export function parseManifest(bytes: Uint8Array, contentType?: string): Manifest {
  if (bytes.length > largestManifest) throw tooLarge(bytes.length);
  const document = asRecord(parseStrictJson(bytes), 'the manifest');
  refuseLookalikes(document, fieldNames);
  const mediaType = mediaTypeOf(document, contentType);
  const kind = kindOfDocument(document, mediaType);
  refuseForeignFields(document, kind);
  if (kind === 'schema1') return { kind, mediaType: mediaType ?? mediaTypes.dockerSchema1 };
  const shared = sharedFields(document, mediaType ?? (kind === 'index' ? mediaTypes.ociIndex : mediaTypes.ociManifest));
  return kind === 'index' ? readIndex(document, shared) : readImage(document, shared);
}

/** The same; `undefined` for a document of a kind that nobody knows yet, which an index may name (image-spec, image-index.md). */
export function parseKnownManifest(bytes: Uint8Array, contentType?: string): Manifest | undefined {
  try {
    return parseManifest(bytes, contentType);
  } catch (error) {
    if (isTranshipError(error) && error.code === 'E_MANIFEST_KIND') return undefined;
    throw error;
  }
}

function readIndex(document: JsonRecord, shared: Shared): IndexManifest {
  const children = descriptorsOf(document.get('manifests'), 'manifests');
  if (children.length > mostChildren) throw tooManyChildren(children.length);
  return { kind: 'index', ...shared, children };
}

function readImage(document: JsonRecord, shared: Shared): ImageManifest {
  const config = optionalDescriptor(document.get('config'), 'config');
  const field = shared.mediaType === mediaTypes.ociArtifact ? 'blobs' : 'layers';
  const layers = descriptorsOf(document.get(field), field);
  return { kind: 'image', ...shared, ...(config && { config }), layers };
}

function sharedFields(document: JsonRecord, mediaType: string): Shared {
  const subject = optionalDescriptor(document.get('subject'), 'subject');
  const artifactType = document.get('artifactType');
  const annotations = annotationsOf(document.get('annotations'));
  return {
    mediaType,
    ...(typeof artifactType === 'string' && artifactType !== '' && { artifactType }),
    ...(annotations && { annotations }),
    ...(subject && { subject }),
  };
}

/** Types that servers send when they do not know: they say nothing. */
const vagueTypes: ReadonlySet<string> = new Set(['', 'application/json', 'application/octet-stream', 'text/plain']);

/** Whether a server says nothing by this media type. */
export function isVagueType(mediaType: string): boolean {
  return vagueTypes.has(mediaType);
}

function mediaTypeOf(document: JsonRecord, contentType: string | undefined): string | undefined {
  const announced = contentType === undefined ? '' : bareMediaType(contentType);
  const stated = document.get('mediaType') ?? '';
  if (typeof stated !== 'string') throw ambiguous('its mediaType is not a text');
  if (vagueTypes.has(announced)) return stated === '' ? undefined : stated;
  if (stated !== '' && stated !== announced && !bothSchema1(stated, announced)) {
    throw ambiguous(`it was sent as ${announced} but says that it is ${stated}`);
  }
  return stated === '' ? announced : stated;
}

function bothSchema1(a: string, b: string): boolean {
  return kindOf(a) === 'schema1' && kindOf(b) === 'schema1';
}

function kindOfDocument(document: JsonRecord, mediaType: string | undefined): ManifestKind {
  const version = document.get('schemaVersion');
  const promised = mediaType === undefined ? undefined : kindOf(mediaType);
  if (version !== undefined && version !== 2 && version !== 1) throw invalid('its schemaVersion is neither 1 nor 2');
  if (version === 1 && (promised ?? 'schema1') !== 'schema1') {
    throw ambiguous(`it says that it is ${mediaType} but has schemaVersion 1`);
  }
  return promised ?? kindByShape(document, version);
}

function kindByShape(document: JsonRecord, version: unknown): ManifestKind {
  if (version === 1 || document.has('fsLayers')) return 'schema1';
  if (document.has('manifests')) return 'index';
  if (document.has('config') || document.has('layers') || document.has('blobs')) return 'image';
  throw new TranshipError('E_MANIFEST_KIND', 'failed', 'The document is neither an image nor an index.', {
    hint: 'What the tag names is not a manifest that this program knows. Look at it with `tranship manifest`.',
  });
}

const fieldNames = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'blobs',
  'manifests',
  'fsLayers',
  'history',
  'signatures',
  'subject',
  'annotations',
] as const;

const foreignFields: Record<ManifestKind, readonly string[]> = {
  image: ['manifests', 'fsLayers'],
  index: ['config', 'layers', 'blobs', 'fsLayers'],
  schema1: ['manifests', 'config', 'layers', 'blobs'],
};

function refuseForeignFields(document: JsonRecord, kind: ManifestKind): void {
  const found = foreignFields[kind].find((field) => document.has(field));
  if (found !== undefined) throw ambiguous(`it is of kind ${kind} and yet holds "${found}"`);
}

function ambiguous(why: string): TranshipError {
  return new TranshipError('E_MANIFEST_AMBIGUOUS', 'failed', `The manifest can be read in two ways: ${why}.`, {
    hint: 'Such a document can hide another image from scanners and signatures, so it is not copied.',
  });
}

function invalid(why: string): TranshipError {
  return new TranshipError('E_MANIFEST_INVALID', 'failed', `The manifest is malformed: ${why}.`);
}

function tooLarge(size: number): TranshipError {
  return new TranshipError(
    'E_MANIFEST_TOO_LARGE',
    'refused',
    `The manifest has ${size} bytes; at most ${largestManifest} are read.`,
  );
}

function tooManyChildren(count: number): TranshipError {
  return new TranshipError(
    'E_LIMIT',
    'refused',
    `The index has ${count} children; at most ${mostChildren} are followed.`,
  );
}
