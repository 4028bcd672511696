/** What a run over two Quays found and did beside the images, for people. */
import type { PairFound, PairOutcome } from '../../compose/quay/pair-sync.ts';
import { countText } from '../../kit/quantity.ts';
import { safeText } from '../../kit/text.ts';
import type { Paint } from '../terminal/colour.ts';
import { changeLine } from './plan-lines.ts';

/** Objects that a destination lacks and settings that differ, by destination. */
export function objectLines({ objects }: PairFound, paint: Paint): readonly string[] {
  return objects.flatMap((one) => [...lackingLines(one, paint), ...settingLines(one, paint)]);
}

function settingLines({ side, settings, settingsStay }: PairFound['objects'][number], paint: Paint): readonly string[] {
  if (settings.length === 0) return [];
  const stay = settingsStay === undefined ? '' : ` (${safeText(settingsStay)})`;
  return [
    `${paint('strong', side.host)} differs in the settings of ${countText(settings.length, 'repository', 'repositories')}${stay}`,
    ...settings.map((change) => changeLine(change, paint)),
    '',
  ];
}

function lackingLines(
  { side, objects: { plan, absentUsers } }: PairFound['objects'][number],
  paint: Paint,
): readonly string[] {
  const changes = plan.parts.flatMap((part) => part.changes);
  const remarks = plan.parts.flatMap((part) => part.remarks);
  if (changes.length + remarks.length + absentUsers.length === 0) return [];
  return [
    `${paint('strong', side.host)} lacks ${countText(changes.length, 'object')}`,
    ...changes.map((change) => changeLine(change, paint)),
    ...remarks.map(({ object, message }) => `    ${paint('warn', '!')}  ${safeText(object)}   ${safeText(message)}`),
    ...absentUsers.map(
      (name) =>
        `    ${paint('warn', '!')}  user ${safeText(name)}   there is no such user, and nobody else can be made one`,
    ),
    '',
  ];
}

const shown = 20;

/** What stands beside the plan: gone, kept and replaced tags, repositories of the destination alone, marks. */
export function noteLines(outcome: PairOutcome): readonly string[] {
  const { notes, onlyThere, marks } = outcome;
  const changed = marks.map(({ host, change: { repository, tag, expiration, immutable } }) => {
    const expiry =
      expiration === undefined
        ? ''
        : ` ${expiration === null ? 'no expiry' : `expires ${new Date(expiration * 1000).toISOString()}`}`;
    return `${host}/${repository}${tag && `:${tag}`}${expiry}${immutable ? ' immutable' : ''}`;
  });
  return [
    ...listed('Gone from the source, still at the destination', [...notes.gone]),
    ...listed('Set by someone else at the destination, replaced', [...notes.replaced]),
    ...listed('Set by someone else at the destination, kept', [...notes.kept]),
    ...listed('Only at the destination', onlyThere),
    ...listed('Marks carried over', changed),
  ];
}

function listed(what: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const left = names.length - shown;
  return [
    `${what} (${names.length}):`,
    ...names.slice(0, shown).map((name) => `    ${safeText(name)}`),
    ...(left > 0 ? [`    … and ${left} more (see -o json)`] : []),
  ];
}

/** Everything, for programs. */
export function pairDocument(outcome: PairOutcome): object {
  const { notes, found, objects, marks } = outcome;
  return {
    objects: found.objects.flatMap(({ side, objects: { plan }, settings }) =>
      [...plan.parts.flatMap(({ changes }) => changes), ...settings].map(({ action, object, reason }) => ({
        server: side.host,
        action,
        object,
        reason,
        ...outcomeOf(objects, side.host, object),
      })),
    ),
    absentUsers: found.objects.flatMap(({ side, objects: { absentUsers } }) =>
      absentUsers.map((name) => `${side.host}/${name}`),
    ),
    gone: [...notes.gone],
    kept: [...notes.kept],
    replaced: [...notes.replaced],
    onlyAtDestination: outcome.onlyThere,
    marks: marks.map(({ host, change, error }) => ({
      server: host,
      ...change,
      ...(error && { error: error.message }),
    })),
  };
}

function outcomeOf(objects: PairOutcome['objects'], host: string, object: string): object {
  const done = objects.find(({ side, result }) => side.host === host && result.change.object === object);
  return done === undefined ? {} : { outcome: done.result.outcome };
}
