/** The composition root: the only place that joins the edges to the core. The library and the command line stand on it. */
export { type Deletion, planDeletion, tagImage } from './compose/change.ts';
export { type CopiedItem, type CopyInput, copy } from './compose/copy.ts';
export { type Diff, type DiffEntry, diff } from './compose/diff.ts';
export { type DoctorReport, doctor } from './compose/doctor.ts';
export { type ForeignOptions, foreignIo, readStated, textOf } from './compose/foreign.ts';
export { type InspectedImage, type Inspection, inspect } from './compose/inspect.ts';
export { type IntentOptions, loadConfigFile, loadIntent } from './compose/intent.ts';
export { fetchManifest, listRepositories, listTags, resolve } from './compose/list.ts';
export { type Pins, pinnedWorld } from './compose/pinned-world.ts';
export { type Place, pinned, selectorOf } from './compose/place.ts';
export { type ReferrerNode, type ReferrerTree, referrerTree } from './compose/referrers.ts';
export { type ServeOptions, serve } from './compose/serve.ts';
export { openSession, type Session, type SessionOptions } from './compose/session.ts';
export { signIn } from './compose/sign-in.ts';
export {
  carryOut,
  openSync,
  planSync,
  type SyncInput,
  type SyncOutcome,
  type SyncSession,
} from './compose/sync.ts';
export { type Intent, openSyncWorld } from './compose/sync-world.ts';
export { type VerifyInput, verify } from './compose/verify.ts';
export { removeLogin, storeLogin } from './credentials/login.ts';
export { redact, registerSecret } from './http/redact.ts';
export { stateFolder } from './state/folder.ts';
