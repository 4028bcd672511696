/** The lines of one repository: a sign, the tag, what happens to it and why, and what that moves. */
import { bytesText, countText } from '../kit/quantity.ts';
import { fit, type Paint, padEnd, safeText, type Tone, widthOf } from '../kit/text.ts';
import { algorithmOf, type Digest, encodedOf } from '../oci/digest.ts';
import type { Failure } from '../report/events.ts';
import type { PlanItem, RepositoryPlan, TransferBytes } from './types.ts';

/** Columns that all rows share, so that they stand below each other. */
export interface RowLayout {
  readonly tag: number;
  readonly detail: number;
  readonly width: number;
  /** Where it is narrow, reasons stand without digests. */
  readonly digests: boolean;
  readonly itemsShown: number;
  readonly paint: Paint;
}

interface Room {
  readonly width: number;
  readonly itemsShown: number;
  readonly paint: Paint;
}

const indent = '    ';
const warningsShown = 5;

/** Columns before the tag, and between tag, detail and effect. */
const gaps = indent.length + 3 + 2 + 3;

export function rowLayout(repositories: readonly RepositoryPlan[], { width, itemsShown, paint }: Room): RowLayout {
  const items = repositories.flatMap((repository) => repository.items.slice(0, itemsShown));
  const tag = Math.min(widest(items.map(({ target }) => target)), Math.max(Math.floor(width * 0.3), 12));
  const effect = widest(items.map(effectOf));
  const room = Math.max(width - gaps - tag - effect, 16);
  const digests = widest(items.map((item) => detailOf(item, true))) <= room;
  const detail = Math.min(widest(items.map((item) => detailOf(item, digests))), room);
  return { tag, detail, width, digests, itemsShown, paint };
}

export function repositoryLines(plan: RepositoryPlan, layout: RowLayout): readonly string[] {
  const { paint, itemsShown } = layout;
  const left = plan.items.length - itemsShown;
  return [
    `  ${paint('strong', nameOf(plan))}${plan.create ? paint('dim', '   will be created') : ''}`,
    ...plan.items.slice(0, itemsShown).map((item) => rowOf(item, layout)),
    ...(left > 0 ? [paint('dim', `${indent}… and ${left} more (see -o json)`)] : []),
    ...warningLines(plan.warnings, paint),
    ...failedTagLines(plan, layout),
    ...failureLines(plan.failure, paint),
  ];
}

function nameOf({ source, destination }: RepositoryPlan): string {
  const from = safeText(source.repository || source.location);
  const to = safeText(destination.repository || destination.location);
  return from === to ? from : `${from} → ${to}`;
}

const signs: Readonly<Record<PlanItem['action'], { readonly sign: string; readonly tone: Tone }>> = {
  copy: { sign: '+', tone: 'good' },
  update: { sign: '~', tone: 'warn' },
  prune: { sign: '-', tone: 'bad' },
  blocked: { sign: '!', tone: 'bad' },
};

function rowOf(item: PlanItem, { tag, detail, digests, paint, width }: RowLayout): string {
  const { sign, tone } = signs[item.action];
  const name = padEnd(fit(safeText(item.target), tag), tag);
  const what = padEnd(cut(detailOf(item, digests), detail), detail);
  const effect = cut(effectOf(item), Math.max(width - gaps - tag - detail, 8));
  return `${indent}${paint(tone, sign)}  ${name}  ${what}   ${paint('dim', effect)}`.trimEnd();
}

function detailOf(item: PlanItem, digests: boolean): string {
  const reason = safeText(item.reason);
  if (!digests || item.action === 'prune' || item.action === 'blocked') return reason;
  const digest = brief(item.digest);
  return `${item.action === 'update' ? `${brief(item.previous)} → ${digest}` : digest}   ${reason}`;
}

function effectOf(item: PlanItem): string {
  if (item.action === 'prune') return 'prune';
  if (item.action === 'blocked') return 'will be reported, not touched';
  return item.bytes === undefined ? '' : transferText(item.bytes);
}

/** `38.2 MB (2 of 9 layers are new)`. */
function transferText({ total, toMove, blobs }: TransferBytes): string {
  if (toMove === 0 || toMove === total) return bytesText(toMove);
  if (blobs === undefined) return `${bytesText(toMove)} of ${bytesText(total)}`;
  return `${bytesText(toMove)} (${blobs.toMove} of ${countText(blobs.total, 'layer')} ${blobs.toMove === 1 ? 'is' : 'are'} new)`;
}

function warningLines(warnings: readonly string[], paint: Paint): readonly string[] {
  const left = warnings.length - warningsShown;
  return [
    ...warnings.slice(0, warningsShown).map((text) => `${indent}${paint('warn', 'warning:')} ${safeText(text)}`),
    ...(left > 0 ? [paint('dim', `${indent}… and ${countText(left, 'more warning')}`)] : []),
  ];
}

/** Why each fails; what to do about it only once. */
function failedTagLines({ failedTags = [] }: RepositoryPlan, { itemsShown, paint }: RowLayout): readonly string[] {
  const shown = failedTags.slice(0, itemsShown).map(({ failure }) => failure);
  const left = failedTags.length - shown.length;
  return [
    ...shown.flatMap(({ hint, ...failure }, at) =>
      failureLines(hint === undefined || hint === shown[at + 1]?.hint ? failure : { ...failure, hint }, paint),
    ),
    ...(left > 0 ? [paint('dim', `${indent}… and ${left} more (see -o json)`)] : []),
  ];
}

function failureLines(failure: Failure | undefined, paint: Paint): readonly string[] {
  if (failure === undefined) return [];
  const { side, message, serverSaid, code, hint } = failure;
  const said = serverSaid === undefined ? '' : ` The server said: "${safeText(serverSaid)}".`;
  const where = side === undefined ? '' : `${side}: `;
  return [
    `${indent}${paint('bad', '✖')}  ${where}${safeText(message)}${said} ${paint('dim', `(${code})`)}`,
    ...(hint === undefined ? [] : [`${indent}   ${paint('accent', '→')} ${safeText(hint)}`]),
  ];
}

/** `sha256:1f0c…`: enough to see that two differ; the whole of it is in the JSON. */
function brief(digest: Digest): string {
  return `${algorithmOf(digest)}:${encodedOf(digest).slice(0, 4)}…`;
}

/** Cut at the end, where reasons say the least. */
function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let short = text;
  while (short !== '' && widthOf(short) > columns - 1) short = short.slice(0, -1);
  return `${short.trimEnd()}…`;
}

function widest(texts: readonly string[]): number {
  let width = 0;
  for (const text of texts) width = Math.max(width, widthOf(text));
  return width;
}
