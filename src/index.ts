/// <reference types="node" preserve="true" />
/**
 * The library: move container images between registries and OCI layouts.
 *
 *     import { copy } from 'tranship';
 *     await copy({ source: 'registry.example.com/app:1.4', destinations: ['dr.example.com/app:1.4'] });
 *
 * Everything here is typed, takes an abort signal and reports through events; nothing prints and nothing reads the
 * environment unless it is handed in.
 */
import { type CopiedItem, type CopyInput, copy as copyIn } from './compose/copy.ts';
import { openSession, type SessionOptions } from './compose/session.ts';

export { type Deletion, planDeletion, tagImage } from './compose/change.ts';
export type { CopiedItem, CopyInput } from './compose/copy.ts';
export { type Diff, type DiffEntry, diff } from './compose/diff.ts';
export { type Inspection, inspect } from './compose/inspect.ts';
export { type IntentOptions, loadIntent } from './compose/intent.ts';
export { fetchManifest, listRepositories, listTags, resolve } from './compose/list.ts';
export type { Place } from './compose/place.ts';
export { bootstrapQuay, createQuayToken, makeOwner } from './compose/quay/access.ts';
export { connectQuay, type QuayConnection, type QuayConnectOptions } from './compose/quay/connect.ts';
export { connectDeclared, loadDeclaration } from './compose/quay/declaration.ts';
export {
  awaitRuns as awaitMirrors,
  cancelRuns as cancelMirrors,
  connectMirrors,
  type MirrorSetup,
  mirrorStatuses,
  repositorySelection as selectMirrored,
  type SetUpInput as MirrorInput,
  setUpOrganization as mirrorOrganization,
  startRuns as startMirrors,
} from './compose/quay/mirror.ts';
export {
  failedOver,
  type OpenPairOptions,
  type OpenSide,
  openPair,
  type PairRequest,
  type PairSide,
  type QuayPair,
} from './compose/quay/pair.ts';
export { listFrom, loadPairFile, requestOf } from './compose/quay/pair-request.ts';
export { compareRobots, pullSecrets, type RobotsFound } from './compose/quay/pair-robots.ts';
export {
  type Companion,
  comparePair,
  type PairFound,
  type PairOutcome,
  type PairSyncInput,
  syncPair,
} from './compose/quay/pair-sync.ts';
export { applyQuay, exportQuay, planQuay, type QuayPlan, type QuayPlanOptions } from './compose/quay/state.ts';
export {
  openQuayApi,
  type PreflightChecker,
  type ProxyCacheSettings,
  preflightChecker,
  type QuayApi,
  type QuayManagement,
  quayManagement,
  type RobotConfig,
  type RobotPlace,
} from './compose/quay/toolkit.ts';
export { type ReferrerTree, referrerTree } from './compose/referrers.ts';
export { type ServeOptions, serve } from './compose/serve.ts';
export { openSession, type Session, type SessionOptions } from './compose/session.ts';
export {
  carryOut as sync,
  openSync,
  planSync,
  type SyncInput,
  type SyncOutcome,
  type SyncSession,
} from './compose/sync.ts';
export type { Intent } from './compose/sync-world.ts';
export { type VerifyInput, verify } from './compose/verify.ts';
export type { CopyOutcome } from './execute/copy.ts';
export { createHttp, type HttpOptions } from './http/client.ts';
export type {
  HostSettings,
  HttpAnswer,
  HttpClient,
  HttpDownload,
  HttpEvent,
  HttpRequest,
  HttpUpload,
  ResponseHeaders,
} from './http/types.ts';
export { Secret } from './kit/secret.ts';
export { type Archive, openArchive } from './layout/archive.ts';
export { type Layout, openLayout } from './layout/layout.ts';
export type { Credential, CredentialSource, FoundCredential } from './oci/credential.ts';
export type { Descriptor } from './oci/descriptor.ts';
export { type Digest, digestOf, parseDigest } from './oci/digest.ts';
export { type FailureClass, isTranshipError, type Side, TranshipError } from './oci/errors.ts';
export { type Manifest, parseManifest } from './oci/manifest.ts';
export { MemoryRepository } from './oci/memory.ts';
export { parseRepositoryName, parseTagName, type RepositoryName, type TagName } from './oci/names.ts';
export type { Platform } from './oci/platform.ts';
export {
  type BlobSource,
  type ByteStream,
  type CallOptions,
  type Chunk,
  type ContentReader,
  type ContentWriter,
  type ManifestContent,
  supports,
} from './oci/ports.ts';
export {
  formatReference,
  type ImageReference,
  type LayoutReference,
  parseReference,
  parseRegistryAddress,
  parseRepositoryReference,
  type Reference,
  type RepositoryReference,
} from './oci/reference.ts';
export type { Plan } from './plan/types.ts';
export type { QuayClient } from './quay/client.ts';
export type { JobOutcome as MirrorJob, WaitOptions as MirrorWait } from './quay/mirror/jobs.ts';
export type { SetUpResult as MirrorResult } from './quay/mirror/run.ts';
export type { MirrorScope, MirrorStatus } from './quay/mirror/status.ts';
export type { DivergencePolicy } from './quay/pair/divergence.ts';
export { openRegistry, type Registry, type RegistryOptions, type RegistryRepository } from './registry/registry.ts';
export type { Event, EventListener, Failure } from './report/events.ts';
export type { Report } from './report/report.ts';
export { startRegistry } from './server/start.ts';

/**
 * Copies an image, or with `allTags` a repository, in a session of its own. Throws a {@link TranshipError} for what is wrong
 * before anything is tried; what happened at each destination stands in the items.
 *
 * Pass `env: process.env` and `home: os.homedir()` to use the credentials and proxies of the user who runs the program.
 */
export async function copy(options: CopyInput & SessionOptions): Promise<readonly CopiedItem[]> {
  await using session = await openSession(options);
  return await copyIn(session, options);
}
