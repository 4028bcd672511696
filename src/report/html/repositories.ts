/** Where the bytes went: a bar for each repository, what moved and what did not have to. */
import { bytesText } from '../../kit/quantity.ts';
import type { Report } from '../report.ts';
import { type RepositoryAccount, repositoriesOf } from '../repositories.ts';
import { html, type Markup, nothing } from './markup.ts';
import { countOf, numberText, reference, section, table } from './parts.ts';

const barsDrawn = 15;

export function repositorySection(report: Report): Markup {
  const all = repositoriesOf(report).filter(({ bytesMoved, bytesSaved }) => bytesMoved + bytesSaved > 0);
  if (all.length === 0) return nothing;
  const drawn = all.slice(0, barsDrawn);
  const most = Math.max(...drawn.map(({ bytesMoved, bytesSaved }) => bytesMoved + bytesSaved));
  const columns = [
    { title: 'repository', cell: ({ repository }: RepositoryAccount) => reference(repository), kind: 'wide' as const },
    { title: 'tags', cell: ({ tags }: RepositoryAccount) => numberText(tags), kind: 'number' as const },
    { title: 'bytes', cell: (account: RepositoryAccount) => bar(account, most) },
    { title: 'moved', cell: ({ bytesMoved }: RepositoryAccount) => bytesText(bytesMoved), kind: 'number' as const },
    { title: 'saved', cell: ({ bytesSaved }: RepositoryAccount) => bytesText(bytesSaved), kind: 'number' as const },
  ];
  const note = html`The full bar moved, the pale one was shared or there already.${restText(all.slice(barsDrawn))}`;
  return section(
    'bytes',
    'Bytes by repository',
    note,
    html`<div class="bars">${table('Bytes by repository', columns, drawn)}</div>`,
  );
}

function bar({ bytesMoved, bytesSaved }: RepositoryAccount, most: number): Markup {
  const moved = (bytesMoved / most) * 100;
  const all = ((bytesMoved + bytesSaved) / most) * 100;
  return html`<svg width="100%" height="10" aria-hidden="true"><rect class="saved" width="${all.toFixed(2)}%" height="10" rx="2"/><rect class="copied" width="${moved.toFixed(2)}%" height="10" rx="2"/></svg>`;
}

function restText(rest: readonly RepositoryAccount[]): string {
  if (rest.length === 0) return '';
  let bytes = 0;
  for (const { bytesMoved } of rest) bytes += bytesMoved;
  return ` ${countOf(rest.length, 'more repository', 'more repositories')} moved ${bytesText(bytes)}.`;
}
