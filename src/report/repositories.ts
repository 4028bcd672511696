import { repositoryOf } from './reference.ts';
import type { Report } from './report.ts';

export interface RepositoryAccount {
  /** The repository at the destination. */
  readonly repository: string;
  readonly tags: number;
  readonly failed: number;
  readonly bytesMoved: number;
  readonly bytesSaved: number;
}

/** What happened by destination repository: those that moved most come first. */
export function repositoriesOf({ items }: Pick<Report, 'items'>): readonly RepositoryAccount[] {
  const accounts = new Map<string, { -readonly [K in keyof RepositoryAccount]: RepositoryAccount[K] }>();
  for (const { destination, outcome, bytesMoved = 0, bytesMounted = 0, bytesPresent = 0 } of items) {
    const repository = repositoryOf(destination);
    const account = accounts.get(repository) ?? { repository, tags: 0, failed: 0, bytesMoved: 0, bytesSaved: 0 };
    account.tags += 1;
    account.failed += outcome === 'failed' || outcome === 'not-reached' ? 1 : 0;
    account.bytesMoved += bytesMoved;
    account.bytesSaved += bytesMounted + bytesPresent;
    accounts.set(repository, account);
  }
  return [...accounts.values()].sort((a, b) => b.bytesMoved - a.bytesMoved || b.bytesSaved - a.bytesSaved);
}
