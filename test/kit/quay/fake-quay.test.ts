import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type FakeQuay, type FakeQuayOptions, standingClock, startFakeQuay } from './index.ts';

const start = Date.parse('2026-11-20T22:00:00Z');

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** Sends requests as the first user, with the token that Quay gives on initialisation. */
class Client {
  readonly #quay: FakeQuay;
  #token = '';

  constructor(quay: FakeQuay) {
    this.#quay = quay;
  }

  async initialise(): Promise<this> {
    const user = { username: 'admin', password: 'password1', email: 'admin@example.com', access_token: true };
    const { json } = await this.api('POST', '/user/initialize', user);
    this.#token = String(json['access_token']);
    return this;
  }

  api(method: string, path: string, body?: unknown): Promise<Answer> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { 'Content-Type': 'application/json', ...this.#authorization() };
    return this.send(method, `/api/v1${path}`, { headers, ...content });
  }

  #authorization(): Record<string, string> {
    return this.#token === '' ? {} : { Authorization: `Bearer ${this.#token}` };
  }

  async send(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const answer = await fetch(`${this.#quay.url}${path}`, { method, redirect: 'manual', ...init });
    const text = await answer.text();
    const isJson = text.startsWith('{');
    const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: answer.status, headers: answer.headers, text, json };
  }

  /** A registry token, as any client of the registry gets it. */
  async registryToken(scope: string): Promise<string> {
    const login = Buffer.from('admin:password1').toString('base64');
    const path = `/v2/auth?service=registry&scope=${encodeURIComponent(scope)}`;
    const { json } = await this.send('GET', path, { headers: { Authorization: `Basic ${login}` } });
    return String(json['token']);
  }

  /** Pushes an image of one small layer and returns its digest. */
  async push(repository: string, tag: string, text: string): Promise<string> {
    const bearer = `Bearer ${await this.registryToken(`repository:${repository}:pull,push`)}`;
    const blob = async (content: string) => {
      const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
      const headers = { Authorization: bearer };
      const upload = await this.send('POST', `/v2/${repository}/blobs/uploads/`, { headers });
      const { pathname } = new URL(upload.headers.get('location') ?? '', this.#quay.url);
      await this.send('PUT', `${pathname}?digest=${digest}`, { headers, body: content });
      return { digest, size: content.length };
    };
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const config = await blob(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' } }));
    const layer = await blob(text);
    const body = JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
    });
    const headers = { Authorization: bearer, 'Content-Type': mediaType };
    const answer = await this.send('PUT', `/v2/${repository}/manifests/${tag}`, { headers, body });
    expect(answer.status).toBe(201);
    return answer.headers.get('docker-content-digest') ?? '';
  }
}

async function withQuay(
  options: FakeQuayOptions,
  run: (client: Client, quay: FakeQuay) => Promise<void>,
): Promise<void> {
  await using quay = await startFakeQuay(options);
  await run(await new Client(quay).initialise(), quay);
}

const repository = (namespace: string, name: string) => ({
  namespace,
  repository: name,
  visibility: 'private',
  description: '',
});

describe('routing', () => {
  test('a route that does not exist falls through to the deletion of a repository', async () => {
    await withQuay({}, async (client) => {
      await client.api('POST', '/repository', repository('admin', 'app'));
      await client.api('POST', '/repository', repository('admin', 'app/mirror'));
      expect((await client.api('DELETE', '/repository/admin/app/mirror')).status).toBe(204);
      expect((await client.api('GET', '/repository/admin/app/mirror?includeTags=false')).status).toBe(404);
      expect((await client.api('GET', '/repository/admin/app?includeTags=false')).status).toBe(200);
    });
  });

  test('a route that exists only in part refuses the other methods', async () => {
    await withQuay({}, async (client) => {
      await client.api('POST', '/repository', repository('admin', 'app'));
      expect((await client.api('DELETE', '/repository/admin/app/build/1')).status).toBe(404);
      expect((await client.api('PATCH', '/repository/admin/app')).status).toBe(405);
      expect((await client.api('GET', '/repository/admin/app?includeTags=false')).status).toBe(200);
    });
  });

  test('a path without its final slash is redirected to the host that the server calls itself', async () => {
    await withQuay({ hostname: 'quay.example.com' }, async (client) => {
      const answer = await client.api('GET', '/user');
      expect(answer.status).toBe(308);
      expect(answer.headers.get('location')).toBe('http://quay.example.com/api/v1/user/');
    });
  });

  test('everything stands below a base path', async () => {
    await withQuay({ basePath: '/registry' }, async (client, quay) => {
      expect(quay.url).toMatch(/\/registry$/);
      expect((await client.api('GET', '/user/')).json['username']).toBe('admin');
    });
  });
});

