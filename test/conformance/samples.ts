import {
  type Algorithm,
  type Blob,
  blobOf,
  descriptor,
  emptyObject,
  freshBlob,
  freshBytes,
  type Manifest,
  manifestOf,
  mediaTypes,
} from './content.ts';

/** The manifests of the image specification's kinds and corners, each made anew so that cases do not meet. */
export interface Sample {
  readonly name: string;
  make(algorithm?: Algorithm): Manifest;
}

const artifactType = 'application/vnd.example.sbom.v1';

export const samples: readonly Sample[] = [
  { name: 'image', make: (algorithm) => image({}, algorithm) },
  { name: 'image with a plain tar layer', make: (algorithm) => image({ layerType: mediaTypes.plainLayer }, algorithm) },
  { name: 'image with a zstd layer', make: (algorithm) => image({ layerType: mediaTypes.zstdLayer }, algorithm) },
  {
    name: 'image without a mediaType field',
    make: (algorithm) => image({ fields: { mediaType: undefined } }, algorithm),
  },
  { name: 'image without layers', make: (algorithm) => image({ layers: 0 }, algorithm) },
  { name: 'image with forty layers', make: (algorithm) => image({ layers: 40 }, algorithm) },
  { name: 'image with one layer twice', make: repeatedLayer },
  { name: 'image of unknown fields', make: (algorithm) => image({ fields: customFields }, algorithm) },
  { name: 'image with odd white space', make: spacedImage },
  { name: 'image with a non-distributable layer', make: foreignImage },
  { name: 'image with inline data', make: imageWithData },
  { name: 'large manifest', make: (algorithm) => image({ fields: padding(1024 * 1024) }, algorithm) },
  { name: 'Docker image', make: dockerImage },
  { name: 'Docker list', make: (algorithm) => listOf([dockerImage(algorithm)], mediaTypes.dockerList, algorithm) },
  { name: 'index', make: (algorithm) => listOf([image({}, algorithm), image({}, algorithm)], undefined, algorithm) },
  { name: 'index without a mediaType field', make: untypedIndex },
  { name: 'nested index', make: nestedIndex },
  { name: 'empty index', make: (algorithm) => listOf([], undefined, algorithm) },
  {
    name: 'index of unknown fields',
    make: (algorithm) => listOf([image({}, algorithm)], undefined, algorithm, customFields),
  },
  { name: 'artifact', make: (algorithm) => artifact({}, algorithm) },
  { name: 'artifact without layers', make: (algorithm) => artifact({ layers: [] }, algorithm) },
  { name: 'artifact with a config of its own type', make: artifactWithConfig },
  { name: 'artifact index', make: artifactIndex },
  {
    name: 'artifact of an absent subject',
    make: (algorithm) => artifact({ subject: image({}, algorithm) }, algorithm),
  },
  { name: 'index of an absent subject', make: indexWithAbsentSubject },
];

export interface ImageParts {
  readonly layers?: number;
  readonly layerType?: string;
  readonly fields?: Record<string, unknown>;
}

export function image(parts: ImageParts = {}, algorithm: Algorithm = 'sha256'): Manifest {
  const config = configBlob(algorithm);
  const layers = Array.from({ length: parts.layers ?? 2 }, () => freshBlob(512, algorithm));
  const type = parts.layerType ?? mediaTypes.layer;
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.image,
    config: descriptor(mediaTypes.config, config),
    layers: layers.map((layer) => descriptor(type, layer)),
    ...parts.fields,
  };
  return manifestOf(mediaTypes.image, document, { algorithm, blobs: [config, ...layers] });
}

export interface ArtifactParts {
  readonly layers?: readonly Blob[];
  readonly type?: string;
  readonly subject?: Manifest;
  readonly annotations?: Record<string, string>;
}

export function artifact(parts: ArtifactParts = {}, algorithm: Algorithm = 'sha256'): Manifest {
  const empty = emptyObject(algorithm);
  const layers = parts.layers ?? [freshBlob(64, algorithm)];
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.image,
    artifactType: parts.type ?? artifactType,
    config: descriptor(mediaTypes.empty, empty),
    layers: (layers.length === 0 ? [empty] : layers).map((layer) => descriptor('application/octet-stream', layer)),
    annotations: parts.annotations ?? { 'org.example.serial': freshBytes(8).toString('hex') },
    ...(parts.subject === undefined ? {} : { subject: descriptor(parts.subject.mediaType, parts.subject) }),
  };
  return manifestOf(mediaTypes.image, document, { algorithm, blobs: [empty, ...layers] });
}

