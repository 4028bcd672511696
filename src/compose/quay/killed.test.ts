import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeQuay, startFakeQuay } from '../../../test/kit/quay/index.ts';
import { createHttp } from '../../http/client.ts';
import type { HttpClient } from '../../http/types.ts';
import { Secret } from '../../kit/secret.ts';
import { connectDeclared, loadDeclaration } from './declaration.ts';
import { applyQuay, planQuay } from './state.ts';

let quay: FakeQuay;
let http: HttpClient;
let folder: string;
let token: Secret;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-killed-'));
  http = createHttp({ settings: () => ({}), env: {}, userAgent: 'test' });
});
afterEach(async () => {
  await http.close();
  await rm(folder, { recursive: true, force: true });
});

/** What Quay makes in several calls is where a run can be cut in two. */
const declared = `users: {ben: {email: ben@example.com, enabled: false}}
organizations:
  payments:
    teams: {developers: {role: creator, members: [robot/ci]}}
    robots: {ci: {}}
    quota: {limit: 10GiB, warn: 80%, reject: 100%}
    default-permissions: [{grant: write, to: robot/ci}]
    applications: {automation: {}}
    repositories:
      api:
        permissions: {robot/ci: write}
        notifications: [{event: repo_push, method: webhook, config: {url: "https://hooks.example.com/q"}}]
        auto-prune: [{keep-newest: 50}]
      mirrored:
        mirror: {from: registry.example.com/a/b, tags: ["v*"], every: 10m, robot: ci, proxy: {https: "http://proxy.example.com:3128"}}
      frozen: {state: read-only}
`;

async function startServer(): Promise<void> {
  quay = await startFakeQuay();
  const answer = await fetch(`${quay.url}/api/v1/user/initialize`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'password1', email: 'a@example.com', access_token: true }),
  });
  token = new Secret(((await answer.json()) as { access_token: string }).access_token);
  await writeFile(join(folder, 'quay.yaml'), `version: 1\nserver: {url: "${quay.url}"}\n${declared}`);
  quay.clearLog();
}

const changesSomething = (method: string) => method !== 'GET' && method !== 'HEAD';

/** The process ends when the answer to this change is about to arrive: it was made, and nobody knows. */
function endingAt(last: number): HttpClient {
  let made = 0;
  const request: HttpClient['request'] = async (wanted) => {
    const answer = await http.request(wanted);
    if (changesSomething(wanted.method) && (made += 1) === last) throw new Error('killed');
    return answer;
  };
  return { ...http, request, close: () => Promise.resolve() };
}

async function apply(through: HttpClient) {
  const file = await loadDeclaration(join(folder, 'quay.yaml'));
  await using connection = await connectDeclared(file, { token, http: through });
  const plan = await planQuay(connection, file, { now: Date.now });
  return await applyQuay(connection, plan);
}

test('killed behind any of its changes, the next run does the rest, and the one after it nothing', async () => {
  await startServer();
  await apply(http);
  const all = quay.writes.length;
  expect(all).toBeGreaterThan(15);
  await quay.close();
  for (let last = 1; last <= all; last += 1) {
    await startServer();
    await expect(apply(endingAt(last))).rejects.toThrow('killed');
    expect(quay.writes).toHaveLength(last);
    const rest = await apply(http);
    expect([last, rest.filter(({ outcome }) => outcome !== 'done')]).toEqual([last, []]);
    expect([last, await apply(http)]).toEqual([last, []]);
    await quay.close();
  }
}, 60_000);