describe('versions and features', () => {
  test('organisation mirrors came with 3.17', async () => {
    const path = '/organization/team/mirror';
    await withQuay({ version: '3.15' }, async (client) => {
      await client.api('POST', '/organization/', { name: 'team' });
      expect((await client.api('GET', path)).text).toContain('<html');
    });
    await withQuay({ version: '3.17' }, async (client) => {
      await client.api('POST', '/organization/', { name: 'team' });
      expect((await client.api('GET', path)).json['error_type']).toBe('not_found');
    });
  });

  test('the discovery document tells which calls and fields a version has', async () => {
    const discover = async (version: '3.12' | '3.17') => {
      await using quay = await startFakeQuay({ version });
      const { json } = await new Client(quay).api('GET', '/discovery');
      const { CreateMirrorConfig } = json['definitions'] as Record<string, { properties: object }>;
      return { paths: Object.keys(json['paths'] as object), fields: Object.keys(CreateMirrorConfig?.properties ?? {}) };
    };
    const [older, newer] = [await discover('3.12'), await discover('3.17')];
    expect(older.paths).not.toContain('/api/v1/organization/{orgname}/mirror');
    expect(newer.paths).toContain('/api/v1/organization/{orgname}/mirror');
    expect(older.fields).not.toContain('skopeo_timeout_interval');
    expect(newer.fields).toEqual(expect.arrayContaining(['skopeo_timeout_interval', 'architecture_filter']));
  });

  test('the CSRF token stands in the page of a server before 3.16 and has a call of its own after', async () => {
    await withQuay({ version: '3.15' }, async (client) => {
      expect((await client.send('GET', '/')).text).toMatch(/window\.__token = '\w+/);
      expect((await client.send('GET', '/csrf_token')).json).toEqual({});
    });
    await withQuay({ version: '3.17' }, async (client) => {
      expect((await client.send('GET', '/csrf_token')).json).toHaveProperty('csrf_token');
    });
  });

  test('a field that came later breaks the creation of a mirror, or its absence does', async () => {
    const mirror = {
      external_reference: 'registry.example.com/team/app',
      sync_interval: 3600,
      sync_start_date: '2026-11-20T22:30:00Z',
      root_rule: { rule_kind: 'tag_glob_csv', rule_value: ['*'] },
      robot_username: 'admin+mirror',
    };
    const create = async (client: Client, body: object) => {
      await client.api('POST', '/repository', repository('admin', 'copy'));
      await client.api('PUT', '/user/robots/mirror', {});
      return (await client.api('POST', '/repository/admin/copy/mirror', body)).status;
    };
    const withTimeout = { ...mirror, skopeo_timeout_interval: 300 };
    await withQuay({ version: '3.12' }, async (client) => {
      expect(await create(client, withTimeout)).toBe(500);
      expect(await create(client, mirror)).toBe(201);
    });
    await withQuay({ version: '3.15' }, async (client) => {
      expect(await create(client, mirror)).toBe(400);
      expect(await create(client, withTimeout)).toBe(201);
    });
  });

  test('a feature takes its routes with it, also while the server runs', async () => {
    await withQuay({ features: { QUOTA_MANAGEMENT: true } }, async (client, quay) => {
      await client.api('POST', '/organization/', { name: 'team' });
      expect((await client.api('GET', '/organization/team')).json).toHaveProperty('quota_report');
      quay.setFeature('QUOTA_MANAGEMENT', false);
      expect((await client.api('GET', '/organization/team')).json).not.toHaveProperty('quota_report');
      const { json } = await client.send('GET', '/config');
      expect(json['features']).toMatchObject({ QUOTA_MANAGEMENT: false });
    });
  });
});

describe('the logs of requests', () => {
  test('tell writes from reads', async () => {
    await withQuay({}, async (client, quay) => {
      quay.clearLog();
      await client.api('GET', '/user/');
      await client.api('POST', '/organization/', { name: 'team' });
      await client.api('DELETE', '/organization/nope');
      expect(quay.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'DELETE']);
      expect(quay.writes.map(({ method, status }) => `${method} ${status}`)).toEqual(['POST 201', 'DELETE 404']);
    });
  });

  test('count a request for a token to push, since it may create a repository', async () => {
    await withQuay({}, async (client, quay) => {
      quay.clearLog();
      await client.registryToken('repository:admin/app:pull');
      await client.registryToken('repository:admin/new:pull,push');
      expect(quay.writes).toHaveLength(1);
      expect((await client.api('GET', '/repository/admin/new?includeTags=false')).status).toBe(200);
    });
  });
});

