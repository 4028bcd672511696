import type { Case } from './case.ts';
import { blobChunks } from './groups/blob-chunks.ts';
import { blobMount } from './groups/blob-mount.ts';
import { blobPush } from './groups/blob-push.ts';
import { blobRange } from './groups/blob-range.ts';
import { ping } from './groups/ping.ts';

/** Every case of the suite, in the order in which a reader of the specification meets them. */
export const cases: readonly Case[] = [...ping, ...blobPush, ...blobChunks, ...blobRange, ...blobMount];
