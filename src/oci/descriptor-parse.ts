import type { Descriptor } from './descriptor.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from './digest.ts';
import { TranshipError } from './errors.ts';
import { asRecord, type JsonRecord, refuseLookalikes } from './json-record.ts';
import { parsePlatformObject } from './platform.ts';

const fieldNames = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'platform', 'artifactType'] as const;

/** An array of descriptors; absent and `null` are empty, because writers in Go leave `null` for an empty list. */
export function descriptorsOf(value: unknown, field: string): readonly Descriptor[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(`"${field}" is not a list`);
  return value.map((entry, at) => parseDescriptor(entry, `${field}[${at}]`));
}

export function optionalDescriptor(value: unknown, field: string): Descriptor | undefined {
  return value === undefined || value === null ? undefined : parseDescriptor(value, field);
}

/**
 * Checks what the program acts on (digest, size, data, urls) and is lenient with the rest. `where` names the place in messages.
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  const record = asRecord(value, `"${where}"`);
  refuseLookalikes(record, fieldNames);
  const digest = digestField(record, where);
  const size = sizeField(record, where);
  checkData(record, digest, size, where);
  return { mediaType: textField(record, 'mediaType', where), digest, size, ...optionalFields(record, where) };
}

/** A map of texts, as annotations are; `undefined` where there are none. */
export function annotationsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}

function optionalFields(record: JsonRecord, where: string): Partial<Descriptor> {
  const platform = parsePlatformObject(record.get('platform'));
  const artifactType = textField(record, 'artifactType', where);
  const annotations = annotationsOf(record.get('annotations'));
  const urls = urlsField(record, where);
  return {
    ...(platform && { platform }),
    ...(artifactType !== '' && { artifactType }),
    ...(annotations && { annotations }),
    ...(urls.length > 0 && { urls }),
  };
}

function digestField(record: JsonRecord, where: string): Digest {
  const digest = record.get('digest');
  if (typeof digest !== 'string') throw invalid(`"${where}" has no digest`);
  if (isDigest(digest)) return digest;
  if (/^sha(256|512):/.test(digest) || !/^[a-z0-9]+([+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+$/.test(digest)) {
    throw invalid(`the digest of "${where}" is malformed`);
  }
  const algorithm = digest.slice(0, Math.min(digest.indexOf(':'), 32));
  throw new TranshipError('E_DIGEST_ALGORITHM', 'failed', `"${where}" is named by a ${algorithm} digest.`, {
    hint: 'Only sha256 and sha512 can be verified, so nothing else is copied.',
  });
}

function sizeField(record: JsonRecord, where: string): number {
  const size = record.get('size');
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size;
  throw invalid(`the size of "${where}" is not a whole number of bytes`);
}

/** Content carried inline must be the content that is named, or readers that use it see another blob. */
function checkData(record: JsonRecord, digest: Digest, size: number, where: string): void {
  const data = record.get('data');
  if (data === undefined || data === null) return;
  const bytes = typeof data === 'string' ? Buffer.from(data, 'base64') : undefined;
  if (bytes?.length === size && digestOf(bytes, algorithmOf(digest)) === digest) return;
  throw invalid(`the data of "${where}" is not what its digest names`);
}

function urlsField(record: JsonRecord, where: string): readonly string[] {
  const urls = record.get('urls') ?? [];
  if (Array.isArray(urls) && urls.every((url) => typeof url === 'string')) return urls;
  throw invalid(`the urls of "${where}" are not a list of texts`);
}

function textField(record: JsonRecord, field: string, where: string): string {
  const value = record.get(field) ?? '';
  if (typeof value === 'string') return value;
  throw invalid(`the ${field} of "${where}" is not a text`);
}

function invalid(why: string): TranshipError {
  return new TranshipError('E_MANIFEST_INVALID', 'failed', `The manifest is malformed: ${why}.`);
}
