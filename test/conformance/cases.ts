import type { Case } from './case.ts';
import { authentication } from './groups/authentication.ts';
import { badDigests } from './groups/bad-digests.ts';
import { blobChunks } from './groups/blob-chunks.ts';
import { blobMount } from './groups/blob-mount.ts';
import { blobPush } from './groups/blob-push.ts';
import { blobRange } from './groups/blob-range.ts';
import { catalog } from './groups/catalog.ts';
import { deletes } from './groups/deletes.ts';
import { errors } from './groups/errors.ts';
import { malformed } from './groups/malformed.ts';
import { manifestKinds } from './groups/manifest-kinds.ts';
import { manifestRules } from './groups/manifest-rules.ts';
import { ping } from './groups/ping.ts';
import { readOnly } from './groups/read-only.ts';
import { referrers } from './groups/referrers.ts';
import { tagParameters } from './groups/tag-params.ts';
import { tags } from './groups/tags.ts';

/** Every case of the suite, in the order in which a reader of the specification meets them. */
export const cases: readonly Case[] = [
  ...ping,
  ...blobPush,
  ...blobChunks,
  ...blobRange,
  ...blobMount,
  ...badDigests,
  ...manifestKinds,
  ...manifestRules,
  ...tags,
  ...tagParameters,
  ...referrers,
  ...deletes,
  ...errors,
  ...catalog,
  ...malformed,
  ...authentication,
  ...readOnly,
];
