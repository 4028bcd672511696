import { describe, expect, it } from 'vitest';
import { collect, openTestClient, repositoryName } from '../../test/kit/client.ts';
import { errorReply, type Personality, type Reply, startScripted } from '../../test/kit/scripted-registry.ts';

const app = repositoryName('apps/api');

function page(tags: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ name: 'apps/api', tags }),
  };
}

async function listing(personality: Personality) {
  const server = await startScripted(personality);
  const client = openTestClient(server.host);
  return {
    server,
    client,
    tags: () => collect(client.registry.repository(app).listTags()),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Three pages of two tags, linked as `link` says. */
const paged =
  (link: (last: string, host: string) => string): Personality =>
  ({ query, headers }) => {
    const all = ['a', 'b', 'c', 'd', 'e', 'f'];
    const start = query.get('last') === null ? 0 : all.indexOf(query.get('last') ?? '') + 1;
    const tags = all.slice(start, start + 2);
    const last = tags.at(-1) ?? '';
    return page(tags, last === 'f' ? {} : { link: link(last, headers['host'] ?? '') });
  };

describe('the tags of a repository', () => {
  it.each<[string, (last: string, host: string) => string]>([
    ['relative links', (last) => `</v2/apps/api/tags/list?n=2&last=${last}>; rel="next"`],
    ['absolute links', (last, host) => `<http://${host}/v2/apps/api/tags/list?n=2&last=${last}>; rel="next"`],
    [
      'links with another scheme, behind a proxy',
      (last, host) => `<https://${host}/v2/apps/api/tags/list?n=2&last=${last}>; rel=next`,
    ],
    ['bare relations and more parameters', (last) => `</v2/apps/api/tags/list?last=${last}>; title="more"; rel=next`],
    ['other links before', (last) => `</v2/>; rel="start", </v2/apps/api/tags/list?last=${last}>; rel="next"`],
    [
      'links that lost a part of the path, as Artifactory’s',
      (last) => `</v2/api/tags/list?last=${last}&n=2>; rel="next"`,
    ],
    ['links that are a query only', (last) => `<?last=${last}>; rel="next"`],
  ])('are read over all pages with %s', async (_what, link) => {
    await using test = await listing(paged(link));

    expect(await test.tags()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(test.server.log.every((line) => line.startsWith('GET /v2/apps/api/tags/list?'))).toBe(true);
  });

  it('are none where the repository does not exist', async () => {
    await using test = await listing(() => errorReply(404, 'NAME_UNKNOWN'));
    expect(await test.tags()).toEqual([]);
  });

  it.each([{ tags: null }, { tags: [] }, {}])('are none in an empty page: %j', async ({ tags }) => {
    await using test = await listing(() => page(tags));
    expect(await test.tags()).toEqual([]);
  });

  it('are told from what is no tag: null, digests, paths, numbers, doubles', async () => {
    const odd = ['v1', null, `sha256:${'a'.repeat(64)}`, '../up', 5, 'v1', 'v 2', '', 'v2', 'x'.repeat(129)];
    await using test = await listing(() => page(odd));

    expect(await test.tags()).toEqual(['v1', 'v2']);
    expect(test.client.warnings).toHaveLength(2);
    expect(test.client.events[0]).toMatchObject({ code: 'W_ODD_TAG', subject: `${test.server.host}/apps/api` });
  });

  it('are asked for by the registry’s own page size where it refuses a thousand, as ECR does above', async () => {
    await using test = await listing(({ query }) =>
      query.has('n') ? errorReply(405, 'UNSUPPORTED', 'Invalid parameter at maxResults') : page(['a']),
    );

    expect(await test.tags()).toEqual(['a']);
    expect(await test.tags()).toEqual(['a']);
    expect(test.server.seen('GET /v2/apps/api/tags/list?n')).toHaveLength(1);
  });

  it('are not listed by a registry that refuses it, whatever the page size: a destination is then asked tag by tag', async () => {
    await using test = await listing(() => errorReply(405, 'UNSUPPORTED'));

    await expect(test.tags()).rejects.toMatchObject({ code: 'E_UNSUPPORTED', failure: 'failed' });
  });

  it('lead nowhere else: a link to another host is refused', async () => {
    const canary: string[] = [];
    await using elsewhere = await startScripted((seen) => {
      canary.push(seen.path);
      return page(['evil']);
    });
    await using test = await listing(() =>
      page(['a'], { link: `<${elsewhere.url}/v2/apps/api/tags/list?last=a>; rel="next"` }),
    );

    await expect(test.tags()).rejects.toMatchObject({ code: 'E_URL_REFUSED', failure: 'refused' });
    expect(canary).toEqual([]);
  });

  it.each<[string, Personality]>([
    [
      'a page that names itself',
      ({ query }) => page(['a', query.get('last') ?? 'b'], { link: '</v2/apps/api/tags/list?last=a>; rel="next"' }),
    ],
    [
      'pages that only repeat',
      ({ query }) => page(['a'], { link: `<?last=${Number(query.get('last') ?? 0) + 1}>; rel="next"` }),
    ],
    ['an expired token that starts over, as Quay’s', () => page(['a', 'b'], { link: '<?next_page=x>; rel="next"' })],
  ])('never run for ever: %s', async (_what, personality) => {
    await using test = await listing(personality);

    await expect(test.tags()).rejects.toMatchObject({ code: 'E_ENDLESS_LISTING', failure: 'failed' });
    expect(test.server.log.length).toBeLessThan(5);
  });

  it.each<[string, Reply]>([
    ['a page of HTML', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><b>Sign in</b></html>' }],
    ['an error with status 200', { status: 200, body: '{"errors":[{"code":"UNKNOWN"}],"tags":"none"}' }],
    ['a bare list', { status: 200, body: '["a"]' }],
  ])('are not guessed from %s', async (_what, reply) => {
    await using test = await listing(() => reply);
    await expect(test.tags()).rejects.toMatchObject({ code: 'E_LISTING', failure: 'failed' });
  });

  it.each(['{"tags":["a",', '{"tags";["a"]}'])(
    'are not guessed from %s, which may come whole another time',
    async (body) => {
      await using test = await listing(() => ({ status: 200, body }));
      await expect(test.tags()).rejects.toMatchObject({ code: 'E_LISTING', failure: 'temporary' });
    },
  );

  it('are an error, not a shorter list, when a later page fails', async () => {
    await using test = await listing(({ query }) =>
      query.get('last') === null ? page(['a'], { link: '<?last=a>; rel="next"' }) : { status: 500 },
    );
    await expect(test.tags()).rejects.toMatchObject({ failure: 'temporary' });
  });

  it('are an error when a later page is missing: a list that ends in 404 is not complete', async () => {
    await using test = await listing(({ query }) =>
      query.get('last') === null ? page(['a'], { link: '<?last=a>; rel="next"' }) : { status: 404 },
    );
    await expect(test.tags()).rejects.toMatchObject({ failure: 'failed' });
  });

  it('may be fifty thousand', async () => {
    const all = Array.from({ length: 50_000 }, (_, index) => `build-${String(index).padStart(6, '0')}`);
    await using test = await listing(({ query }) => {
      const start = Number(query.get('last')?.slice(6) ?? -1) + 1;
      const tags = all.slice(start, start + 1000);
      const more = start + 1000 < all.length;
      return page(tags, more ? { link: `<?n=1000&last=${tags.at(-1)}>; rel="next"` } : {});
    });

    expect(await test.tags()).toEqual(all);
    expect(test.server.log).toHaveLength(50);
  });
});

describe('the repositories of a registry', () => {
  it('are read over all pages, names checked', async () => {
    await using server = await startScripted(({ query }) =>
      query.get('last') === null
        ? {
            status: 200,
            body: '{"repositories":["a/b","UPPER","a/b"]}',
            headers: { link: '</v2/_catalog?last=z>; rel="next"' },
          }
        : { status: 200, body: '{"repositories":["c",null,"../d"]}' },
    );
    await using client = openTestClient(server.host);

    expect(await collect(client.registry.listRepositories())).toEqual(['a/b', 'c']);
    expect(client.warnings).toHaveLength(1);
  });

  it.each([404, 405])('cannot be listed where there is no catalog: %d', async (status) => {
    await using server = await startScripted(() => ({ status }));
    await using client = openTestClient(server.host);

    await expect(collect(client.registry.listRepositories())).rejects.toMatchObject({ code: 'E_UNSUPPORTED' });
  });
});
