/** Whether a tag pattern was meant as a regular expression, which Quay does not read. */
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { looksLikeRegex, tagGlob } from './globs.ts';

/** How many repositories are looked into before a pattern counts as matching nothing, and how many of their newest tags. */
const mostRepositories = 20;
const mostTags = 100;

/**
 * The patterns that look like regular expressions and match no tag of the source. Costs nothing where none looks like one,
 * else a request a repository until all of them matched something.
 */
export async function suspiciousGlobs(
  source: QuayClient,
  globs: readonly string[],
  repositories: readonly string[],
  options: CallOptions = {},
): Promise<readonly string[]> {
  let suspects = globs.filter(looksLikeRegex);
  for (const repository of repositories.slice(0, mostRepositories)) {
    if (suspects.length === 0) return [];
    const query = { limit: mostTags, onlyActiveTags: true };
    const page = await source.find('listTags', { parameters: { repository }, query, ...options });
    const names = page?.tags.map(({ name }) => name) ?? [];
    suspects = suspects.filter((glob) => !names.some((name) => tagGlob(glob).matches(name)));
  }
  return suspects;
}
