import { strict as assert } from 'node:assert';
import { type Case, group } from '../case.ts';
import { freshBlob } from '../content.ts';
import { errorCodes, expectRefused, expectStatus, header, json } from '../expect.ts';
import { image } from '../samples.ts';
import { getManifest, pushBlob, pushManifest } from '../steps.ts';
import { Target } from '../target.ts';
import type { Answer } from '../wire.ts';

/** RFC 7617 and the distribution project's token protocol, against registries that ask for a password or a token. */
export const authentication: readonly Case[] = [
  ...group(
    'basic authentication',
    {
      async 'without credentials every endpoint is 401 with a challenge'(registry) {
        const [repository, digest] = [registry.repository(), freshBlob().digest];
        const paths = [
          '/v2/',
          `/v2/${repository}/tags/list`,
          `/v2/${repository}/blobs/${digest}`,
          `/v2/${repository}/manifests/x`,
          '/v2/_catalog',
        ];
        for (const path of paths) {
          const answer = await registry.send({ method: 'GET', path });
          expectStatus(answer, 401);
          assert.match(header(answer, 'www-authenticate'), /^basic realm=/i);
        }
      },
      async 'the 401 has the specification’s body'(registry) {
        assert.deepEqual(errorCodes(await registry.send({ method: 'GET', path: '/v2/' })), ['UNAUTHORIZED']);
      },
      async 'a write without credentials is 401 and stores nothing'(registry) {
        const answer = await registry.send({ method: 'POST', path: `/v2/${registry.repository()}/blobs/uploads/` });
        expectStatus(answer, 401);
      },
      async 'a wrong password is 401'(registry) {
        expectStatus(await signedIn(registry, { password: 'wrong' }).send({ method: 'GET', path: '/v2/' }), 401);
      },
      async 'an unknown user is 401'(registry) {
        expectStatus(await signedIn(registry, { username: 'nobody' }).send({ method: 'GET', path: '/v2/' }), 401);
      },
      async 'an Authorization that is no base64 is 401'(registry) {
        const headers = { authorization: 'Basic !!!' };
        expectStatus(await registry.send({ method: 'GET', path: '/v2/', headers }), 401);
      },
      async 'another scheme is 401'(registry) {
        const headers = { authorization: 'Digest username="x"' };
        expectStatus(await registry.send({ method: 'GET', path: '/v2/', headers }), 401);
      },
      async 'the scheme in any case is understood'(registry) {
        const headers = { authorization: basic(registry).replace('Basic', 'bAsIc') };
        expectStatus(await registry.send({ method: 'GET', path: '/v2/' }), 401);
        expectStatus(await registry.send({ method: 'GET', path: '/v2/', headers }), 200);
      },
      async 'the right password opens everything'(registry) {
        using inside = signedIn(registry);
        const [repository, manifest] = [registry.repository(), image()];
        await pushManifest(inside, repository, manifest, 'v1');
        expectStatus(await getManifest(inside, repository, 'v1'), 200);
        expectStatus(await getManifest(registry, repository, 'v1'), 401);
      },
    },
    'basic-auth',
  ),
  ...group(
    'token authentication',
    {
      async 'the challenge names realm and service'(registry) {
        const { realm, service } = await challenge(registry, '/v2/');
        assert.ok(realm !== undefined && URL.canParse(realm));
        assert.ok(service !== undefined && service.length > 0);
      },
      async 'the challenge of a pull names its scope'(registry) {
        const repository = registry.repository();
        const { scope } = await challenge(registry, `/v2/${repository}/manifests/v1`);
        assert.equal(scope, `repository:${repository}:pull`);
      },
      async 'a token lets its bearer push and pull what it was made for'(registry) {
        const repository = registry.repository();
        using inside = await withToken(registry, `repository:${repository}:pull,push`);
        await pushManifest(inside, repository, image(), 'v1');
        expectStatus(await getManifest(inside, repository, 'v1'), 200);
      },
      async 'a token for one repository opens no other'(registry) {
        using inside = await withToken(registry, `repository:${registry.repository()}:pull,push`);
        const answer = await getManifest(inside, registry.repository(), 'v1');
        expectStatus(answer, 401, 403);
      },
      async 'a token for pulling does not push'(registry) {
        const repository = registry.repository();
        using inside = await withToken(registry, `repository:${repository}:pull`);
        const answer = await inside.send({ method: 'POST', path: `/v2/${repository}/blobs/uploads/` });
        expectStatus(answer, 401, 403);
      },
      async 'a token for pushing does not delete'(registry) {
        const [repository, manifest] = [registry.repository(), image()];
        using inside = await withToken(registry, `repository:${repository}:pull,push`);
        await pushManifest(inside, repository, manifest, 'v1');
        const answer = await inside.send({ method: 'DELETE', path: `/v2/${repository}/manifests/${manifest.digest}` });
        expectStatus(answer, 401, 403);
      },
      async 'a mount needs to pull its source'(registry) {
        const [from, to, blob] = [registry.repository(), registry.repository(), freshBlob()];
        using owner = await withToken(registry, `repository:${from}:pull,push`);
        await pushBlob(owner, from, blob);
        using stranger = await withToken(registry, `repository:${to}:pull,push`);
        const answer = await stranger.send({
          method: 'POST',
          path: `/v2/${to}/blobs/uploads/?mount=${blob.digest}&from=${from}`,
        });
        expectStatus(answer, 202, 401, 403);
        const anonymous = await stranger.send({
          method: 'POST',
          path: `/v2/${to}/blobs/uploads/?mount=${blob.digest}`,
        });
        expectStatus(anonymous, 202, 401, 403);
      },
      async 'a token that nobody made is 401'(registry) {
        const headers = { authorization: 'Bearer abc.def.ghi' };
        expectStatus(await registry.send({ method: 'GET', path: '/v2/', headers }), 401);
      },
      async 'a token with its signature changed is 401'(registry) {
        const token = await tokenFor(registry, 'repository:a:pull');
        const [head, claims, signature = ''] = token.split('.');
        const forged = `${head}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
        expectStatus(
          await registry.send({ method: 'GET', path: '/v2/', headers: { authorization: `Bearer ${forged}` } }),
          401,
        );
      },
      async 'a token that claims no algorithm is 401'(registry) {
        const [, claims] = (await tokenFor(registry, 'repository:a:pull')).split('.');
        const head = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
        const headers = { authorization: `Bearer ${head}.${claims}.` };
        expectStatus(await registry.send({ method: 'GET', path: '/v2/', headers }), 401);
      },
      async 'a wrong password gets no token for pushing'(registry) {
        const answer = await askToken(registry, 'repository:a:pull,push', basic(registry, { password: 'wrong' }));
        expectRefused(answer);
      },
      async 'the answer tells how long the token lives'(registry) {
        const answer = await askToken(registry, 'repository:a:pull', basic(registry));
        const { expires_in: seconds } = json(answer) as { expires_in?: number };
        assert.ok(seconds === undefined || seconds > 0);
      },
    },
    'token-auth',
  ),
];

interface Login {
  readonly username?: string;
  readonly password?: string;
}

function basic(registry: Target, other: Login = {}): string {
  const { username = '', password = '' } = { ...registry.options, ...other };
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function signedIn(registry: Target, other: Login = {}): Target {
  return new Target({ ...registry.options, headers: { authorization: basic(registry, other) } });
}

async function challenge(registry: Target, path: string): Promise<Partial<Record<string, string>>> {
  const answer = await registry.send({ method: 'GET', path });
  expectStatus(answer, 401);
  const text = header(answer, 'www-authenticate');
  assert.match(text, /^bearer /i);
  return Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
}

async function askToken(registry: Target, scope: string, authorization: string): Promise<Answer> {
  const { realm = '', service = '' } = await challenge(registry, '/v2/');
  const url = new URL(realm, registry.options.origin);
  const query = new URLSearchParams({ service, scope });
  return await registry.send({ method: 'GET', path: `${url.pathname}?${query}`, headers: { authorization } });
}

async function tokenFor(registry: Target, scope: string): Promise<string> {
  const answer = await askToken(registry, scope, basic(registry));
  expectStatus(answer, 200);
  const { token, access_token: alias } = json(answer) as { token?: string; access_token?: string };
  return token ?? alias ?? assert.fail('the answer holds no token');
}

async function withToken(registry: Target, scope: string): Promise<Target> {
  const token = await tokenFor(registry, scope);
  return new Target({ ...registry.options, headers: { authorization: `Bearer ${token}` } });
}
