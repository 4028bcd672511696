import { firstMistake, type Schema } from '../api/schema.ts';
import { isList, type ManifestShape, mediaTypes } from '../model/manifests.ts';
import type { Repository } from '../model/types.ts';
import { feature } from '../model/world.ts';
import type { RegistryCall } from './context.ts';
import { registryError } from './errors.ts';

/** The media type of the manifest in the body, once everything that Quay checks is in order. */
export function checkManifest(call: RegistryCall, repository: Repository): string {
  const mediaType = (call.request.headers['content-type'] ?? mediaTypes.schema1).split(';')[0]?.trim() ?? '';
  const schema = schemaOf(call, mediaType);
  const shape = parse(call.request.body);
  const mistake = firstMistake(schema, shape);
  if (mistake !== undefined) throw invalid(`failed to parse manifest: manifest data does not match schema: ${mistake}`);
  if (isList(mediaType)) checkChildren(call, repository, shape);
  else checkBlobs(repository, shape);
  return mediaType;
}

function invalid(message: string, status?: number) {
  return registryError('MANIFEST_INVALID', { detail: { message }, ...(status === undefined ? {} : { status }) });
}

const descriptor: Schema = {
  type: 'object',
  required: ['mediaType', 'size', 'digest'],
  properties: { mediaType: { type: 'string' }, size: { type: 'number' }, digest: { type: 'string' } },
};

const list = (mediaType: string): Schema => ({
  type: 'object',
  properties: {
    schemaVersion: { type: 'number' },
    mediaType: { type: 'string', enum: [mediaType] },
    manifests: { type: 'array', items: descriptor },
  },
  required: ['schemaVersion', 'manifests'],
});

const image = (mediaType: string, required: readonly string[]): Schema => ({
  type: 'object',
  properties: {
    schemaVersion: { type: 'number' },
    mediaType: { type: 'string', enum: [mediaType] },
    config: descriptor,
    layers: { type: 'array', items: descriptor },
  },
  required,
});

const dockerRequired = ['schemaVersion', 'mediaType', 'config', 'layers'];
const ociRequired = ['schemaVersion', 'config', 'layers'];
const schema1: Schema = { type: 'object', required: ['tag', 'name', 'fsLayers', 'history'] };

const schemas: Readonly<Record<string, Schema>> = {
  [mediaTypes.dockerManifest]: image(mediaTypes.dockerManifest, dockerRequired),
  [mediaTypes.dockerList]: list(mediaTypes.dockerList),
  [mediaTypes.ociManifest]: image(mediaTypes.ociManifest, ociRequired),
  [mediaTypes.ociIndex]: list(mediaTypes.ociIndex),
  [mediaTypes.schema1]: schema1,
  [mediaTypes.signedSchema1]: schema1,
  'application/json': schema1,
};

function schemaOf(call: RegistryCall, mediaType: string): Schema {
  const schema = schemas[mediaType];
  const isOci = mediaType === mediaTypes.ociManifest || mediaType === mediaTypes.ociIndex;
  if (schema === undefined || (isOci && !feature(call.world, 'GENERAL_OCI_SUPPORT'))) {
    throw invalid('manifest schema version not supported', 415);
  }
  return schema;
}

function parse(body: Buffer): ManifestShape {
  try {
    return JSON.parse(body.toString('utf8')) as ManifestShape;
  } catch {
    throw invalid(`failed to parse manifest: malformed manifest data: ${jsonProblem(body.toString('utf8'))}`);
  }
}

function checkChildren(call: RegistryCall, repository: Repository, shape: ManifestShape): void {
  if (feature(call.world, 'SPARSE_INDEX')) return;
  for (const child of shape.manifests ?? []) {
    if (!repository.manifests.has(child.digest)) {
      throw invalid(`Could not find child manifest with digest \`${child.digest}\``);
    }
  }
}

function checkBlobs(repository: Repository, shape: ManifestShape): void {
  if (shape.config !== undefined && !repository.blobs.has(shape.config.digest)) {
    throw invalid('Could not load config blob for manifest');
  }
  const local = (shape.layers ?? []).filter((layer) => (layer.urls ?? []).length === 0).map((layer) => layer.digest);
  for (const digest of [...local, ...(shape.fsLayers ?? []).map((layer) => layer.blobSum)]) {
    if (!repository.blobs.has(digest)) throw invalid(`Unknown blob \`${digest}\``);
  }
}

/** How Python names the mistake, for the two that are likely: an object that breaks off after its brace, and no JSON at all. */
function jsonProblem(text: string): string {
  const isBrokenObject = /^\{(?!\s*")/.test(text);
  return isBrokenObject
    ? 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'
    : 'Expecting value: line 1 column 1 (char 0)';
}