export function listOf(
  children: readonly Manifest[],
  mediaType: string = mediaTypes.index,
  algorithm: Algorithm = 'sha256',
  fields: Record<string, unknown> = {},
): Manifest {
  const document = {
    schemaVersion: 2,
    mediaType,
    manifests: children.map((child, at) =>
      descriptor(child.mediaType, child, { platform: { os: 'linux', architecture: at === 0 ? 'amd64' : 'arm64' } }),
    ),
    annotations: { 'org.example.serial': freshBytes(8).toString('hex') },
    ...fields,
  };
  return manifestOf(mediaType, document, { algorithm, children });
}

function configBlob(algorithm: Algorithm): Blob {
  const document = {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: [] },
    created: freshBytes(8).toString('hex'),
  };
  return blobOf(Buffer.from(JSON.stringify(document)), algorithm);
}

const customFields = { 'org.example.extra': { deep: [1, 2.5, null, { x: 'ü' }] }, zzz: false };

function padding(size: number): Record<string, unknown> {
  return { annotations: { 'org.example.padding': 'x'.repeat(size) } };
}

function repeatedLayer(algorithm: Algorithm = 'sha256'): Manifest {
  const config = configBlob(algorithm);
  const layer = freshBlob(256, algorithm);
  const entry = descriptor(mediaTypes.layer, layer);
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.image,
    config: descriptor(mediaTypes.config, config),
    layers: [entry, entry],
  };
  return manifestOf(mediaTypes.image, document, { algorithm, blobs: [config, layer] });
}

/** JSON that any re-serialising server would change: white space, escapes, key order, a number's spelling. */
function spacedImage(algorithm: Algorithm = 'sha256'): Manifest {
  const config = configBlob(algorithm);
  const entry = JSON.stringify(descriptor(mediaTypes.config, config));
  const text = `\n{ "layers" : [ ] ,\t"config":${entry},\r\n "schemaVersion":2, "mediaType":"${mediaTypes.image.replace('/', '\\/')}", "x": 1.50e1, "y":"\\u00fc" }\n\n`;
  return manifestOf(mediaTypes.image, text, { algorithm, blobs: [config] });
}

function foreignImage(algorithm: Algorithm = 'sha256'): Manifest {
  const config = configBlob(algorithm);
  const absent = freshBlob(256, algorithm);
  const layer = descriptor(mediaTypes.foreignLayer, absent, { urls: ['https://layers.example.com/base.tar.gz'] });
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.image,
    config: descriptor(mediaTypes.config, config),
    layers: [layer],
  };
  return manifestOf(mediaTypes.image, document, { algorithm, blobs: [config] });
}

function imageWithData(algorithm: Algorithm = 'sha256'): Manifest {
  const config = configBlob(algorithm);
  const data = { data: config.bytes.toString('base64') };
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.image,
    config: descriptor(mediaTypes.config, config, data),
    layers: [],
  };
  return manifestOf(mediaTypes.image, document, { algorithm, blobs: [config] });
}

function dockerImage(algorithm: Algorithm = 'sha256'): Manifest {
  const config = configBlob(algorithm);
  const layer = freshBlob(256, algorithm);
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.dockerImage,
    config: descriptor(mediaTypes.dockerConfig, config),
    layers: [descriptor(mediaTypes.dockerLayer, layer)],
  };
  return manifestOf(mediaTypes.dockerImage, document, { algorithm, blobs: [config, layer] });
}

function untypedIndex(algorithm: Algorithm = 'sha256'): Manifest {
  return listOf([image({}, algorithm)], mediaTypes.index, algorithm, { mediaType: undefined });
}

function nestedIndex(algorithm: Algorithm = 'sha256'): Manifest {
  const inner = listOf([image({}, algorithm)], mediaTypes.index, algorithm);
  return listOf([inner, image({}, algorithm)], mediaTypes.index, algorithm);
}

function artifactWithConfig(algorithm: Algorithm = 'sha256'): Manifest {
  const config = freshBlob(32, algorithm);
  const layer = freshBlob(32, algorithm);
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.image,
    config: descriptor('application/vnd.example.chart.config.v1+json', config),
    layers: [descriptor('application/vnd.example.chart.content.v1.tar', layer)],
  };
  return manifestOf(mediaTypes.image, document, { algorithm, blobs: [config, layer] });
}

function artifactIndex(algorithm: Algorithm = 'sha256'): Manifest {
  return listOf([artifact({}, algorithm), artifact({}, algorithm)], mediaTypes.index, algorithm, { artifactType });
}

function indexWithAbsentSubject(algorithm: Algorithm = 'sha256'): Manifest {
  const subject = image({}, algorithm);
  const fields = { artifactType, subject: descriptor(subject.mediaType, subject) };
  return listOf([image({}, algorithm)], mediaTypes.index, algorithm, fields);
}
