import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as onward } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tranship } from '../../../test/kit/command-line.ts';
import { startEmbedded } from '../../../test/kit/embedded.ts';
import { type FakeQuay, startFakeQuay } from '../../../test/kit/quay/index.ts';
import { type Handler, serve, serveRaw, type TestServer } from '../../../test/kit/test-server.ts';

let folder: string;
let quay: FakeQuay;
let token: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-strange-'));
  quay = await startFakeQuay();
  const made = await fetch(`${quay.url}/api/v1/user/initialize`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'password1', email: 'a@example.com', access_token: true }),
  });
  token = ((await made.json()) as { access_token: string }).access_token;
  quay.clearLog();
});
afterEach(async () => {
  await quay.close();
  await rm(folder, { recursive: true, force: true });
});

const organizations = '{payments: {robots: {ci: {}}}}';

async function apply(url: string, declared = organizations, env: Record<string, string> = {}) {
  const path = join(folder, 'quay.yaml');
  await writeFile(path, `version: 1\nserver: {url: "${url}"}\norganizations: ${declared}\n`);
  return tranship(['quay', 'apply', '-c', path], { env: { TRANSHIP_QUAY_TOKEN: token, ...env } });
}

/** The commands that open a server, each as its first step. */
const commands = (url: string) => [
  ['quay', 'export', '-s', url, 'payments'],
  ['quay', 'mirror', 'status', `${new URL(url).host}/payments`],
  ['quay', 'login', url, '--token-stdin'],
  ['quay', 'bootstrap', '-s', url, '-u', 'root', '--password-stdin', '--wait', '10m'],
  ['quay', 'take-ownership', '-s', url, '--user', 'root', '--all'],
  ['quay', 'sync', url, 'http://127.0.0.1:9'],
];

const at = ({ port }: TestServer) => `http://127.0.0.1:${port}`;

const page = (status: number, headers = {}): Handler => {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end('<html>hello</html>');
  };
};

