import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HttpAnswer } from '../http/types.ts';
import { linkedPages, numberedEntries } from './pages.ts';

const named = { what: 'The listing of tags', subject: 'registry.example.com/a' };

function answerWith(link: string | undefined): HttpAnswer {
  const headers = { get: (name: string) => (name === 'link' ? link : undefined), all: () => [] };
  return { status: 200, headers, body: Buffer.from(''), url: new URL('https://registry.example.com/list?n=2') };
}

async function queriesOf(links: readonly (string | undefined)[]): Promise<readonly string[]> {
  const asked: string[] = [];
  const read = async (query: string) => answerWith(links[asked.push(query) - 1]);
  for await (const _ of linkedPages('?n=2', read, named)) continue;
  return asked;
}

test.each([
  ['</list?n=2&last=b>; rel="next"', '?n=2&last=b'],
  ['<https://registry.example.com/list?last=b>; rel=next', '?last=b'],
  ['<http://registry.example.com/list?last=b>; rel="next"', '?last=b'],
  ['</list?before=a>; rel="previous", </list?last=b>; rel="next"', '?last=b'],
  ['</list?last=b,c>; title="a, b"; rel="last next"', '?last=b,c'],
])('the query of %s is followed', async (link, next) => {
  expect(await queriesOf([link])).toEqual(['?n=2', next]);
});

test.each([undefined, '', '</list?last=b>; rel="previous"', 'nonsense', '</list?last=b>'])(
  '%j is the end',
  async (link) => {
    expect(await queriesOf([link])).toEqual(['?n=2']);
  },
);

test.each(['<https://evil.example.net/list?last=b>; rel=next', '<//evil.example.net/?last=b>; rel=next'])(
  '%s is not followed',
  async (link) => {
    await expect(queriesOf([link])).rejects.toMatchObject({ code: 'E_URL_REFUSED' });
  },
);

test('a page that names an earlier one ends the listing with an error', async () => {
  const around = ['</?last=b>; rel=next', '</?last=c>; rel=next', '</?last=b>; rel=next'];
  await expect(queriesOf(around)).rejects.toMatchObject({ code: 'E_ENDLESS_LISTING' });
});

interface Server {
  entries: readonly string[];
  readonly pageSize: number;
  /** Whether it says how many there are. */
  readonly counts: boolean;
}

function listingOf(server: Server, onRead: (number: number) => void = () => {}) {
  return numberedEntries<string>({
    ...named,
    async read(number) {
      onRead(number);
      const { entries, pageSize, counts } = server;
      const page = entries.slice((number - 1) * pageSize, number * pageSize);
      return { entries: page, total: counts ? entries.length : undefined };
    },
    keyOf: (entry) => entry,
  });
}

test('every entry of a quiet listing comes once and in order, whatever the size of a page', async () => {
  const servers = fc.record({
    entries: fc.uniqueArray(fc.string(), { maxLength: 40 }),
    pageSize: fc.integer({ min: 1, max: 12 }),
    counts: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(servers, async (server) => {
      expect(await listingOf(server)).toEqual(server.entries);
    }),
  );
});

test('a listing that changes while it is read once is never cut short and never has an entry twice', async () => {
  const changes = fc.record({
    before: fc.uniqueArray(fc.nat(50), { minLength: 1, maxLength: 30 }),
    after: fc.uniqueArray(fc.nat(50), { minLength: 1, maxLength: 30 }),
    pageSize: fc.integer({ min: 1, max: 5 }),
    at: fc.integer({ min: 1, max: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(changes, async ({ before, after, pageSize, at }) => {
      // A change that keeps the number of entries cannot be seen by counting.
      fc.pre(before.length !== after.length);
      const server: Server = { entries: before.map(String), pageSize, counts: true };
      let reads = 0;
      const found = await listingOf(server, () => {
        reads += 1;
        if (reads === at + 1) server.entries = after.map(String);
      });
      const pages = Math.ceil(before.length / pageSize);
      expect(found).toEqual(at < pages ? after.map(String) : before.map(String));
    }),
  );
});

test('a listing that changes at each reading is given up after three', async () => {
  const server: Server = { entries: ['a', 'b', 'c'], pageSize: 2, counts: true };
  let seconds = 0;
  const reading = listingOf(server, (number) => {
    if (number === 2) server.entries = [...server.entries, `new ${(seconds += 1)}`];
  });
  await expect(reading).rejects.toMatchObject({ code: 'E_LISTING', failure: 'temporary' });
  expect(seconds).toBe(3);
});