test('a rate limit answers 429 in HTML until time has passed', async () => {
  const clock = standingClock(start);
  await withQuay({ clock, rateLimit: { requestsPerSecond: 1, burst: 3 } }, async (client) => {
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await client.api('GET', '/user/')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    clock.advance(1000);
    expect((await client.api('GET', '/user/')).status).toBe(200);
  });
});

test('the shipped rate limits refuse the third token within a second', async () => {
  const clock = standingClock(start);
  await withQuay({ clock, rateLimit: 'shipped' }, async (client) => {
    const path = '/v2/auth?service=registry&scope=repository:admin/app:pull';
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await client.send('GET', path)).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await client.send('GET', path)).text).toContain('<center>nginx</center>');
  });
});

test('a manifest beyond 5 MiB is refused before Quay sees it', async () => {
  await withQuay({}, async (client) => {
    const body = 'x'.repeat(5 * 1024 * 1024 + 1);
    const answer = await client.send('PUT', '/v2/admin/app/manifests/big', { body });
    expect(answer.status).toBe(413);
  });
});

describe('a repository mirror', () => {
  const settings = (source: FakeQuay) => ({
    external_reference: `${source.host}/admin/app`,
    external_registry_username: 'admin',
    external_registry_password: 'password1',
    external_registry_config: { verify_tls: false },
    sync_interval: 3600,
    sync_start_date: '2026-11-20T22:30:00Z',
    root_rule: { rule_kind: 'tag_glob_csv', rule_value: ['v*'] },
    robot_username: 'admin+mirror',
    skopeo_timeout_interval: 300,
  });

  async function withMirror(run: (client: Client, quay: FakeQuay, digest: string) => Promise<void>): Promise<void> {
    await withQuay({}, async (upstream, source) => {
      const digest = await upstream.push('admin/app', 'v1', 'one');
      await upstream.push('admin/app', 'latest', 'two');
      await withQuay({ clock: standingClock(start) }, async (client, quay) => {
        await client.api('POST', '/repository', repository('admin', 'copy'));
        await client.api('PUT', '/user/robots/mirror', {});
        await client.api('PUT', '/repository/admin/copy/changestate', { state: 'MIRROR' });
        const answer = await client.api('POST', '/repository/admin/copy/mirror', settings(source));
        expect(answer.status).toBe(201);
        await run(client, quay, digest);
      });
    });
  }

  const status = async (client: Client) =>
    (await client.api('GET', '/repository/admin/copy/mirror')).json['sync_status'];

  async function tags(client: Client): Promise<Record<string, unknown>[]> {
    const { json } = await client.api('GET', '/repository/admin/copy/tag/?onlyActiveTags=true');
    return json['tags'] as Record<string, unknown>[];
  }

  test('copies the tags that its globs match, to the byte, when its time has come', async () => {
    await withMirror(async (client, quay, digest) => {
      await quay.runWorkers();
      expect(await status(client)).toBe('NEVER_RUN');
      quay.clock.advance(31 * 60 * 1000);
      expect(await status(client)).toBe('SUCCESS');
      expect(await tags(client)).toMatchObject([{ name: 'v1', manifest_digest: digest }]);
    });
  });

  test('shows what its worker is doing', async () => {
    await withMirror(async (client, quay) => {
      await client.api('POST', '/repository/admin/copy/mirror/sync-now');
      expect(await status(client)).toBe('SYNC_NOW');
      expect(await quay.stepWorkers()).toBe(true);
      expect(await status(client)).toBe('SYNCING');
      expect(await quay.stepWorkers()).toBe(true);
      expect(await status(client)).toBe('SUCCESS');
      expect(await quay.stepWorkers()).toBe(false);
    });
  });

  test('that is cancelled while it runs brings nothing', async () => {
    await withMirror(async (client, quay) => {
      await client.api('POST', '/repository/admin/copy/mirror/sync-now');
      await quay.stepWorkers();
      await client.api('POST', '/repository/admin/copy/mirror/sync-cancel');
      await quay.stepWorkers();
      expect(await status(client)).toBe('CANCEL');
      expect(await tags(client)).toEqual([]);
    });
  });
});
