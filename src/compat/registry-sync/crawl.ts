import { pythonMatch } from '../python-regex.ts';
import type { CrawlArguments } from './arguments.ts';

/** A repository's name in the two parts that the CSV has: what stands before the first slash, and the rest. */
export function splitName(repository: string): { readonly namespace: string; readonly name: string } {
  const slash = repository.indexOf('/');
  return slash < 0
    ? { namespace: '', name: repository }
    : { namespace: repository.slice(0, slash), name: repository.slice(slash + 1) };
}

export interface CrawledTag {
  readonly tag: string;
  readonly digest?: string | undefined;
  readonly createdAt?: string | undefined;
  readonly updatedAt?: string | undefined;
}

export interface CrawlFilter {
  takesRepository(repository: string): boolean;
  /** Throws where ages are asked for and the tag's is not told. */
  takesTag(tag: CrawledTag): boolean;
}

const day = 86_400_000;

/** Throws `E_PYTHON_REGEX`. */
export function crawlFilter(wishes: CrawlArguments, now: number): CrawlFilter {
  const { namespace, repository, minAgeDays, maxAgeDays } = wishes;
  const likeRepository = wishes.repositoryRegex === '' ? undefined : pythonMatch(wishes.repositoryRegex);
  const likeTag = wishes.tagRegex === '' ? undefined : pythonMatch(wishes.tagRegex);
  return {
    takesRepository(full) {
      const parts = splitName(full);
      if (namespace !== '' && parts.namespace !== namespace) return false;
      return repository === '' ? (likeRepository?.(parts.name) ?? true) : parts.name === repository;
    },
    takesTag({ tag, updatedAt }) {
      const asksAge = minAgeDays !== undefined || maxAgeDays !== undefined;
      const time = updatedAt === undefined ? Number.NaN : Date.parse(updatedAt);
      if (asksAge && Number.isNaN(time)) throw new Error(`the age of the tag "${tag}" is not told`);
      if (minAgeDays !== undefined && time > now - minAgeDays * day) return false;
      if (maxAgeDays !== undefined && time < now - maxAgeDays * day) return false;
      return likeTag?.(tag) ?? true;
    },
  };
}
