/** The events of runs that never were: told step by step for a test, or made up by the thousand. */
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import type { TagName } from '../../src/oci/names.ts';
import type { BlockedItem, FailedTag, PlanItem, RepositoryPlan, TransferBytes } from '../../src/plan/types.ts';
import type { Event, Failure } from '../../src/report/events.ts';
import { seededRandom } from './random.ts';

export const runStart = Date.parse('2026-11-24T03:00:00Z');

export function madeDigest(text: string): Digest {
  return digestOf(Buffer.from(text));
}

interface ItemWish {
  readonly tag: string;
  readonly action?: PlanItem['action'];
  readonly reason?: string;
  readonly bytes?: TransferBytes;
  readonly why?: BlockedItem['why'];
}

export interface PlanWish {
  readonly stage?: string;
  readonly repository?: string;
  readonly from?: string;
  readonly to?: string;
  readonly items?: readonly ItemWish[];
  readonly same?: number;
  readonly trusted?: number;
  readonly warnings?: readonly string[];
  readonly failedTags?: readonly { readonly tag: string; readonly failure: Failure }[];
  readonly failure?: Failure;
}

/** A plan of one repository pair: from `hub.example.com` to `standby.example.com` unless wished otherwise. */
export function madePlan(wish: PlanWish = {}): RepositoryPlan {
  const { stage = 'base', repository = 'apps/api', from = 'hub.example.com', to = 'standby.example.com' } = wish;
  const place = (host: string) => ({ registry: host, location: `${host}/${repository}`, repository });
  return {
    stage,
    source: place(from),
    destination: place(to),
    items: (wish.items ?? []).map(madeItem),
    same: wish.same ?? 0,
    trusted: wish.trusted ?? 0,
    warnings: wish.warnings ?? [],
    ...(wish.failedTags && { failedTags: wish.failedTags.map(madeFailedTag) }),
    ...(wish.failure && { failure: wish.failure }),
  };
}

function madeFailedTag({ tag, failure }: { readonly tag: string; readonly failure: Failure }): FailedTag {
  return { tag: tag as TagName, target: tag as TagName, failure };
}

function madeItem({ tag, action = 'copy', reason, bytes, why = 'immutable' }: ItemWish): PlanItem {
  const target = tag as TagName;
  const previous = madeDigest(`before ${tag}`);
  const transfer = { tag: target, target, digest: madeDigest(tag), ...(bytes && { bytes }) };
  switch (action) {
    case 'copy':
      return { action, ...transfer, reason: reason ?? 'new' };
    case 'update':
      return { action, ...transfer, previous, reason: reason ?? 'moved at the source' };
    case 'prune':
      return { action, target, previous, reason: reason ?? 'gone from the source for 9 days' };
    case 'blocked': {
      const because = reason ?? 'immutable at the destination with other content';
      return { action, tag: target, target, digest: transfer.digest, previous, why, reason: because };
    }
  }
}

export interface CopyWish {
  readonly outcome?: 'copied' | 'updated' | 'same';
  readonly moved?: number;
  readonly mounted?: number;
  readonly present?: number;
  readonly referrers?: number;
  readonly milliseconds?: number;
}

/** Tells a run. Time passes only where a step says so. */
export class ToldRun {
  readonly events: Event[] = [];
  now = runStart;

  tell(event: { readonly [K in Event['type']]: Omit<Extract<Event, { type: K }>, 'at'> }[Event['type']]): this {
    this.events.push({ ...event, at: this.now } as Event);
    return this;
  }

  after(milliseconds: number): this {
    this.now += milliseconds;
    return this;
  }

  start(dryRun = false): this {
    return this.tell({ type: 'run-started', run: 'run-1', intent: 'tranship.yaml', dryRun });
  }

  plan(wish: PlanWish = {}): this {
    return this.tell({ type: 'repository-planned', plan: madePlan(wish) });
  }

  begin(name: CopyName): this {
    const { stage = 'base', source, destination } = placesOf(name);
    return this.tell({ type: 'copy-started', copy: `${source} → ${destination}`, source, destination, stage });
  }

  copy(name: CopyName, wish: CopyWish = {}): this {
    const { source, destination, tag } = placesOf(name);
    const { outcome = 'copied', moved = 1000, mounted = 0, present = 0, referrers = 0, milliseconds = 100 } = wish;
    return this.begin(name)
      .after(milliseconds)
      .tell({
        type: 'copy-finished',
        copy: `${source} → ${destination}`,
        digest: madeDigest(tag),
        outcome,
        ...(outcome === 'updated' && { previous: madeDigest(`before ${tag}`) }),
        bytesMoved: moved,
        bytesMounted: mounted,
        bytesPresent: present,
        referrers,
      });
  }

