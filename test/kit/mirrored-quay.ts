/** A fake Quay with an owner, an organisation, tokens of any scopes and images: one side of a mirror. */
import { createHash } from 'node:crypto';
import { addToken } from './quay/auth/oauth.ts';
import { type FakeQuay, type FakeQuayOptions, startFakeQuay } from './quay/index.ts';

export interface MirroredQuay extends AsyncDisposable {
  readonly quay: FakeQuay;
  /** With every scope. */
  readonly token: string;
  /** A token of the owner with these scopes alone. */
  tokenWith(...scopes: string[]): string;
  /** Makes one API call with every right; throws unless it succeeds. */
  api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Pushes a small image and returns its digest. */
  push(repository: string, tag: string, text?: string): Promise<string>;
  tagsOf(repository: string): Promise<readonly string[]>;
  stateOf(repository: string): Promise<unknown>;
  mirrorOf(repository: string): Promise<Record<string, unknown>>;
}

export const owner = { username: 'owner', password: 'canary-pull-password', email: 'owner@example.com' };

export async function startMirroredQuay(options: FakeQuayOptions = {}, organization = 'acme'): Promise<MirroredQuay> {
  const quay = await startFakeQuay({ superUsers: [], ...options });
  let token = '';
  const api: MirroredQuay['api'] = async (method, path, body) => {
    const answer = await fetch(`${quay.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token !== '' && { authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  };
  token = String((await api('POST', '/user/initialize', { ...owner, access_token: true }))['access_token']);
  await api('POST', '/organization/', { name: organization, email: 'acme@example.com' });
  const user = quay.world.accounts.get(owner.username);
  if (user === undefined) throw new Error('the first user was made');
  quay.clearLog();
  return {
    quay,
    token,
    tokenWith: (...scopes) =>
      addToken(quay.world, { user, application: { clientId: 'test', name: 'test' }, organization, scopes }).token,
    api,
    push: (repository, tag, text = `${repository}:${tag}`) => push(quay, repository, tag, text),
    tagsOf: async (repository) => {
      const { tags } = await api('GET', `/repository/${repository}/tag/?onlyActiveTags=true`);
      return (tags as { name: string }[]).map(({ name }) => name).toSorted();
    },
    stateOf: async (repository) => (await api('GET', `/repository/${repository}?includeTags=false`))['state'],
    mirrorOf: (repository) => api('GET', `/repository/${repository}/mirror`),
    [Symbol.asyncDispose]: () => quay.close(),
  };
}

async function push(quay: FakeQuay, repository: string, tag: string, text: string): Promise<string> {
  const basic = Buffer.from(`${owner.username}:${owner.password}`).toString('base64');
  const scope = encodeURIComponent(`repository:${repository}:pull,push`);
  const granted = await fetch(`${quay.url}/v2/auth?service=registry&scope=${scope}`, {
    headers: { authorization: `Basic ${basic}` },
  });
  const authorization = `Bearer ${((await granted.json()) as { token: string }).token}`;
  const blob = async (content: string) => {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    await fetch(`${quay.url}/v2/${repository}/blobs/uploads/?digest=${digest}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/octet-stream' },
      body: content,
    });
    return { digest, size: content.length };
  };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const config = await blob(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' } }));
  const layer = await blob(text);
  const answer = await fetch(`${quay.url}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers: { authorization, 'content-type': mediaType },
    body: JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
    }),
  });
  if (answer.status !== 201) throw new Error(`push ${repository}:${tag}: ${answer.status} ${await answer.text()}`);
  return answer.headers.get('docker-content-digest') ?? '';
}
