/** What comparing tags told already, as `verify` tells it. */
import type { Config, StageConfig } from '../../config/types.ts';
import type { TranshipError } from '../../oci/errors.ts';
import type { TagName } from '../../oci/names.ts';
import type { BlockedItem, CopyItem, UpdateItem } from '../../plan/types.ts';
import type { VerifiedTag } from '../../report/verification.ts';
import { failureOf } from '../failure.ts';
import type { RepositoryWork } from '../run/repository-work.ts';
import { hostOf } from '../run/stage-plan.ts';

/** Tags that are missing or name something else, and those of which it could not be found out. */
export function differencesOf({ id }: StageConfig, { plan, broken }: RepositoryWork): readonly VerifiedTag[] {
  const { source, destination, failure } = plan;
  if (failure !== undefined)
    return [
      { stage: id, source: source.location, destination: destination.location, state: 'unknown', error: failure },
    ];
  const of = (tag: TagName, target: TagName) => ({
    stage: id,
    source: `${source.location}:${tag}`,
    destination: `${destination.location}:${target}`,
  });
  const lost = broken.map(
    ({ tag, target, error }): VerifiedTag => ({ ...of(tag, target), state: 'unknown', error: failureOf(error) }),
  );
  const differing = plan.items.flatMap((item): VerifiedTag[] =>
    item.action === 'prune' ? [] : [{ ...of(item.tag, item.target), state: 'differs', reason: reasonOf(item) }],
  );
  return [...differing, ...lost];
}

function reasonOf({ action }: CopyItem | UpdateItem | BlockedItem): string {
  return action === 'copy' ? 'missing at the destination' : 'names something else than at the source';
}

/** The repositories of a stage could not be found out: one item for each destination stands for all of them. */
export function unknownStage(stage: StageConfig, config: Config, error: TranshipError): readonly VerifiedTag[] {
  const source = hostOf(config, stage.from.registry);
  return stage.to.map(({ registry }) => ({
    stage: stage.id,
    source,
    destination: hostOf(config, registry),
    state: 'unknown',
    error: failureOf(error),
  }));
}
