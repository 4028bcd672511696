/** The last lines of a plan: what is to be done in all, and what it costs. */
import { bytesText, countText } from '../kit/quantity.ts';
import type { Paint } from '../kit/text.ts';
import type { Plan, PlanTotals } from './types.ts';

export function footerLines(plan: Plan, paint: Paint): readonly string[] {
  return [paint('strong', sumLine(plan)), paint('dim', costLine(plan.totals))];
}

/** `2 to copy (38.2 MB of 164 MB; the rest is shared or there), 1 to prune, 1 blocked, 408 the same`. */
export function sumLine(plan: Plan): string {
  const { copy, update, prune, blocked, same, failed } = plan.totals;
  const moving = copy + update;
  const failedTags = plan.repositories.reduce((sum, one) => sum + (one.failedTags?.length ?? 0), 0);
  const parts = [
    ...(moving > 0 ? [`${moving} to copy${bytesOf(plan)}`] : []),
    ...(prune > 0 ? [`${prune} to prune`] : []),
    ...(blocked > 0 ? [`${blocked} blocked`] : []),
    ...(failed > 0 ? [`${countText(failed, 'repository', 'repositories')} could not be looked at`] : []),
    ...(failedTags > 0 ? [`${countText(failedTags, 'tag')} cannot be copied`] : []),
    ...(same > 0 ? [`${same} the same`] : []),
  ];
  if (moving + prune + blocked + failed + failedTags > 0) return parts.join(', ');
  return same > 0 ? `Nothing to do: ${same} the same` : 'Nothing to do: there are no tags';
}

/** `Cost: 26 requests so far; 14 more, none of them counted pulls.` What blobs will take is known only when they are carried. */
function costLine({ requests, expected, copy, update, prune, bytes }: PlanTotals): string {
  let made = 0;
  for (const count of Object.values(requests)) made += count;
  const sofar = `Cost: ${countText(made, 'request')} so far`;
  if (copy + update + prune === 0) return `${sofar}, none more.`;
  const pulls = expected.countedPulls;
  const counted =
    pulls === 0 ? 'none of them counted pulls' : `${pulls} of them counted ${pulls === 1 ? 'pull' : 'pulls'}`;
  const beside = copy + update > 0 && bytes?.toMove !== 0 ? ' and those for blobs' : '';
  return `${sofar}; ${expected.requests} more${beside}, ${counted}.`;
}

function bytesOf({ repositories, totals: { bytes } }: Plan): string {
  if (bytes === undefined) return '';
  const unknown = repositories.flatMap(({ items }) =>
    items.filter((item) => (item.action === 'copy' || item.action === 'update') && item.bytes === undefined),
  ).length;
  const more = unknown > 0 ? `, and ${unknown} of unknown size` : '';
  if (bytes.toMove === bytes.total) return ` (${bytesText(bytes.total)}${more})`;
  return ` (${bytesText(bytes.toMove)} of ${bytesText(bytes.total)}${more}; the rest is shared or there)`;
}
