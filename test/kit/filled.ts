import { makeCorpus } from './corpus/corpus.ts';
import { pushRepository } from './corpus/push.ts';
import type { TestRepository } from './corpus/repository.ts';

let corpus: Promise<readonly TestRepository[]> | undefined;

/** Pushes repositories of the corpus (`corpus/busybox`, `corpus/multi`, …), their large parts small, into a registry. */
export async function fill(registry: { readonly url: string }, ...names: readonly string[]): Promise<void> {
  corpus ??= makeCorpus({ largeLayer: 300_000, manyTags: 12 });
  const wanted = (await corpus).filter(({ name }) => names.includes(name));
  for (const repository of wanted) await pushRepository(registry, repository);
}
