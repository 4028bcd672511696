/** Work that was not done, or that was not to be done, must not count as quick. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificates } from '../test/e2e/kit/certificates.ts';
import type { Server } from '../test/e2e/kit/servers.ts';
import { observe } from '../test/kit/corpus/observe.ts';
import { send, type Target } from '../test/kit/corpus/push.ts';
import type { TestRepository } from '../test/kit/corpus/repository.ts';
import { destinationPath } from './work.ts';

export function asTarget({ url }: Server, tls: Certificates | undefined): Target {
  return tls === undefined ? { url } : { url, ca: readFileSync(tls.caFile, 'utf8') };
}

/** Every tag names the right manifest, and the last image is there to its last blob. */
export async function checkArrived(target: Target, content: readonly TestRepository[]): Promise<void> {
  for (const repository of content) {
    for (const { manifest, tags } of repository.manifests)
      for (const tag of tags) await checkTag(target, repository, tag, manifest.descriptor.digest);
  }
  const last = content.at(-1);
  const tag = last?.manifests.at(-1)?.tags.at(-1);
  if (last === undefined || tag === undefined) throw new Error('there was nothing to copy');
  const { missing } = await observe(target, destinationPath(last.name), [tag]);
  if (missing.length > 0) throw new Error(`${target.url} lacks ${missing.join(', ')}`);
}

async function checkTag(target: Target, { name }: TestRepository, tag: string, digest: string): Promise<void> {
  const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';
  const path = `/v2/${destinationPath(name)}/manifests/${tag}`;
  const answer = await send(target, path, { method: 'HEAD', headers: { accept } });
  const found = answer.headers['docker-content-digest'];
  if (answer.status !== 200 || found !== digest)
    throw new Error(`${target.url}${path} is ${found ?? answer.status} and should be ${digest}`);
}

/** Changes when anything was written, an upload that was only begun included. */
export function writtenMark({ folder }: Server): string {
  const storage = join(folder, 'storage');
  const paths = readdirSync(storage, { recursive: true, encoding: 'utf8' });
  const newest = paths.reduce((latest, path) => Math.max(latest, statSync(join(storage, path)).mtimeMs), 0);
  return `${paths.length} files, the newest of ${newest}`;
}
