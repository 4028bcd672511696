/** Looks at both sides of an organisation's mirrors. Only reads. */
import { eachBounded } from '../../kit/bounded.ts';
import { isTranshipError, type TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { robotName } from '../declared/principal.ts';
import { isForbidden, unlessForbidden } from '../forbidden.ts';
import { repositoriesOf } from '../pages.ts';
import type { Mirror, OrganizationView, RepositoryEntry, RepositoryState } from '../replies.ts';
import { type MirrorSetup, referenceOf, shortName } from './setup.ts';

export interface MirrorSurvey {
  /** Every repository of the source, in the order of its API; those that the setup does not select too. */
  readonly source: readonly RepositoryEntry[];
  readonly destination: OrganizationView;
  /** Names of those that take part, in the source's order, with what stands at the destination. */
  readonly found: ReadonlyMap<string, Found>;
  readonly robot: RobotFound;
  /** How many repositories the destination shows in the organisation. */
  readonly held: number;
  /** Mirrors of this very source whose repository is not listed there any more. */
  readonly gone: readonly GoneSource[];
}

interface GoneSource {
  readonly name: string;
  /** The source said that there is none. Otherwise it may only be hidden from the token. */
  readonly certain: boolean;
}

/** What stands at the destination under a repository's name. */
export type Found =
  | { readonly kind: 'absent' }
  /** It cannot be told whether it is there, or what it is. */
  | { readonly kind: 'unreadable'; readonly error: TranshipError }
  | FoundRepository;

export interface FoundRepository {
  readonly kind: 'there';
  readonly state: RepositoryState;
  readonly isPublic: boolean;
  readonly description: string;
  readonly mirror?: Mirror;
  /** Whether it holds tags. Only looked at where mirroring would begin to delete some. */
  readonly holdsTags?: boolean;
}

export interface RobotFound {
  /** In full: `payments+mirror`. */
  readonly name: string;
  /** `undefined`: the token may not see the robots. */
  readonly exists: boolean | undefined;
  /** Names of the repositories where it has a permission of its own. */
  readonly repositories?: ReadonlySet<string>;
  /** `undefined`: the token may not see the default permissions. */
  readonly hasDefaultPermission: boolean | undefined;
}

/** Requests at the same time: what Quay's own proxy lets through without refusing some. */
const parallelReads = 8;

export interface SurveyOptions extends CallOptions {
  /** The source's calls are made without a token. */
  readonly anonymousSource?: boolean;
}

export async function survey(
  source: QuayClient,
  destination: QuayClient,
  setup: MirrorSetup,
  view: OrganizationView,
  options: SurveyOptions = {},
): Promise<MirrorSurvey> {
  const listed = await listSource(source, setup.source.organization, options);
  const there = new Map<string, RepositoryEntry>();
  for await (const entry of repositoriesOf(destination, setup.organization, options)) there.set(entry.name, entry);
  const wanted = listed.map(({ name }) => name).filter((name) => setup.selects?.(name) ?? true);
  const found = await eachBounded(wanted, parallelReads, async (name) => {
    return [name, await look(destination, setup.organization, name, there.get(name), view, options)] as const;
  });
  return {
    source: listed,
    destination: view,
    held: there.size,
    found: new Map(found),
    robot: await findRobot(destination, setup, view, options),
    gone: await findGone(source, destination, setup, new Set(listed.map(({ name }) => name)), there, options),
  };
}

/** A stranger is shown what is public, and only when that is asked for. */
async function listSource(
  source: QuayClient,
  organization: string,
  { anonymousSource = false, signal }: SurveyOptions,
): Promise<RepositoryEntry[]> {
  const listed = await Array.fromAsync(repositoriesOf(source, organization, { signal, public: anonymousSource }));
  const all =
    listed.length > 0 || anonymousSource
      ? listed
      : await Array.fromAsync(repositoriesOf(source, organization, { signal, public: true }));
  return all.filter(({ kind }) => kind === undefined || kind === null || kind === 'image');
}

async function look(
  quay: QuayClient,
  organization: string,
  name: string,
  entry: RepositoryEntry | undefined,
  view: OrganizationView,
  options: CallOptions,
): Promise<Found> {
  const repository = `${organization}/${name}`;
  try {
    const shown = await find(quay, repository, entry, view, options);
    if (shown === undefined) return { kind: 'absent' };
    const state = shown.state ?? 'NORMAL';
    const there = { kind: 'there', state, isPublic: shown.is_public ?? false, description: shown.description ?? '' };
    if (state !== 'NORMAL' && state !== 'MIRROR') return there as FoundRepository;
    const mirror = await quay.find('getMirror', { parameters: { repository }, ...options });
    return {
      ...(there as FoundRepository),
      ...(mirror && { mirror }),
      ...(state === 'NORMAL' && { holdsTags: await holdsTags(quay, repository, options) }),
    };
  } catch (error) {
    if (!isTranshipError(error) || error.failure === 'cancelled') throw error;
    return { kind: 'unreadable', error: error.at('destination', repository) };
  }
}

/**
 * Quay says 404 only to those with rights in the namespace, and 403 to the others, whether or not there is a repository. So
 * 403 means "absent" only where the token is known to have such rights.
 */
async function find(
  quay: QuayClient,
  repository: string,
  entry: RepositoryEntry | undefined,
  view: OrganizationView,
  options: CallOptions,
): Promise<Pick<RepositoryEntry, 'state' | 'is_public' | 'description'> | undefined> {
  if (entry !== undefined) return entry;
  try {
    return await quay.find('getRepository', {
      parameters: { repository },
      query: { includeTags: false },
      ...options,
    });
  } catch (error) {
    const mayRead = view.is_member || view.is_admin;
    if (isForbidden(error) && mayRead) return undefined;
    throw error;
  }
}

async function holdsTags(quay: QuayClient, repository: string, options: CallOptions): Promise<boolean> {
  const { tags } = await quay.call('listTags', {
    parameters: { repository },
    query: { limit: 1, onlyActiveTags: true },
    ...options,
  });
  return tags.length > 0;
}

async function findRobot(
  quay: QuayClient,
  setup: MirrorSetup,
  view: OrganizationView,
  options: CallOptions,
): Promise<RobotFound> {
  const { organization } = setup;
  const name = robotName(shortName(setup.robot), organization);
  const robots = await unlessForbidden(
    quay.call('listRobots', { parameters: { organization }, query: { permissions: true, token: false }, ...options }),
    undefined,
  );
  const prototypes = view.is_admin
    ? await unlessForbidden(quay.call('listPrototypes', { parameters: { organization }, ...options }), undefined)
    : undefined;
  const robot = robots?.robots.find((one) => one.name === name);
  const permitted = robot?.repositories?.map((one) => repositoryNameOf(one));
  return {
    name,
    exists: robots && robot !== undefined,
    ...(permitted && { repositories: new Set(permitted) }),
    hasDefaultPermission:
      prototypes &&
      prototypes.prototypes.some(
        ({ delegate, role, activating_user }) =>
          delegate.name === name && (role === 'write' || role === 'admin') && !activating_user,
      ),
  };
}

function repositoryNameOf(entry: unknown): string {
  return typeof entry === 'string' ? entry : '';
}

/** Only what reads from this source under the same name is ours to speak of. */
async function findGone(
  source: QuayClient,
  destination: QuayClient,
  setup: MirrorSetup,
  listed: ReadonlySet<string>,
  there: ReadonlyMap<string, RepositoryEntry>,
  options: CallOptions,
): Promise<GoneSource[]> {
  const candidates = [...there.values()].filter(
    ({ name, state }) => state === 'MIRROR' && !listed.has(name) && (setup.selects?.(name) ?? true),
  );
  const looked = await eachBounded(candidates, parallelReads, async ({ name }) => {
    const at = { parameters: { repository: `${setup.organization}/${name}` }, ...options };
    const mirror = await unlessForbidden(destination.find('getMirror', at), undefined);
    if (mirror?.external_reference !== referenceOf(setup.source, name)) return [];
    const visible = await sourceOf(source, `${setup.source.organization}/${name}`, options);
    return visible === 'there' ? [] : [{ name, certain: visible === 'absent' }];
  });
  return looked.flat();
}

/** A repository that the token's user may not see any more is missing from the listing too. */
async function sourceOf(
  source: QuayClient,
  repository: string,
  options: CallOptions,
): Promise<'there' | 'absent' | 'hidden'> {
  try {
    const query = { includeTags: false };
    const view = await source.find('getRepository', { parameters: { repository }, query, ...options });
    return view === undefined ? 'absent' : 'there';
  } catch (error) {
    if (isTranshipError(error) && error.failure === 'auth') return 'hidden';
    throw error;
  }
}
