/**
 * The abilities of the Python classes that this library replaces, with results that say what is so. Every call throws a
 * `TranshipError` where it could not be found out; nothing ends the process. The guide maps each old name to one of these.
 */
import { TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { parseQuayAddress } from '../../quay/address.ts';
import type { QuayClient } from '../../quay/client.ts';
import { repositoriesOf, tagsOf } from '../../quay/pages.ts';
import { listens, type ReachOptions, resolves } from '../../quay/reach.ts';
import type { ProxyCache, Robot, Tag } from '../../quay/replies.ts';
import { connectQuay, type QuayConnectOptions } from './connect.ts';

/** Asked before a run: does the name resolve, does something listen on the port of the address? */
export interface PreflightChecker {
  checkDns(server: string): Promise<boolean>;
  checkPort(server: string, options?: ReachOptions): Promise<boolean>;
}

export const preflightChecker: PreflightChecker = {
  checkDns: (server) => resolves(parseQuayAddress(server)),
  checkPort: (server, options) => listens(parseQuayAddress(server), options),
};

export interface ProxyCacheSettings {
  readonly upstream_registry: string;
  readonly upstream_registry_username?: string;
  readonly upstream_registry_password?: string;
  readonly expiration_s?: number;
  readonly insecure?: boolean;
}

/** A robot of an organisation, or without one of the token's user. */
export interface RobotPlace {
  readonly robot: string;
  readonly organization?: string;
}

export interface QuayApi extends AsyncDisposable {
  /** Typed calls of every endpoint, for what has no method here. */
  readonly client: QuayClient;
  /** `organization`, or `organization/repository`. True where it exists. */
  exists(name: string, options?: CallOptions): Promise<boolean>;
  /** False where it was there. */
  createOrganization(name: string, options?: CallOptions): Promise<boolean>;
  repositories(organization: string, options?: CallOptions): Promise<readonly string[]>;
  /** Every living tag. */
  tagInfo(repository: string, options?: CallOptions): Promise<readonly Tag[]>;
  /** Nothing where none is configured. */
  proxyCache(organization: string, options?: CallOptions): Promise<ProxyCache | undefined>;
  createProxyCache(organization: string, settings: ProxyCacheSettings, options?: CallOptions): Promise<void>;
  /** False where there was none. */
  deleteProxyCache(organization: string, options?: CallOptions): Promise<boolean>;
  robot(place: RobotPlace, options?: CallOptions): Promise<Robot | undefined>;
  createRobot(place: RobotPlace & { readonly description?: string }, options?: CallOptions): Promise<Robot>;
  /** False where there was none. */
  deleteRobot(place: RobotPlace, options?: CallOptions): Promise<boolean>;
}

/** Connects, finds out what the server can do, and offers its API. */
export async function openQuayApi(options: QuayConnectOptions): Promise<QuayApi> {
  const connection = await connectQuay(options);
  const { quay } = connection;
  return {
    client: quay,
    exists: async (name, call = {}) => (await lookUp(quay, name, call)) !== undefined,
    async createOrganization(name, call = {}) {
      if ((await lookUp(quay, name, call)) !== undefined) return false;
      await quay.call('createOrganization', { ...call, body: { name } });
      return true;
    },
    repositories: async (organization, call = {}) =>
      (await Array.fromAsync(repositoriesOf(quay, organization, call))).map(
        (entry) => `${entry.namespace}/${entry.name}`,
      ),
    tagInfo: (repository, call = {}) => Array.fromAsync(tagsOf(quay, repository, call)),
    proxyCache: (organization, call = {}) => proxyCacheOf(quay, organization, call),
    createProxyCache: async (organization, settings, call = {}) => {
      // Older Quays want the name in the body, too.
      const body = { org_name: organization, ...settings };
      await quay.call('createProxyCache', { ...call, parameters: { organization }, body });
    },
    async deleteProxyCache(organization, call = {}) {
      if ((await proxyCacheOf(quay, organization, call)) === undefined) return false;
      await quay.call('deleteProxyCache', { ...call, parameters: { organization } });
      return true;
    },
    robot: (place, call = {}) => robotAt(quay, place, call),
    createRobot: ({ organization, robot, description = '' }, call = {}) =>
      organization === undefined
        ? quay.call('createUserRobot', { ...call, parameters: { robot }, body: { description } })
        : quay.call('createRobot', { ...call, parameters: { organization, robot }, body: { description } }),
    async deleteRobot(place, call = {}) {
      if ((await robotAt(quay, place, call)) === undefined) return false;
      const { organization, robot } = place;
      if (organization === undefined) await quay.call('deleteUserRobot', { ...call, parameters: { robot } });
      else await quay.call('deleteRobot', { ...call, parameters: { organization, robot } });
      return true;
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

function lookUp(quay: QuayClient, name: string, call: CallOptions): Promise<object | undefined> {
  if (name === '') throw new TranshipError('E_QUAY_NAME', 'usage', 'A name is empty');
  return name.includes('/')
    ? quay.find('getRepository', { ...call, parameters: { repository: name }, query: { includeTags: false } })
    : quay.find('getOrganization', { ...call, parameters: { organization: name } });
}

async function proxyCacheOf(
  quay: QuayClient,
  organization: string,
  call: CallOptions,
): Promise<ProxyCache | undefined> {
  const found = await quay.find('getProxyCache', { ...call, parameters: { organization } });
  // Quay answers "none" with three empty texts.
  return (found?.upstream_registry ?? '') === '' ? undefined : found;
}

function robotAt(quay: QuayClient, { organization, robot }: RobotPlace, call: CallOptions): Promise<Robot | undefined> {
  return organization === undefined
    ? quay.find('getUserRobot', { ...call, parameters: { robot } })
    : quay.find('getRobot', { ...call, parameters: { organization, robot } });
}

/** What a configuration says of robots: any key → name, kind, organisation. */
export type RobotConfig = Readonly<Record<string, { name: string; type: 'org' | 'personal'; org_name?: string }>>;

/** The configuration-driven versions: one entry's failure is thrown, those before it are done. */
export interface QuayManagement {
  /** Makes what is missing; an existing one is replaced only with `overwrite`. The names of what was made. */
  addProxyCaches(
    config: Readonly<Record<string, ProxyCacheSettings & { org_name: string }>>,
    options?: CallOptions & { readonly overwrite?: boolean },
  ): Promise<readonly string[]>;
  addRobots(config: RobotConfig, options?: CallOptions): Promise<readonly string[]>;
  /** Robot name → whether it exists. */
  robots(config: RobotConfig, options?: CallOptions): Promise<Readonly<Record<string, boolean>>>;
  deleteRobots(config: RobotConfig, options?: CallOptions): Promise<readonly string[]>;
}

export function quayManagement(api: QuayApi): QuayManagement {
  return {
    async addProxyCaches(config, { overwrite = false, ...call } = {}) {
      const made: string[] = [];
      for (const { org_name: organization, ...settings } of Object.values(config)) {
        const there = await api.proxyCache(organization, call);
        if (there !== undefined && !overwrite) continue;
        if (there !== undefined) await api.deleteProxyCache(organization, call);
        await api.createProxyCache(organization, settings, call);
        made.push(organization);
      }
      return made;
    },
    async addRobots(config, call) {
      const made: string[] = [];
      for (const place of Object.values(config).map(placeOf)) {
        if ((await api.robot(place, call)) === undefined) made.push((await api.createRobot(place, call)).name);
      }
      return made;
    },
    async robots(config, call) {
      const found: Record<string, boolean> = {};
      for (const place of Object.values(config).map(placeOf)) {
        found[shownName(place)] = (await api.robot(place, call)) !== undefined;
      }
      return found;
    },
    async deleteRobots(config, call) {
      const gone: string[] = [];
      for (const place of Object.values(config).map(placeOf)) {
        if (await api.deleteRobot(place, call)) gone.push(shownName(place));
      }
      return gone;
    },
  };
}

function placeOf({ name, type, org_name }: RobotConfig[string]): RobotPlace {
  if (type === 'personal') return { robot: name };
  if (org_name !== undefined && org_name !== '') return { robot: name, organization: org_name };
  throw new TranshipError('E_USAGE', 'usage', `The robot ${name} is an organisation's, and org_name is missing`);
}

function shownName({ organization, robot }: RobotPlace): string {
  return organization === undefined ? robot : `${organization}+${robot}`;
}