/** A proxy in front of the Quay that answers some requests in its place. */
function front(intercepts: (method: string, path: string) => Handler | undefined): Promise<TestServer> {
  return serve((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const own = intercepts(method, url);
    if (own !== undefined) return own(request, response);
    const passed = onward(new URL(url, quay.url), { method, headers });
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
}

describe('a server that is no Quay', () => {
  test.each<[string, Handler]>([
    ['a web server that shows its one page under every path', page(200)],
    ['a web server without such a page', page(404)],
    ['a web server that wants a login', page(401, { 'www-authenticate': 'Basic realm="x"' })],
    ['a server whose /config is some other JSON', (_, response) => response.end('{"features": "many"}')],
  ])('%s is told as such, with 1', async (_, handler) => {
    await using server = await serve(handler);
    const done = await apply(at(server));
    expect([done.code, done.stderr]).toEqual([1, expect.stringContaining('E_NOT_QUAY')]);
    // Where only /config is missing, the discovery document is asked for, too.
    expect(server.seen.length).toBeLessThanOrEqual(2);
    for (const { method, headers } of server.seen) {
      expect(method).toBe('GET');
      expect(headers).not.toHaveProperty('authorization');
    }
  });

  test('a registry that only speaks /v2/ is told as such', async () => {
    await using registry = await startEmbedded();
    expect(await apply(`http://${registry.host}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('E_NOT_QUAY'),
    });
  });

  test('a redirect is not followed, and its target is named without its path', async () => {
    await using server = await serve(page(302, { location: 'https://sso.example.com/login?state=abc' }));
    const done = await apply(at(server));
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('a redirect to https://sso.example.com');
    expect(done.stderr).not.toContain('state=abc');
    expect(server.seen).toHaveLength(1);
  });

  test('what answers without end is cut off', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('['.repeat(5 * 1024 * 1024));
    });
    expect((await apply(at(server))).code).toBe(1);
  });

  test('every command says so, and none sends a token or a password', async () => {
    await using server = await serve(page(404));
    for (const argv of commands(at(server))) {
      const done = await tranship(argv, {
        env: { TRANSHIP_QUAY_TOKEN: token, TRANSHIP_SOURCE_TOKEN: token, TRANSHIP_DESTINATION_TOKEN: token },
        input: 'password1\n',
      });
      expect([argv[1], done.code, done.stderr]).toEqual([argv[1], 1, expect.stringContaining('E_NOT_QUAY')]);
    }
    expect(server.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(server.seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });
});

describe('a server that fails for now', () => {
  test('behind a gateway is 75, not "no Quay"', async () => {
    await using server = await serve(page(500));
    const done = await apply(at(server));
    expect([done.code, done.stderr]).toEqual([75, expect.stringContaining('E_QUAY_SERVER')]);
  });

  test('that hangs up is 75', async () => {
    await using server = await serveRaw((socket) => socket.destroy());
    expect((await apply(at(server))).code).toBe(75);
  }, 20_000);
});

describe('a proxy that answers in the place of Quay', () => {
  const changes = (method: string) => method !== 'GET' && method !== 'HEAD';

  test('with a page and 200 to a change: nothing counts as done', async () => {
    await using server = await front((method) => (changes(method) ? page(200) : undefined));
    const done = await apply(at(server), '{payments: {}, stores: {}}');
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('a web page came back instead of an answer');
    expect(done.stdout).toBe('');
    expect(quay.writes).toEqual([]);
  });

  test.each([301, 302, 307, 308])('with %d to a change: it is not sent again', async (status) => {
    await using server = await front((method) =>
      changes(method) ? page(status, { location: '/api/v1/organization/payments' }) : undefined,
    );
    const done = await apply(at(server), '{payments: {}}');
    expect(done.code).not.toBe(0);
    expect(server.seen.filter(({ method }) => changes(method))).toHaveLength(1);
    expect(server.seen.filter(({ url }) => url === '/api/v1/organization/payments')).toHaveLength(1);
    expect(quay.writes).toEqual([]);
  });

  test('with a page to the reading of an organisation: it is not taken for absent', async () => {
    await using server = await front((_, path) => (path.startsWith('/api/v1/organization/') ? page(404) : undefined));
    const done = await apply(at(server));
    expect(done.code).not.toBe(0);
    expect(quay.writes).toEqual([]);
  });
});

describe('what stands where a token should', () => {
  test.each([
    ['a user and a password', 'admin:password1'],
    ['Basic credentials', 'Basic YWRtaW46cGFzc3dvcmQx'],
    ['a robot’s name', 'payments+ci'],
    ['two lines', 'abc\ndef'],
    ['a text that no header can carry', 'schlüssel-文'],
    ['blanks', '   '],
  ])('%s ends the run with 4 and is not repeated', async (_, text) => {
    const done = await apply(quay.url, organizations, { TRANSHIP_QUAY_TOKEN: text });
    expect([done.code, done.stderr]).toEqual([4, expect.stringContaining('E_QUAY_TOKEN')]);
    if (text.trim() !== '') expect(done.stdout + done.stderr).not.toContain(text);
    expect(quay.writes).toEqual([]);
  });

  test('the token with the line break that a Secret brings along is taken', async () => {
    expect((await apply(quay.url, organizations, { TRANSHIP_QUAY_TOKEN: `${token}\n` })).code).toBe(0);
  });
});

test('a team, a robot and a repository may have the name of what every object has', async () => {
  const declared =
    '{constructor: {teams: {constructor: {role: creator}}, robots: {constructor: {}}, repositories: {constructor: {}}}}';
  expect(await apply(quay.url, declared)).toMatchObject({ code: 0 });
  quay.clearLog();
  expect(await apply(quay.url, declared)).toMatchObject({ code: 0, stdout: '' });
  expect(quay.writes).toEqual([]);
});
