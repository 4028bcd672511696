/**
 * One repository for each kind of content that a copier meets, the odd kinds first. Where a repository needs something
 * that a registry may refuse, it is alone in its repository, so that a refusal can be named.
 */
import { blobOf, configOf, describe, type Layer, layerOf, mediaTypes, noise, repeatedBlob, tarOf } from './content.ts';
import { RepositoryBuilder, type TestRepository } from './repository.ts';

export interface CorpusOptions {
  /** A statically linked busybox, so that others can run the image; without it the layers hold text. */
  readonly busybox?: Buffer;
  /** Size of the one large layer. Default 1 GiB. */
  readonly largeLayer?: number;
  /** Tags in the repository of many tags. Default 1000. */
  readonly manyTags?: number;
}

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };
const armv7 = { os: 'linux', architecture: 'arm', variant: 'v7' };

export async function makeCorpus(options: CorpusOptions = {}): Promise<readonly TestRepository[]> {
  const base = layerOf(await baseArchive(options.busybox));
  return [
    runnable(base),
    await multiArchitecture(base),
    await nestedIndex(base),
    await zstdLayer(),
    referrers(base),
    cosignTags(base),
    await dockerList(),
    emptyConfig(),
    oddBytes(base),
    manyTags(options.manyTags ?? 1000),
    largeLayer(options.largeLayer ?? 2 ** 30),
    foreignLayer(base),
  ];
}

async function baseArchive(busybox: Buffer | undefined): Promise<Buffer> {
  const links = ['sh', 'ls', 'cat', 'echo'].map((name) => ({
    name: `bin/${name}`,
    type: 'symlink' as const,
    linkname: 'busybox',
  }));
  return tarOf([
    { name: 'bin/', type: 'directory' },
    { name: 'bin/busybox', content: busybox ?? 'no busybox on this machine\n' },
    ...links,
    { name: 'etc/', type: 'directory' },
    { name: 'etc/passwd', content: 'root:x:0:0:root:/:/bin/sh\n', mode: 0o644 },
  ]);
}

function runnable(base: Layer): TestRepository {
  const builder = new RepositoryBuilder('corpus/busybox');
  builder.image(amd64, [base], { tags: ['1.0', 'latest'], config: { Cmd: ['/bin/sh'] } });
  return builder.done();
}

async function fileLayer(name: string, content: string | Buffer): Promise<Layer> {
  return layerOf(await tarOf([{ name, content, mode: 0o644 }]));
}

async function multiArchitecture(base: Layer): Promise<TestRepository> {
  const builder = new RepositoryBuilder('corpus/multi');
  const children = [];
  for (const platform of [amd64, arm64, armv7]) {
    const own = await fileLayer('arch', JSON.stringify(platform));
    children.push(builder.image(platform, [base, own]));
  }
  // What image builders add for provenance: a child for no platform that names another child.
  const provenance = builder.artifact('application/vnd.in-toto+json', '{"predicateType":"provenance"}');
  const annotations = {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': children[0]?.digest,
  };
  const attestation = { ...provenance, platform: { os: 'unknown', architecture: 'unknown' }, annotations };
  builder.index([...children, attestation], { tags: ['1.0', 'latest'], more: { annotations: { title: 'multi' } } });
  return builder.done();
}

async function nestedIndex(base: Layer): Promise<TestRepository> {
  const builder = new RepositoryBuilder('corpus/nested');
  const inner = builder.index([
    builder.image(amd64, [base]),
    builder.image(arm64, [await fileLayer('inner', 'inner')]),
  ]);
  const other = builder.image(armv7, [await fileLayer('other', 'other')]);
  builder.index([inner, other], { tags: ['latest'] });
  return builder.done();
}

async function zstdLayer(): Promise<TestRepository> {
  const builder = new RepositoryBuilder('corpus/zstd');
  const layer = layerOf(await tarOf([{ name: 'zstd', content: noise(200_000, 'zstd') }]), 'zstd');
  const plain = layerOf(await tarOf([{ name: 'plain', content: 'not compressed at all' }]), 'none');
  builder.image(amd64, [layer, plain], { tags: ['latest'] });
  return builder.done();
}

/** Three levels: an SBOM of the index, a signature of the SBOM, an attestation of the signature; and one on a child. */
function referrers(base: Layer): TestRepository {
  const builder = new RepositoryBuilder('corpus/referrers');
  const child = builder.image(amd64, [base]);
  const top = builder.index([child], { tags: ['latest'] });
  const sbom = builder.artifact('application/spdx+json', '{"spdxVersion":"SPDX-2.3"}', { subject: top });
  const signature = builder.artifact('application/vnd.example.signature', 'signature of the SBOM', { subject: sbom });
  builder.artifact('application/vnd.example.attestation', 'attestation of the signature', { subject: signature });
  builder.artifact('application/vnd.example.scan', 'scan of the child', {
    subject: child,
    more: { annotations: { by: 'scan' } },
  });
  return builder.done();
}

