import { addToken } from './quay/auth/oauth.ts';
import { type FakeQuay, type FakeQuayOptions, startFakeQuay } from './quay/index.ts';
import { addUser, findUser } from './quay/model/accounts.ts';
import { putImage } from './quay-images.ts';

/** A Quay with the token of its first user, who may do everything. */
export interface QuaySide extends AsyncDisposable {
  readonly quay: FakeQuay;
  readonly token: string;
  /** One call as the first user. Throws for a refusal. */
  api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  organization(name: string): Promise<void>;
  repository(
    name: string,
    more?: { readonly visibility?: 'public' | 'private'; readonly description?: string },
  ): Promise<void>;
  /** Puts a small image of its own behind each tag; the repository is made where it is missing. Returns the digests. */
  push(
    repository: string,
    tags: readonly string[],
    content?: string,
    labels?: Readonly<Record<string, string>>,
  ): readonly string[];
  /** A token of these scopes, of a user who is made where there is none of that name. */
  tokenOf(user: string, scopes: string): string;
  /** What tags name now. */
  tags(repository: string): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>;
}

export async function startQuaySide(options: FakeQuayOptions = {}): Promise<QuaySide> {
  const quay = await startFakeQuay(options);
  let token = '';
  const api = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${quay.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  };
  const user = { username: 'admin', password: 'password1', email: 'admin@example.com', access_token: true };
  token = String((await api('POST', '/user/initialize', user))['access_token']);
  return {
    quay,
    token,
    api,
    async organization(name) {
      await api('POST', '/organization/', { name, email: `${name}@example.com` });
    },
    async repository(name, { visibility = 'private', description = '' } = {}) {
      const [namespace, ...rest] = name.split('/');
      await api('POST', '/repository', { namespace, repository: rest.join('/'), visibility, description });
    },
    push(repository, tags, content = '', labels = {}) {
      const owner = user.username;
      return tags.map((tag) => putImage(quay.world, repository, owner, { tag, content, labels }));
    },
    tokenOf(name, scopes) {
      const { world } = quay;
      const person = findUser(world, name) ?? addUser(world, { username: name, email: `${name}@example.com` });
      const application = { clientId: 'TESTS', name: 'tests' };
      return addToken(world, { user: person, application, organization: 'holders', scopes: scopes.split(' ') }).token;
    },
    async tags(repository) {
      const { tags } = (await api(
        'GET',
        `/repository/${repository}/tag/?onlyActiveTags=true&limit=100`,
      )) as unknown as {
        tags: { name: string }[];
      };
      return new Map(tags.map((tag) => [tag.name, tag]));
    },
    [Symbol.asyncDispose]: () => quay.close(),
  };
}

export interface Pair extends AsyncDisposable {
  readonly source: QuaySide;
  readonly destination: QuaySide;
  /** Tokens as the commands look for them. */
  readonly env: Readonly<Record<string, string>>;
  clearLogs(): void;
}

export async function startQuayPair(
  options: FakeQuayOptions = {},
  destinationOptions: FakeQuayOptions = options,
): Promise<Pair> {
  const [source, destination] = await Promise.all([startQuaySide(options), startQuaySide(destinationOptions)]);
  return {
    source,
    destination,
    env: { TRANSHIP_SOURCE_TOKEN: source.token, TRANSHIP_DESTINATION_TOKEN: destination.token },
    clearLogs() {
      source.quay.clearLog();
      destination.quay.clearLog();
    },
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      await destination[Symbol.asyncDispose]();
    },
  };
}
