/**
 * Whether a login may push to a repository, found out before anything is sent there. Quay refuses nobody a token for lack of
 * rights, it leaves the action out; and asked for push on a repository that does not exist, it makes it. So only repositories
 * that are there are asked about, and in a dry run nothing but the API is.
 */
import type { HttpClient } from '../../http/types.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { unlessForbidden } from '../forbidden.ts';
import type { RegistryLogin } from './login.ts';

/** The user name under which the API's token logs in to the registry. */
export const tokenLogin = '$oauthtoken';

export interface RightsQuestion extends CallOptions {
  /** `namespace/name`, of a repository that exists. */
  readonly repository: string;
  readonly dryRun: boolean;
}

/** False where it is certain that it may not. What cannot be found out counts as allowed: the push itself tells then. */
export async function mayPush(
  quay: QuayClient,
  http: HttpClient,
  login: RegistryLogin,
  { repository, dryRun, signal }: RightsQuestion,
): Promise<boolean> {
  const options = { signal };
  const isToken = login.username === tokenLogin;
  if (isToken && (await mayTokenWrite(quay, repository, options))) return true;
  if (!dryRun) return mayLoginPush(quay, http, login, repository, options);
  return !isToken || (await hasFullAccess(quay, options));
}

/** `can_write` heeds the token's scopes as well as its user's rights (recorded). */
async function mayTokenWrite(quay: QuayClient, repository: string, options: CallOptions): Promise<boolean> {
  const query = { includeTags: false };
  const asked = quay.find('getRepository', { ...options, parameters: { repository }, query });
  const view = await unlessForbidden(asked, 'forbidden');
  return view !== 'forbidden' && view?.can_write !== false;
}

/** Whether older builds show a superuser's full access in `can_write` was never recorded: then nothing is concluded from it. */
async function hasFullAccess(quay: QuayClient, options: CallOptions): Promise<boolean> {
  if (quay.features?.isOn('SUPERUSERS_FULL_ACCESS') !== true) return false;
  const asked = quay.call('listAllUsers', { ...options, query: { limit: 1 } });
  return (await unlessForbidden(asked, 'forbidden')) !== 'forbidden';
}

const largestAnswer = 64 * 1024;

async function mayLoginPush(
  { url, server }: Pick<QuayClient, 'url' | 'server'>,
  http: HttpClient,
  { username, password }: RegistryLogin,
  repository: string,
  { signal }: CallOptions,
): Promise<boolean> {
  const query = new URLSearchParams({ service: server, scope: `repository:${repository}:pull,push` });
  const answer = await http.request({
    method: 'GET',
    url: new URL(`/v2/auth?${query}`, url),
    headers: { accept: 'application/json' },
    authorization: password.map((text) => `Basic ${Buffer.from(`${username}:${text}`).toString('base64')}`),
    bodyLimit: largestAnswer,
    redirects: 'return',
    signal,
  });
  const actions = answer.status === 200 ? grantedActions(answer.body.toString('utf8')) : undefined;
  return actions === undefined || actions.includes('push') || actions.includes('*');
}

/** What the token in the answer is good for; `undefined` where it cannot be read. */
function grantedActions(answer: string): readonly unknown[] | undefined {
  const token = member(parsed(answer), 'token');
  const [, payload = ''] = typeof token === 'string' ? token.split('.') : [];
  const access = member(parsed(Buffer.from(payload, 'base64url').toString('utf8')), 'access');
  const actions = Array.isArray(access) ? member(access[0], 'actions') : undefined;
  return Array.isArray(actions) ? actions : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