/** Signatures as cosign stores them by default on registries without referrers: under tags made from the digest. */
function cosignTags(base: Layer): TestRepository {
  const builder = new RepositoryBuilder('corpus/cosign-tags');
  const signed = builder.image(amd64, [base], { tags: ['latest'] });
  const stem = signed.digest.replace(':', '-');
  for (const ending of ['sig', 'att', 'sbom']) {
    builder.artifact(`application/vnd.example.${ending}`, `${ending} of ${signed.digest}`, {
      tags: [`${stem}.${ending}`],
    });
  }
  return builder.done();
}

async function dockerList(): Promise<TestRepository> {
  const builder = new RepositoryBuilder('corpus/docker-list');
  const children = [];
  for (const platform of [amd64, arm64]) {
    const layer = layerOf(
      await tarOf([{ name: 'docker', content: platform.architecture }]),
      'gzip',
      mediaTypes.dockerLayer,
    );
    const config = builder.blob(configOf(platform, [layer]));
    builder.blob(layer.blob);
    const document = {
      schemaVersion: 2,
      mediaType: mediaTypes.dockerImage,
      config: describe(config, mediaTypes.dockerConfig),
      layers: [layer.descriptor],
    };
    children.push({ ...builder.manifest(mediaTypes.dockerImage, document, platform.architecture), platform });
  }
  const list = { schemaVersion: 2, mediaType: mediaTypes.dockerList, manifests: children };
  builder.manifest(mediaTypes.dockerList, list, 'latest');
  return builder.done();
}

function emptyConfig(): TestRepository {
  const builder = new RepositoryBuilder('corpus/empty-config');
  builder.artifact('application/vnd.example.chart', 'an artifact with nothing to configure', { tags: ['latest'] });
  return builder.done();
}

/** Manifests that no program would write again to the same bytes: white space, order, unknown fields, escapes. */
function oddBytes(base: Layer): TestRepository {
  const builder = new RepositoryBuilder('corpus/odd-bytes');
  const config = builder.blob(configOf(amd64, [base]));
  builder.blob(base.blob);
  const odd = [
    '\n{ "layers":[\t',
    JSON.stringify(base.descriptor),
    ' ],\r\n   "x-unknown" : {"a":[1.50,1e3,"\\u00e9\\/"],"b":null},',
    `  "config":${JSON.stringify(describe(config, mediaTypes.config), undefined, 7)}`,
    `,"mediaType" :"${mediaTypes.image}", "schemaVersion":2 }\n\n`,
  ].join('');
  const child = builder.manifest(mediaTypes.image, odd, 'image');
  const { mediaType, digest, size } = child;
  const index = `{"manifests":[{"size":${size},"digest":"${digest}","x":{"y":1},"mediaType":"${mediaType}"}],   "schemaVersion":2,"mediaType":"${mediaTypes.index}","future":[{}]}\n`;
  builder.manifest(mediaTypes.index, index, 'index');
  return builder.done();
}

function manyTags(count: number): TestRepository {
  const builder = new RepositoryBuilder('corpus/many');
  const images = 5;
  for (let number = 0; number < images; number += 1) {
    const layer = layerOf(noise(2000, `many ${number}`), 'none');
    const tags = Array.from({ length: count }, (_, tag) => tag).filter((tag) => tag % images === number);
    builder.image(amd64, [layer], { tags: tags.map((tag) => `v${tag}`) });
  }
  return builder.done();
}

function largeLayer(size: number): TestRepository {
  const builder = new RepositoryBuilder('corpus/large');
  const blob = repeatedBlob(size, 'large');
  const layer = { blob, descriptor: describe(blob, mediaTypes.plainLayer), diffId: blob.digest };
  builder.image(amd64, [layer], { tags: ['latest'] });
  return builder.done();
}

/** A layer that lies elsewhere: registries hold only its descriptor. */
function foreignLayer(base: Layer): TestRepository {
  const builder = new RepositoryBuilder('corpus/foreign');
  const absent = blobOf(Buffer.from('never pushed'));
  const config = builder.blob(configOf(amd64, [base]));
  builder.blob(base.blob);
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.dockerImage,
    config: describe(config, mediaTypes.dockerConfig),
    layers: [
      { ...describe(absent, mediaTypes.foreignLayer), urls: ['https://layers.example.com/base'] },
      { ...base.descriptor, mediaType: mediaTypes.dockerLayer },
    ],
  };
  builder.manifest(mediaTypes.dockerImage, document, 'latest');
  return builder.done();
}
