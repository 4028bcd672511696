/** The application of the demonstration: an index of two platforms, layers that its releases share, a signature. */
import { type Layer, layerOf, noise, tarOf } from '../../test/kit/corpus/content.ts';
import { RepositoryBuilder, type TestRepository } from '../../test/kit/corpus/repository.ts';

const megabyte = 1_000_000;
const platforms = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
];

export function firstRelease(): Promise<TestRepository> {
  return release(['1.0', 'latest'], 'the first release', true);
}

export function nextRelease(): Promise<TestRepository> {
  return release(['1.1', 'latest'], 'a later release', false);
}

async function release(tags: readonly string[], application: string, signed: boolean): Promise<TestRepository> {
  const builder = new RepositoryBuilder('shop/web');
  const assets = await files('usr/share/assets', 9 * megabyte, 'assets of every release and platform');
  const children = [];
  for (const platform of platforms) {
    const system = await files('usr/lib/system', 6 * megabyte, `system for ${platform.architecture}`);
    const own = await files('srv/app', megabyte, `${application} for ${platform.architecture}`);
    children.push(builder.image(platform, [system, assets, own], { config: { Cmd: ['/srv/app'] } }));
  }
  const index = builder.index(children, { tags });
  if (signed) builder.artifact('application/vnd.example.signature.v1', `signed: ${index.digest}`, { subject: index });
  return builder.done();
}

async function files(name: string, size: number, seed: string): Promise<Layer> {
  return layerOf(await tarOf([{ name, content: noise(size, seed), mode: 0o644 }]), 'none');
}
