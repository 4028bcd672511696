import { createHash } from 'node:crypto';
import { digestOf } from '../../../../src/oci/digest.ts';
import { pythonJson } from '../format.ts';
import { mediaTypes, parseManifest } from '../model/manifests.ts';
import type { Manifest, Repository } from '../model/types.ts';
import type { World } from '../model/world.ts';

interface Step {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

interface Layer {
  readonly step: Step;
  readonly digest: string;
  readonly size: number;
  readonly id: string;
  readonly parent: string | undefined;
}

/** The gzipped empty tar that stands for steps which changed no files. */
const emptyLayer = 'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4';
const emptyLayerSize = 32;

/** An image as Docker's first manifest schema, which Quay makes up for clients that ask for nothing newer. */
export function asSchema1(world: World, repository: Repository, tag: string, image: Manifest): Manifest | undefined {
  const shape = parseManifest(image);
  const config = parseConfig(shape.config === undefined ? undefined : world.content.get(shape.config.digest));
  if (config === undefined) return undefined;
  const layers = layersOf(config, shape.layers ?? []).toReversed();
  if (layers.length === 0) return undefined;
  const document = {
    tag,
    name: `${repository.namespace}/${repository.name}`,
    architecture: config['architecture'] ?? 'amd64',
    schemaVersion: 1,
    history: layers.map((layer, index) => ({ v1Compatibility: pythonJson(compatibility(config, layer, index === 0)) })),
    fsLayers: layers.map((layer) => ({ blobSum: layer.digest })),
  };
  const bytes = Buffer.from(JSON.stringify(document, null, 3));
  return { ...image, bytes, digest: digestOf(bytes), mediaType: mediaTypes.schema1 };
}

type Config = Readonly<Record<string, unknown>>;

function parseConfig(content: Buffer | undefined): Config | undefined {
  if (content === undefined) return undefined;
  try {
    return JSON.parse(content.toString('utf8')) as Config;
  } catch {
    return undefined;
  }
}

/** A layer's id is the hash of its step and of all before it. */
function layersOf(config: Config, blobs: readonly { readonly digest: string; readonly size: number }[]): Layer[] {
  const steps = Array.isArray(config['history']) ? (config['history'] as Step[]) : [];
  const layers: Layer[] = [];
  let seen = '';
  let used = 0;
  for (const [index, step] of steps.entries()) {
    const blob = step.empty_layer === true ? undefined : blobs[used++];
    const digest = blob?.digest ?? emptyLayer;
    seen += `${pythonJson(step)}|${index}|${digest}||`;
    const id = createHash('sha256').update(seen).digest('hex');
    layers.push({ step, digest, size: blob?.size ?? emptyLayerSize, id, parent: layers.at(-1)?.id });
  }
  return layers;
}

function compatibility(config: Config, layer: Layer, isNewest: boolean): object {
  const { history: _history, rootfs: _rootfs, ...top } = config;
  const block: Record<string, unknown> = { ...(isNewest ? top : {}), id: layer.id };
  if (layer.parent !== undefined) block['parent'] = layer.parent;
  const { created, author, comment, created_by: command, empty_layer: isEmpty } = layer.step;
  for (const [name, value] of Object.entries({ created, author, comment, throwaway: isEmpty })) {
    if (value !== undefined && value !== false && !(name in block)) block[name] = value;
  }
  if (!('container_config' in block)) block['container_config'] = { Cmd: [command ?? null] };
  block['Size'] = layer.size;
  return block;
}
