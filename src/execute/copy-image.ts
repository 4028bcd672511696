import { lazily } from '../kit/lazily.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { type Attachment, findAttachments } from './attachments.ts';
import type { CopyOutcome, CopyRequest, CopyResult } from './copy.ts';
import { cosignTags } from './cosign-tags.ts';
import { finalError, sideOf } from './failure.ts';
import { type Arrived, finish, foresee, verifyTags } from './finish.ts';
import { type GraphNode, GraphReader } from './graph.ts';
import { inTime } from './in-time.ts';
import { observe, resolveSource, sourceMoved } from './observe.ts';
import { named, openTargets, outcomeOf, tellOutcome, warner } from './outcome.ts';
import { type Arrivals, transferParts } from './part.ts';
import { Stragglers } from './stragglers.ts';
import { subjectsOf } from './subjects.ts';
import { forEachLive, type Target } from './target.ts';
import type { TransferContext } from './transfer.ts';
import { chooseVariants } from './variants.ts';

/**
 * Makes each destination hold exactly what a reference names at the source.
 *
 * The tag is resolved once and everything is copied by digest, bytes untouched: blobs first, then child manifests, then what refers
 * to the image, and last of all the image itself under its tags. So at no moment, stopped at any point, does a tag exist whose
 * content is incomplete. Never rejects for what happens at a source or destination: the outcomes tell.
 */
export async function copyImage(request: CopyRequest): Promise<CopyResult> {
  const targets = openTargets(request);
  const outcomes = new Map<Target, CopyOutcome>();
  using stragglers = new Stragglers(request.leavesBehind === true ? targets : []);
  const tell = (target: Target) => {
    if (outcomes.has(target)) return;
    const outcome = outcomeOf(target, (error) => finalError(error, 'destination', request.signal));
    outcomes.set(target, outcome);
    tellOutcome(outcome, request);
    stragglers.ended(target);
  };
  const digest = await copyInGroups(targets, request, tell);
  targets.forEach(tell);
  return { outcomes: targets.flatMap((target) => outcomes.get(target) ?? []), ...(digest && { digest }) };
}

/** All together, but for those that stand still: these come by themselves, and nobody waits for them. */
async function copyInGroups(
  targets: readonly Target[],
  request: CopyRequest,
  tell: (target: Target) => void,
): Promise<Digest | undefined> {
  try {
    request.signal?.throwIfAborted();
    const observed = targets.map((target) => forEachLive([target], observe).then(() => target));
    const [descriptor, { ready, late }] = await allOrNone(targets, resolveSource(request), inTime(observed));
    const copyGroup = async (group: readonly Target[]) => {
      await copyTo(group, descriptor, request, tell).catch((error: unknown) => failAll(group, error, request));
      group.forEach(tell);
    };
    await Promise.all([copyGroup(ready), ...late.map(async (target) => copyGroup([await target]))]);
    return descriptor.digest;
  } catch (error) {
    failAll(targets, error, request);
    return undefined;
  }
}

function failAll(targets: readonly Target[], error: unknown, { source }: CopyRequest): void {
  for (const target of targets) target.fail(sideOf(error, 'source', source.location));
}

/** Each target goes its own way from when its blobs are there: the last of them holds up no other. */
async function copyTo(
  targets: readonly Target[],
  descriptor: Descriptor,
  request: CopyRequest,
  tell: (target: Target) => void,
): Promise<void> {
  const context = contextOf(request);
  const { verify = true } = request.options ?? {};
  const { outdated, image, attachments } = await begin(targets, descriptor, request, context);
  const lookAtSource = lazily(() => sourceMoved(descriptor, request));
  const end = async (target: Target) => {
    const arrived = await arrivedAt(target, image, attachments);
    if (target.failure) return;
    if (context.dryRun) return foresee(target, arrived);
    await finish(target, arrived, context);
    if (verify && outdated.includes(target)) await Promise.all([verifyTags(target), lookAtSource()]);
  };
  try {
    await allOrNone(targets, image, attachments);
    await Promise.all(targets.map((target) => forEachLive([target], end).then(() => tell(target))));
  } finally {
    await Promise.allSettled([ended(image), ended(attachments?.then(({ arrivals }) => arrivals))]);
  }
}