  fail(name: CopyName, error: Failure = unavailable): this {
    const { source, destination } = placesOf(name);
    return this.begin(name)
      .after(50)
      .tell({ type: 'copy-failed', copy: `${source} → ${destination}`, error });
  }

  request(host: string, method: string, path: string, received = 100, sent = 0): this {
    return this.tell({
      type: 'request',
      host,
      method,
      url: `https://${host}${path}`,
      status: 200,
      attempt: 1,
      milliseconds: 3,
      sentBytes: sent,
      receivedBytes: received,
    });
  }

  finish(exitCode: number): this {
    return this.tell({ type: 'run-finished', exitCode });
  }
}

export interface CopyName {
  readonly tag: string;
  readonly stage?: string;
  readonly repository?: string;
  readonly from?: string;
  readonly to?: string;
}

function placesOf(name: CopyName) {
  const { tag, stage, repository = 'apps/api', from = 'hub.example.com', to = 'standby.example.com' } = name;
  return {
    tag,
    ...(stage !== undefined && { stage }),
    source: `${from}/${repository}:${tag}`,
    destination: `${to}/${repository}:${tag}`,
  };
}

export const unavailable: Failure = {
  code: 'E_UNAVAILABLE',
  failure: 'temporary',
  message: 'The registry could not be reached',
  side: 'destination',
  subject: 'standby.example.com',
  serverSaid: '503 upstream connect error',
  hint: 'Try again later; the run goes on where it ended.',
};

export const denied: Failure = {
  code: 'E_DENIED',
  failure: 'auth',
  message: 'The push was denied',
  side: 'destination',
  subject: 'standby.example.com/apps/api',
  serverSaid: 'requires push for robot payments+mirror',
  hint: 'Run `tranship login standby.example.com`, or give the robot payments+mirror the right to write.',
};

export interface MadeRun {
  readonly repositories: number;
  readonly tags: number;
  /** Parts of all copies that fail, from 0 to 1. */
  readonly failing?: number;
  readonly seed?: number;
  readonly lanes?: number;
}

const names = ['api', 'web', 'worker', 'gateway', 'billing', 'search', 'mailer', 'reports', 'auth', 'ledger'];
const teams = ['apps', 'payments', 'platform/base', 'data', 'edge'];

/** A run of any size in which everything happens that can: copies of all sizes in lanes beside each other, and failures. */
export function madeRun({ repositories, tags, failing = 0, seed = 7, lanes = 8 }: MadeRun): readonly Event[] {
  const random = seededRandom(seed);
  const run = new ToldRun().start();
  run.tell({ type: 'stage-started', stage: 'base', afterFailuresOf: [], referrers: 'with-images' });
  const free = Array.from({ length: lanes }, () => runStart + 400);
  for (let at = 0; at < repositories; at += 1) {
    const repository = `${teams[at % teams.length]}/${names[at % names.length]}${at < names.length ? '' : `-${at}`}`;
    const items = Array.from({ length: tags }, (_, tag) => ({
      tag: `v${1 + (tag % 4)}.${tag}.${Math.floor(random() * 9)}`,
      action: random() < 0.2 ? ('update' as const) : ('copy' as const),
    }));
    run.now = runStart + 300;
    run.plan({ repository, items, same: Math.floor(random() * 400) });
    for (const { tag, action } of items) {
      const lane = free.indexOf(Math.min(...free));
      run.now = free[lane] ?? runStart;
      const name = { tag, repository };
      if (random() < failing) run.fail(name, random() < 0.6 ? denied : unavailable);
      else {
        const size = Math.round(10 ** (4.5 + random() * 4.2));
        run.copy(name, {
          outcome: action === 'update' ? 'updated' : 'copied',
          moved: size,
          mounted: random() < 0.3 ? size * 2 : 0,
          present: Math.round(size * random()),
          milliseconds: 80 + size / 60_000,
        });
        run.request('hub.example.com', 'GET', `/v2/${repository}/manifests/${tag}`, 2000);
        run.request('hub.example.com', 'GET', `/v2/${repository}/blobs/x`, size);
        run.request('standby.example.com', 'PUT', `/v2/${repository}/manifests/${tag}`, 0, size);
      }
      free[lane] = run.now;
    }
  }
  run.now = Math.max(...free) + 200;
  run.tell({
    type: 'waiting',
    host: 'hub.example.com',
    milliseconds: 30_000,
    reason: 'the registry asked for a pause',
  });
  return run.tell({ type: 'stage-finished', stage: 'base', failed: 0 }).events;
}
