/** A mapping of dregsy in our words: which repositories, where they go, which platforms. */
import { isPlatform } from '../../config/platform-name.ts';
import type { Differences } from '../difference.ts';
import type { NativeDestination, NativeStage } from '../native.ts';
import { ungrouped } from '../regex.ts';
import { onHub } from './image-name.ts';

/** A leading slash is nothing, as dregsy has it. */
function plain(path: string): string {
  return path.replace(/^\/+/, '');
}

export function onHubPath(host: string, path: string): string {
  return path.startsWith('regex:') ? path : onHub(host, plain(path));
}

export function repositoryOf(host: string, path: string): Omit<NativeStage['from'], 'registry'> {
  if (!path.startsWith('regex:')) return { repository: onHub(host, plain(path)) };
  return { repositories: { include: [{ regex: ungrouped(path.slice('regex:'.length).trim()) }] } };
}

export function destinationOf(registry: string, from: string, to: string | undefined): NativeDestination {
  const isMany = from.startsWith('regex:');
  if (to === undefined) return { registry, repository: '{path}' };
  if (to.startsWith('regex:')) {
    const [regex = '', replacement = ''] = splitOnce(to.slice('regex:'.length).trim(), ',');
    return { registry, repository: [{ regex, with: replacement }] };
  }
  return { registry, repository: isMany ? `${plain(to).replace(/\/$/, '')}/{path}` : plain(to) };
}

function splitOnce(text: string, by: string): readonly string[] {
  const at = text.indexOf(by);
  return at < 0 ? [text] : [text.slice(0, at).trim(), text.slice(at + by.length).trim()];
}

export function platformsOf(
  platform: string | undefined,
  differences: Differences,
  where: string,
): Pick<NativeStage, 'platforms'> {
  if (platform === 'all') return {};
  if (platform === undefined)
    differences.changed(
      where,
      'all platforms are copied with their digests, where dregsy takes the one that it runs on',
    );
  else if (isPlatform(platform))
    differences.changed(where, 'the index stays an index with that platform alone; dregsy copies its image by itself');
  else differences.changed(where, `the platform "${platform}" has no counterpart: all platforms are copied`);
  return platform !== undefined && isPlatform(platform) ? { platforms: [platform] } : {};
}