/** What is under way to the targets. */
interface Begun {
  /** Those whose tags name something else. */
  readonly outdated: readonly Target[];
  readonly image: Promise<Arrivals> | undefined;
  readonly attachments: Promise<ArrivingAttachments> | undefined;
}

async function begin(
  targets: readonly Target[],
  descriptor: Descriptor,
  request: CopyRequest,
  context: TransferContext,
): Promise<Begun> {
  const { source, signal } = request;
  const { platforms, foreignLayers, referrers = 'always' } = request.options ?? {};
  const graph = new GraphReader({ source, platforms, foreignLayers, signal, warn: warner(request) });
  for (const target of targets) target.aimAt(descriptor.digest);
  if (platforms) await chooseVariants(targets, await graph.read(descriptor), warner(request));
  const outdated = targets.filter((target) => !target.failure && target.isOutdated);
  const attachTo = referrers === 'always' ? targets : referrers === 'changed' ? outdated : [];

  const graphIsRead = platforms !== undefined || outdated.length > 0;
  const subjects = () => subjectsOf(descriptor, { graph, targets, source, signal, graphIsRead });
  return {
    outdated,
    image: outdated.length > 0 ? transferImage(outdated, descriptor, graph, context) : undefined,
    attachments: attachTo.length > 0 ? transferAttachments(attachTo, subjects, request, context) : undefined,
  };
}

/** Nothing of it is left running. */
async function ended(begun: Promise<Arrivals> | undefined): Promise<void> {
  const arrivals = await begun;
  await Promise.all([...(arrivals?.values() ?? [])]);
}

async function arrivedAt(
  target: Target,
  image: Promise<Arrivals> | undefined,
  attachments: Promise<ArrivingAttachments> | undefined,
): Promise<Arrived> {
  const { arrivals, attachments: found = [] } = (await attachments) ?? {};
  const [part, attached] = await Promise.all([(await image)?.get(target), arrivals?.get(target)]);
  return { image: part, attachments: attached && { ...attached, attachments: found } };
}

/** Once one of them rejects, which only the source makes them do, the targets stop; but nothing is left running behind. */
async function allOrNone<A, B>(
  targets: readonly Target[],
  first: Promise<A> | A,
  second: Promise<B> | B,
): Promise<[A, B]> {
  const stop = (error: unknown): never => {
    for (const target of targets) target.fail(sideOf(error, 'source'));
    throw error;
  };
  const work = [Promise.resolve(first).catch(stop), Promise.resolve(second).catch(stop)] as const;
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function transferImage(
  targets: readonly Target[],
  descriptor: Descriptor,
  graph: GraphReader,
  context: TransferContext,
): Promise<Arrivals> {
  const root = await graph.read(descriptor);
  for (const target of targets) target.root ??= root;
  return transferParts(targets, (target) => [target.root ?? root], context);
}

interface ArrivingAttachments {
  readonly attachments: readonly Attachment[];
  readonly arrivals: Arrivals;
}

async function transferAttachments(
  targets: readonly Target[],
  subjects: () => Promise<readonly Digest[]>,
  request: CopyRequest,
  context: TransferContext,
): Promise<ArrivingAttachments> {
  const { source, signal, ledger, options = {} } = request;
  const warn = warner(request);
  const cosign = cosignTags({ source, ledger, tags: options.sourceTags, signal });
  const whole = new GraphReader({ source, foreignLayers: options.foreignLayers, signal, warn });
  const attachments = await findAttachments(await subjects(), {
    source,
    graph: whole,
    cosign,
    warn,
    signal,
  });
  const roots: readonly GraphNode[] = attachments.map(({ node }) => node);
  return { attachments, arrivals: await transferParts(targets, () => roots, context) };
}

function contextOf(request: CopyRequest): TransferContext {
  const { source, reference, ledger, now, signal, options } = request;
  const image = named(source.location, reference);
  return { source, image, ledger, now, signal, dryRun: options?.dryRun ?? false, warn: warner(request) };
}
