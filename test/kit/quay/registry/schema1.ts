import { createHash } from 'node:crypto';
import { digestOf } from '../../../../src/oci/digest.ts';
import { mediaTypes, parseManifest } from '../model/manifests.ts';
import type { Manifest, Repository } from '../model/types.ts';
import type { World } from '../model/world.ts';

interface ImageConfig {
  readonly architecture?: string;
  readonly history?: readonly {
    readonly created?: string;
    readonly created_by?: string;
    readonly empty_layer?: boolean;
  }[];
}

/** An image as Docker's first manifest schema, which Quay makes up for clients that ask for nothing newer. */
export function asSchema1(world: World, repository: Repository, tag: string, image: Manifest): Manifest | undefined {
  const shape = parseManifest(image);
  const content = shape.config === undefined ? undefined : world.content.get(shape.config.digest);
  const layers = shape.layers ?? [];
  if (content === undefined || layers.length === 0) return undefined;
  const config = parseConfig(content);
  if (config === undefined) return undefined;
  const ids = layers.map((layer, index) =>
    layerId(
      layers.slice(0, index + 1).map((one) => one.digest),
      layer.digest,
    ),
  );
  const newestFirst = layers.map((layer, index) => ({ layer, index })).toReversed();
  const document = {
    tag,
    name: `${repository.namespace}/${repository.name}`,
    architecture: config.architecture ?? 'amd64',
    schemaVersion: 1,
    history: newestFirst.map(({ index }) => ({ v1Compatibility: JSON.stringify(historyOf(config, ids, index)) })),
    fsLayers: newestFirst.map(({ layer }) => ({ blobSum: layer.digest })),
  };
  const bytes = Buffer.from(JSON.stringify(document, null, 3));
  return { ...image, bytes, digest: digestOf(bytes), mediaType: mediaTypes.schema1 };
}

function parseConfig(content: Buffer): ImageConfig | undefined {
  try {
    return JSON.parse(content.toString('utf8')) as ImageConfig;
  } catch {
    return undefined;
  }
}

function layerId(parents: readonly string[], digest: string): string {
  return createHash('sha256').update(parents.join('|')).update(digest).digest('hex');
}

function historyOf(config: ImageConfig, ids: readonly string[], index: number): object {
  const steps = (config.history ?? []).filter((step) => step.empty_layer !== true);
  const command = steps[index]?.created_by;
  const { history: _history, ...top } = config as Record<string, unknown>;
  const own = index === ids.length - 1 ? top : { created: steps[index]?.created };
  return {
    ...own,
    id: ids[index],
    ...(index > 0 ? { parent: ids[index - 1] } : {}),
    ...(command === undefined ? {} : { container_config: { Cmd: [command] } }),
  };
}
