import { strict as assert } from 'node:assert';
import { group } from '../case.ts';
import { expectStatus, json } from '../expect.ts';
import { image } from '../samples.ts';
import { nextPage, pushManifest } from '../steps.ts';
import type { Target } from '../target.ts';
import type { Answer } from '../wire.ts';

/** The catalog of Docker's registry API, which the OCI specification leaves to each registry. */
export const catalog = group('catalog', {
  async 'names a repository that was pushed to'(registry) {
    const repository = registry.repository('catalog');
    await pushManifest(registry, repository, image({ layers: 0 }), 'v1');
    assert.ok((await all(registry, '')).includes(repository));
  },
  async 'does not name a repository that was only asked about'(registry) {
    const repository = registry.repository('catalog');
    await registry.send({ method: 'GET', path: `/v2/${repository}/tags/list` });
    assert.ok(!(await all(registry, '')).includes(repository));
  },
  async 'pages lead through all of it, in order, once each'(registry) {
    const names = await filled(registry, 5);
    const found = (await all(registry, `?n=2&last=${encodeURIComponent(before(names))}`)).filter((name) =>
      names.includes(name),
    );
    assert.deepEqual(found, names);
  },
  async 'n takes as many as it says'(registry) {
    await filled(registry, 3);
    const answer = await registry.send({ method: 'GET', path: '/v2/_catalog?n=2' });
    expectStatus(answer, 200);
    assert.equal(namesIn(answer).length, 2);
  },
  async 'last begins behind that name'(registry) {
    const names = await filled(registry, 3);
    const last = encodeURIComponent(names[0] ?? '');
    const answer = await registry.send({ method: 'GET', path: `/v2/_catalog?n=2&last=${last}` });
    assert.deepEqual(namesIn(answer), names.slice(1));
  },
});

/** Repositories that stand next to each other in the catalog. */
async function filled(registry: Target, count: number): Promise<readonly string[]> {
  const base = registry.repository('catalog');
  const names = Array.from({ length: count }, (_, at) => `${base}-${at}`);
  for (const name of names) await pushManifest(registry, name, image({ layers: 0 }), 'v1');
  return names;
}

function before(names: readonly string[]): string {
  return (names[0] ?? '').slice(0, -2);
}

async function all(registry: Target, query: string): Promise<readonly string[]> {
  const found: string[] = [];
  let path: string | undefined = `/v2/_catalog${query}`;
  for (let page = 0; path !== undefined && page < 2000; page++) {
    const answer: Answer = await registry.send({ method: 'GET', path });
    expectStatus(answer, 200);
    found.push(...namesIn(answer));
    path = nextPage(registry, answer);
  }
  return found;
}

function namesIn(answer: Answer): readonly string[] {
  return (json(answer) as { repositories: readonly string[] }).repositories;
}
