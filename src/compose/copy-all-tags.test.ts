import { expect, test } from 'vitest';
import { type EmbeddedRegistry, startEmbedded } from '../../test/kit/embedded.ts';
import { fill } from '../../test/kit/filled.ts';
import { createHttp } from '../http/client.ts';
import type { HttpClient, HttpRequest } from '../http/types.ts';
import { systemClock } from '../kit/clock.ts';
import { copy } from './copy.ts';
import { openSession } from './session.ts';

/** Copies every tag of a repository, and tells what was asked of the destination. */
async function copyAll(source: EmbeddedRegistry, target: EmbeddedRegistry, repository: string) {
  const asked: string[] = [];
  await using http = closing(createHttp({ settings: () => ({}), env: {}, userAgent: 'test' }));
  const noted: HttpClient = {
    request: (request: HttpRequest) => {
      if (request.url.host === target.host) asked.push(`${request.method} ${request.url.pathname}`);
      return http.client.request(request);
    },
    download: (download) => http.client.download(download),
    upload: (upload) => http.client.upload(upload),
    close: () => http.client.close(),
  };
  await using session = await openSession({ http: noted, clock: systemClock, emit: () => {} });
  const items = await copy(session, {
    source: `${source.host}/${repository}`,
    destinations: [`${target.host}/copied`],
    allTags: true,
  });
  const outcomes = items.map(({ outcome }) => (outcome.ok ? outcome.outcome : outcome.error.code));
  return { asked, outcomes };
}

const closing = (client: HttpClient) => ({ client, [Symbol.asyncDispose]: () => client.close() });

test('all tags are looked for in the listing of the destination; each that is not in it is asked for only when it is there', async () => {
  await using source = await startEmbedded();
  await using target = await startEmbedded();
  await fill(source, 'corpus/busybox');

  const first = await copyAll(source, target, 'corpus/busybox');
  expect(new Set(first.outcomes)).toEqual(new Set(['copied']));
  const puts = (line: string) => line.startsWith('PUT /v2/copied/manifests/');
  for (const line of first.asked.filter(puts)) {
    const asked = line.replace('PUT', 'HEAD');
    if (first.asked.includes(asked)) expect(first.asked.indexOf(asked)).toBeGreaterThan(first.asked.indexOf(line));
  }
  expect(first.asked.filter((line) => line.endsWith('/tags/list'))).toHaveLength(1);

  const again = await copyAll(source, target, 'corpus/busybox');
  expect(new Set(again.outcomes)).toEqual(new Set(['same']));
  expect(again.asked.filter((line) => !/^(GET|HEAD) /.test(line))).toEqual([]);
});

test("cosign's tags, which went along with their image, are the same when their turn comes", async () => {
  await using source = await startEmbedded();
  await using target = await startEmbedded();
  await fill(source, 'corpus/cosign-tags');

  const { asked, outcomes } = await copyAll(source, target, 'corpus/cosign-tags');
  expect(outcomes).toContain('copied');
  expect(outcomes).toContain('same');
  const puts = asked.filter((line) => line.startsWith('PUT /v2/copied/manifests/'));
  expect(puts).toHaveLength(new Set(puts).size);
});
