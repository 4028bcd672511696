import { hasFullAccess, mayRepository } from '../auth/access.ts';
import { json, noContent, ok } from '../http/reply.ts';
import { findNamespace } from '../model/accounts.ts';
import { logAction } from '../model/logs.ts';
import { isTagName } from '../model/names.ts';
import { endTag, expireTag, findTag, isAlive, mayBeImmutable, newestFirst, pointTag } from '../model/tags.ts';
import type { Manifest, Repository, Tag } from '../model/types.ts';
import { feature, knows } from '../model/world.ts';
import {
  type Call,
  flag,
  type Handlers,
  invalidRequest,
  notFound,
  param,
  refused,
  repositoryOf,
  textOf,
} from './call.ts';
import { apiError, badRequestMessage, messageError } from './errors.ts';
import { tagView } from './tag-views.ts';

const largestPage = 100;
const defaultPage = 50;

export const tagHandlers: Handlers = {
  listRepoTags(call) {
    const repository = repositoryOf(call);
    const limit = Math.max(1, Math.min(numberOf(call, 'limit', limitHelp) ?? defaultPage, largestPage));
    const page = Math.max(1, numberOf(call, 'page', 'Page index for the results. Default 1.') ?? 1);
    const tags = newestFirst(matching(call, repository));
    const start = (page - 1) * limit;
    return ok({
      tags: tags.slice(start, start + limit).map((tag) => tagView(call.world, repository, tag)),
      page,
      has_additional: tags.length > start + limit,
    });
  },

  changeTag(call) {
    const name = param(call, 'tag');
    if (!isTagName(name)) throw messageError(400, tagNameHelp);
    const repository = writableRepository(call);
    if ('expiration' in call.body) changeExpiration(call, repository, name);
    if ('immutable' in call.body && feature(call.world, 'IMMUTABLE_TAGS')) changeImmutability(call, repository, name);
    const digest = textOf(call, 'manifest_digest');
    if (digest !== undefined) moveTag(call, repository, name, digest);
    return json(201, 'Updated');
  },

  deleteFullTag(call) {
    const name = param(call, 'tag');
    const repository = writableRepository(call);
    const tag = findTag(call.world, repository, name);
    if (tag === undefined) throw notFound(call);
    if (tag.immutable) throw apiError(call.world.origin, 'tag_immutable', `Cannot delete immutable tag '${name}'`);
    endTag(call.world, repository, name);
    log(call, 'delete_tag', repository, { tag: name });
    return noContent();
  },

  restoreTag(call) {
    const name = param(call, 'tag');
    const repository = writableRepository(call);
    const digest = textOf(call, 'manifest_digest');
    if (digest === undefined) throw invalidRequest(call, 'Missing manifest_digest');
    const manifest = manifestOf(call, repository, digest);
    refuseImmutable(call, repository, name);
    pointTag(call.world, repository, name, manifest, true);
    log(call, 'revert_tag', repository, { tag: name, manifest_digest: digest });
    return ok({});
  },

  removeTagFromTimemachine(call) {
    const name = param(call, 'tag');
    const repository = writableRepository(call);
    const digest = textOf(call, 'manifest_digest');
    const isLive = call.body['is_alive'] === true;
    if (!isLive && digest === undefined) {
      throw invalidRequest(call, 'manifest_digest required when is_alive set to false');
    }
    const rows = repository.tags.filter(
      (tag) =>
        tag.name === name && isAlive(call.world, tag) === isLive && (digest === undefined || tag.digest === digest),
    );
    if (rows.length === 0) throw notFound(call);
    const grace = (findNamespace(call.world, repository.namespace)?.tagExpirationSeconds ?? 0) * 1000;
    for (const tag of rows) tag.end = call.world.clock.now() - grace;
    log(call, 'permanently_delete_tag', repository, { tag: name, manifest_digest: digest ?? null });
    return ok('');
  },
};

const limitHelp = 'Limit to the number of results to return per page. Max 100.';
const tagNameHelp =
  'Invalid tag: must match [A-Za-z0-9_.-], NOT start with "." or "-", and can contain 1-128 characters';
const filterHelp =
  "Unsupported syntax for filter_tag_name. Expected <operation>:<tag_name> where <operation>can be 'like' or 'eq'.";

