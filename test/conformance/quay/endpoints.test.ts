/** The client's table of calls against what a real Quay answered: a reply that the schemas do not take would fail at users. */
import { expect, test } from 'vitest';
import { type Endpoint, type EndpointName, endpoints } from '../../../src/quay/endpoints.ts';
import { type Exchange, readSession, sessions } from './recording.ts';

/** Calls that need what the recorded server did not have: LDAP, mail, a scanner, a later version. */
const neverRecorded: readonly EndpointName[] = [
  'getVulnerabilities',
  'inviteTeamMember',
  'uninviteTeamMember',
  'syncTeam',
  'unsyncTeam',
  'createOrganizationQuotaAsSuperUser',
  'changeOrganizationQuotaAsSuperUser',
  'deleteOrganizationQuotaAsSuperUser',
  'changeUserPrune',
  'deleteUserPrune',
  'revokeAppToken',
  'getMirrorHealth',
];

interface Row {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly pattern: RegExp;
}

const rows: readonly Row[] = Object.entries(endpoints).map(([name, endpoint]) => ({
  name,
  endpoint,
  pattern: patternOf(endpoint.path),
}));

/** Repositories of the recordings have two or three parts, the third of which is none of Quay's own words. */
function patternOf(path: string): RegExp {
  const filled = path
    .replaceAll('{repository}', String.raw`[^/?]+/[^/?]+(?:/(?!tag/|manifest/|permissions/|aggregatelogs)[^/?]+)?`)
    .replaceAll(/\{\w+\}/g, '[^/?]+');
  return new RegExp(String.raw`^/api/v1${filled}(?:\?.*)?$`);
}

/** The row with the most words of its own, as Quay's routes are chosen. */
function rowOf({ method, path }: Exchange): Row | undefined {
  const ownWords = ({ endpoint }: Row) => endpoint.path.replaceAll(/\{\w+\}/g, '').length;
  return rows
    .filter(({ endpoint, pattern }) => endpoint.method === method && pattern.test(path))
    .toSorted((a, b) => ownWords(b) - ownWords(a))[0];
}

const answered = sessions
  .flatMap((session) => readSession(session))
  .filter(({ server, status }) => server === undefined && status >= 200 && status < 300)
  .flatMap((exchange) => {
    const row = rowOf(exchange);
    return row === undefined ? [] : [{ exchange, row }];
  });

test('every answer of a real Quay is taken by the reply that the table names', () => {
  const refused = answered.flatMap(({ exchange, row }) => {
    const text = exchange.responseBody === null ? '' : String(exchange.responseBody);
    const parsed = row.endpoint.reply.safeParse(text.startsWith('<') || text === '' ? undefined : JSON.parse(text));
    return parsed.success ? [] : [`${row.name}, ${exchange.session} #${exchange.n} ${exchange.path}: ${parsed.error}`];
  });
  expect(answered.length).toBeGreaterThan(1000);
  expect(refused).toEqual([]);
});

test('every call of the table was recorded, but for those that are known not to be', () => {
  const recorded = new Set(answered.map(({ row }) => row.name));
  expect(rows.map(({ name }) => name).filter((name) => !recorded.has(name))).toEqual(neverRecorded);
});
