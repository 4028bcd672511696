/** Which rule of a configuration keeps or drops each tag of a repository. */
import type { StageConfig } from '../config/types.ts';
import { TranshipError } from '../oci/errors.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { parseRepositoryReference } from '../oci/reference.ts';
import { listTags } from '../plan/observe.ts';
import { exactRepositories, selectRepositories } from '../select/repositories.ts';
import { type TagDecision, tagSelector } from '../select/tags.ts';
import type { SyncSession } from './sync.ts';

export interface ExplainedTag extends TagDecision {
  readonly stage: string;
}

export interface ExplainInput extends CallOptions {
  /** Only by the rules of this stage. */
  readonly stage?: string | undefined;
}

/** Every tag of `repository` once for each stage that reads from it. Throws `E_NO_STAGE` where none does. */
export async function explainTags(
  sync: SyncSession,
  repository: string,
  input: ExplainInput = {},
): Promise<readonly ExplainedTag[]> {
  const { config } = sync.intent;
  const reference = parseRepositoryReference(repository);
  const stages = config.stages.filter(
    (stage) =>
      reference.kind === 'registry' &&
      (input.stage === undefined || stage.id === input.stage) &&
      config.registries[stage.from.registry]?.host === reference.host &&
      readsFrom(stage, reference.repository),
  );
  if (reference.kind !== 'registry' || stages.length === 0) throw noStage(repository, sync.intent.file);
  const now = sync.session.clock.wall();
  const explained: ExplainedTag[] = [];
  for (const stage of stages) {
    const tags = await listTags(sync.world.source(stage.from.registry, reference.repository), input);
    const { decisions } = tagSelector(stage.tags)(tags, { now });
    explained.push(...decisions.map((decision) => ({ ...decision, stage: stage.id })));
  }
  return explained;
}

function readsFrom({ from }: StageConfig, repository: RepositoryName): boolean {
  const exact = exactRepositories(from.repositories);
  if (exact !== undefined) return exact.includes(repository);
  return from.repositories.kind === 'several' && selectRepositories([repository], from.repositories).kept.length > 0;
}

function noStage(repository: string, file: string): TranshipError {
  return new TranshipError('E_NO_STAGE', 'usage', `No stage of ${file} reads from ${repository}.`, {
    subject: repository,
    hint: 'Name the repository as the stage does, with its registry’s host, and the configuration with -c.',
  });
}