function numberOf(call: Call, name: string, help: string): number | undefined {
  const text = call.query.get(name);
  if (text === null) return undefined;
  if (!/^-?\d+$/.test(text)) throw messageError(400, { [name]: help });
  return Number(text);
}

function matching(call: Call, repository: Repository): Tag[] {
  const specific = call.query.get('specificTag');
  const filter = knows(call.world, '3.9') ? filterOf(call.query.get('filter_tag_name')) : () => true;
  const onlyActive = flag(call, 'onlyActiveTags', false);
  return repository.tags.filter(
    (tag) =>
      !tag.hidden &&
      (specific === null || tag.name === specific) &&
      filter(tag.name) &&
      (!onlyActive || isAlive(call.world, tag)),
  );
}

function filterOf(text: string | null): (name: string) => boolean {
  if (text === null) return () => true;
  const colon = text.indexOf(':');
  if (colon < 0) throw messageError(400, filterHelp);
  const value = text.slice(colon + 1);
  if (text.startsWith('like:')) return (name) => name.includes(value);
  if (text.startsWith('eq:')) return (name) => name === value;
  return () => true;
}

const stateNumbers = { NORMAL: 0, READ_ONLY: 1, MIRROR: 2, ORG_MIRROR: 3 };

/** The repository of the path, which only takes changes of tags in its normal state. */
export function writableRepository(call: Call): Repository {
  const repository = repositoryOf(call);
  if (repository.state !== 'NORMAL') {
    throw messageError(503, `Repository is in read only or mirror mode: ${stateNumbers[repository.state]}`);
  }
  return repository;
}

function changeExpiration(call: Call, repository: Repository, name: string): void {
  const tag = findTag(call.world, repository, name);
  if (tag === undefined) throw notFound(call);
  const value = call.body['expiration'];
  const at = typeof value === 'number' ? value * 1000 : undefined;
  if (at !== undefined && at <= call.world.clock.now()) throw messageError(400, badRequestMessage);
  if (tag.immutable && at !== undefined) throw messageError(400, `Cannot set expiration on immutable tag '${name}'`);
  const old = tag.end;
  expireTag(tag, at);
  log(call, 'change_tag_expiration', repository, {
    tag: name,
    expiration_date: value ?? null,
    old_expiration_date: old === undefined ? null : Math.floor(old / 1000),
  });
}

function changeImmutability(call: Call, repository: Repository, name: string): void {
  const tag = findTag(call.world, repository, name);
  if (tag === undefined) throw notFound(call);
  const wanted = call.body['immutable'] === true;
  const isAdmin = hasFullAccess(call.world, call.caller) || mayRepository(call.world, call.caller, repository, 'admin');
  if (!wanted && !isAdmin) throw refused(call);
  if (wanted && !mayBeImmutable(call.world, tag)) {
    throw messageError(
      400,
      `Cannot make tag '${name}' immutable: tag has expiration set. Clear expiration first or enable FEATURE_IMMUTABLE_TAGS_CAN_EXPIRE.`,
    );
  }
  tag.immutable = wanted;
  log(call, 'change_tag_immutability', repository, { tag: name, immutable: wanted });
}

function moveTag(call: Call, repository: Repository, name: string, digest: string): void {
  const before = findTag(call.world, repository, name);
  const manifest = manifestOf(call, repository, digest);
  refuseImmutable(call, repository, name);
  pointTag(call.world, repository, name, manifest);
  log(call, before === undefined ? 'create_tag' : 'move_tag', repository, {
    tag: name,
    manifest_digest: digest,
    original_manifest_digest: before?.digest ?? null,
  });
}

function refuseImmutable(call: Call, repository: Repository, name: string): void {
  if (findTag(call.world, repository, name)?.immutable === true) {
    throw apiError(call.world.origin, 'tag_immutable', `Cannot overwrite immutable tag '${name}'`);
  }
}

function manifestOf(call: Call, repository: Repository, digest: string): Manifest {
  const manifest = repository.manifests.get(digest);
  if (manifest === undefined) throw notFound(call);
  return manifest;
}

function log(call: Call, kind: string, repository: Repository, details: object): void {
  const { namespace, name } = repository;
  logAction(call, kind, namespace, { namespace, repo: name, username: call.caller.user, ...details }, repository);
}
