/** The plan as people see it: what differs, by repository, with reasons and sizes, and what carrying it out costs. */
import { countText } from '../kit/quantity.ts';
import type { Paint } from '../kit/text.ts';
import { footerLines } from './render-footer.ts';
import { type PlanGroup, planGroups } from './render-groups.ts';
import { type RowLayout, repositoryLines, rowLayout } from './render-rows.ts';
import type { Plan } from './types.ts';

export interface PlanRendering {
  /** Columns of the terminal; lines are made to fit. */
  readonly width?: number;
  readonly paint?: Paint;
  /** Items shown of one repository; what is left out is counted. */
  readonly itemsShown?: number;
  /** Repositories with differences that are shown. */
  readonly repositoriesShown?: number;
}

const usualWidth = 100;
const usualItems = 40;
const usualRepositories = 100;

export function planLines(plan: Plan, rendering: PlanRendering = {}): readonly string[] {
  const { paint = plain, itemsShown = usualItems, repositoriesShown = usualRepositories } = rendering;
  const groups = planGroups(plan);
  const shown = groups.flatMap(({ differing }) => differing).slice(0, repositoriesShown);
  const layout = rowLayout(shown, { width: rendering.width ?? usualWidth, itemsShown, paint });
  const severalStages = new Set(plan.repositories.map(({ stage }) => stage)).size > 1;
  const lines = groups.flatMap((group) => [
    headLine(group, severalStages, paint),
    ...groupLines(group, new Set(shown), layout, paint),
    '',
  ]);
  return [...lines, ...footerLines(plan, paint)];
}

const plain: Paint = (_, text) => text;

function groupLines(
  { differing }: PlanGroup,
  shown: ReadonlySet<PlanGroup['differing'][number]>,
  layout: RowLayout,
  paint: Paint,
): readonly string[] {
  const visible = differing.filter((repository) => shown.has(repository));
  const left = differing.length - visible.length;
  return [
    ...(differing.length > 0 ? [''] : []),
    ...visible.flatMap((repository) => repositoryLines(repository, layout)),
    ...(left > 0
      ? [paint('dim', `  … and ${countText(left, 'more repository', 'more repositories')} (see -o json)`)]
      : []),
  ];
}

/** `registry.example.com/apps → standby.example.com/apps     412 tags, 3 of 41 repositories differ`. */
function headLine(group: PlanGroup, severalStages: boolean, paint: Paint): string {
  const { source, destination, stage, tags, repositories, differing } = group;
  const differ = `${differing.length} of ${countText(repositories, 'repository', 'repositories')} ${differing.length === 1 ? 'differs' : 'differ'}`;
  const facts = `${countText(tags, 'tag')}, ${differing.length === 0 ? 'nothing differs' : differ}`;
  const name = severalStages ? paint('dim', `   stage ${stage}`) : '';
  return `${paint('strong', `${source} → ${destination}`)}     ${facts}${name}`;
}
