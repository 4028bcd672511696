import { isoSeconds, pythonRepr } from '../format.ts';
import { isList, parseManifest } from '../model/manifests.ts';
import type { Manifest, Repository } from '../model/types.ts';
import type { World } from '../model/world.ts';
import type { RunDetails } from './mirror-logs.ts';

/** What skopeo prints when it copied an image: Quay keeps it in its logs, where people look for it. */
export function copyOutput(repository: Repository, manifest: Manifest): string {
  if (!isList(manifest.mediaType)) return imageOutput(manifest);
  const children = parseManifest(manifest).manifests ?? [];
  const images = children.map(({ digest }, index) => {
    const child = repository.manifests.get(digest);
    const output = child === undefined ? '' : imageOutput(child);
    return `Copying image ${digest} (${index + 1}/${children.length})\n${output}`;
  });
  const count = `Copying ${children.length} of ${children.length} images in list\n`;
  return `${count}${images.join('')}Writing manifest list to image destination\nStoring list signatures\n`;
}

function imageOutput(manifest: Manifest): string {
  const { config, layers = [] } = parseManifest(manifest);
  const blobs = layers.map((layer) => `Copying blob ${layer.digest}\n`).join('');
  return `${blobs}Copying config ${config?.digest}\nWriting manifest to image destination\nStoring signatures\n`;
}

/** skopeo's last words. */
export function fatal(world: World, message: string): string {
  const escaped = message.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `time="${isoSeconds(world.clock.now())}" level=fatal msg="${escaped}"\n`;
}

export function listFailure(subject: string, stderr: string): RunDetails {
  return {
    verb: 'end',
    message: `${subject}: ('skopeo list-tags failed: See output', '', ${pythonRepr(stderr)})`,
    tags: '',
    stdout: '',
    stderr,
  };
}
