import { afterAll, describe, expect, test } from 'vitest';
import { type Exchange, sessions } from './recording.ts';
import { type Outcome, replaySession, type SessionResult } from './replay.ts';

const results: SessionResult[] = [];

/** Every recorded request, sent to the double in order: it must answer as the real Quay did. */
describe('the Quay double answers as Quay does', () => {
  test.each(sessions)('in session %s', { timeout: 60_000 }, async (session) => {
    const result = await replaySession(session);
    results.push(result);
    expect(result.outcomes.length).toBeGreaterThan(0);
    expect(result.outcomes.filter(hasWrongStatus).map(wrongStatus)).toEqual([]);
    expect(result.outcomes.filter(hasWrongBody).map(wrongBody)).toEqual([]);
  });
});

afterAll(() => {
  process.stdout.write(`${table(results)}\n`);
});

function hasWrongStatus(outcome: Outcome): boolean {
  return !outcome.statusEqual;
}

function hasWrongBody(outcome: Outcome): boolean {
  return outcome.statusEqual && outcome.differences.length > 0;
}

function wrongStatus({ exchange, status }: Outcome): string {
  return `${describeExchange(exchange)}: ${exchange.status} recorded, ${status} answered`;
}

function wrongBody({ exchange, differences }: Outcome): string {
  return `${describeExchange(exchange)}: ${differences.slice(0, 3).join('; ')}`;
}

function describeExchange({ n, as, method, path }: Exchange): string {
  return `#${n} ${as} ${method} ${path}`;
}

function table(all: readonly SessionResult[]): string {
  const rows = all.map(({ session, outcomes }) => row(session, outcomes));
  const total = row(
    'all',
    all.flatMap(({ outcomes }) => outcomes),
  );
  return ['session  requests  same status  same body', ...rows, total].join('\n');
}

function row(name: string, outcomes: readonly Outcome[]): string {
  const statuses = outcomes.filter((one) => !hasWrongStatus(one)).length;
  const bodies = outcomes.filter((one) => one.statusEqual && one.differences.length === 0).length;
  return `${name}  ${outcomes.length}  ${statuses}  ${bodies}`;
}
