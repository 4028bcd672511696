/**
 * The published shapes of Plan and Report: what `tranship config schema plan|report` prints, and what a file that claims to
 * be one is held against. Unknown keys are allowed, so that an older reader takes what a newer writer added.
 */
import { z } from 'zod';
import { isDigest } from '../oci/digest.ts';
import { isTagName } from '../oci/names.ts';
import type { Plan } from '../plan/types.ts';
import type { Report } from './report.ts';

const digest = z
  .string()
  .refine(isDigest, 'a digest is sha256: or sha512: and lower-case hex digits')
  .meta({ pattern: '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$' });
const tag = z
  .string()
  .refine(isTagName, 'no tag looks like this')
  .meta({ pattern: '^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$' });
const count = z.number().int().nonnegative();
const milliseconds = z.number().nonnegative().describe('Milliseconds');
const bytes = count.describe('Bytes');
const time = z.iso.datetime().describe('RFC 3339');
const text = z.string();
const apiVersion = z.literal('tranship/v1');

const failureClass = z.enum(['usage', 'failed', 'auth', 'refused', 'unwritable', 'temporary', 'cancelled']);

const failure = z
  .looseObject({
    code: text.describe('Stable; `tranship explain CODE` tells what to do'),
    failure: failureClass,
    message: text,
    side: z.enum(['source', 'destination']).exactOptional(),
    subject: text.exactOptional(),
    serverSaid: text.exactOptional().describe("The server's own words"),
    hint: text.exactOptional(),
  })
  .describe('What failed, why, and what to do');

const why = z.enum(['immutable', 'diverged', 'no-overwrite']);

const transferBytes = z.looseObject({
  total: bytes,
  toMove: bytes.describe('Bytes after what is shared, mounted or there already'),
  blobs: z.looseObject({ total: count, toMove: count }).exactOptional(),
});

const ofTag = { target: tag.describe('The tag at the destination'), reason: text };
const transfer = { ...ofTag, tag, digest, bytes: transferBytes.exactOptional() };

const planItem = z.discriminatedUnion('action', [
  z.looseObject({ action: z.literal('copy'), ...transfer }),
  z.looseObject({ action: z.literal('update'), ...transfer, previous: digest }),
  z.looseObject({ action: z.literal('prune'), ...ofTag, tag: tag.exactOptional(), previous: digest }),
  z.looseObject({ action: z.literal('blocked'), ...ofTag, tag, digest, previous: digest, why }),
]);

const place = z.looseObject({ registry: text, location: text, repository: text });

const repositoryPlan = z.looseObject({
  stage: text,
  source: place,
  destination: place,
  items: z.array(planItem).describe('What is to be done or stands in the way; tags that are the same are counted'),
  same: count,
  trusted: count.describe('Tags that an immutable pattern answered without asking'),
  absent: z.boolean().exactOptional().describe('The destination repository does not exist'),
  create: z.boolean().exactOptional().describe('It will be created before the first push'),
  warnings: z.array(text),
  failedTags: z
    .array(z.looseObject({ tag, target: tag, failure }))
    .exactOptional()
    .describe('Tags that fail before anything is tried, such as one that is named and that the source does not have'),
  failure: failure.exactOptional(),
});

export const planSchema: z.ZodType<Plan> = z
  .looseObject({
    apiVersion,
    kind: z.literal('Plan'),
    createdAt: time,
    intent: text.describe('Where the intent came from: a configuration, a list of tags, the command line'),
    repositories: z.array(repositoryPlan),
    totals: z.looseObject({
      copy: count,
      update: count,
      prune: count,
      blocked: count,
      same: count,
      failed: count,
      bytes: transferBytes.exactOptional(),
      requests: z.record(text, count).describe('Requests that observing cost, by host'),
      expected: z.looseObject({ requests: count, countedPulls: count }),
    }),
  })
  .meta({ title: 'tranship plan' });

const item = z.looseObject({
  stage: text,
  source: text,
  destination: text,
  outcome: z.enum(['copied', 'updated', 'same', 'pruned', 'blocked', 'failed', 'not-reached']),
  digest: digest.exactOptional(),
  previous: digest.exactOptional().describe('What an updated or pruned tag named before'),
  reason: text.exactOptional(),
  blocked: why.exactOptional(),
  startedAt: time.exactOptional(),
  milliseconds: milliseconds.exactOptional(),
  bytesMoved: bytes.exactOptional(),
  bytesMounted: bytes.exactOptional(),
  bytesPresent: bytes.exactOptional(),
  passes: count.exactOptional(),
  failure: failureClass.exactOptional().describe('What kind of failure held up a tag that was not reached'),
  error: failure.exactOptional(),
});

const stage = z.looseObject({
  stage: text,
  startedAt: time,
  finishedAt: time.exactOptional(),
  afterFailuresOf: z.array(text).describe('Stages that it depends on and of which something had failed'),
  referrers: z.enum(['with-images', 'always', 'never']).exactOptional(),
});

const host = z.looseObject({
  host: text,
  requests: count,
  manifestGets: count,
  writes: count,
  sentBytes: bytes,
  receivedBytes: bytes,
  waitedMilliseconds: milliseconds,
});

const reportSchema: z.ZodType<Report> = z
  .looseObject({
    apiVersion,
    kind: z.literal('Report'),
    run: text,
    intent: text,
    startedAt: time,
    finishedAt: time,
    dryRun: z.boolean(),
    exitCode: count,
    passes: count,
    totals: z.looseObject({
      copied: count,
      updated: count,
      same: count,
      pruned: count,
      blocked: count,
      failed: count,
      notReached: count,
      bytesMoved: bytes,
      bytesSaved: bytes,
      requests: count,
      milliseconds,
    }),
    stages: z.array(stage),
    hosts: z.array(host),
    warnings: z.array(z.looseObject({ code: text, message: text, subject: text.exactOptional() })),
    items: z.array(item),
  })
  .meta({ title: 'tranship report' });

/** As JSON Schema, draft 2020-12. */
export function jsonSchemaOf(kind: 'plan' | 'report'): object {
  return z.toJSONSchema(kind === 'plan' ? planSchema : reportSchema, { io: 'input' });
}

export type Reading = { readonly report: Report } | { readonly problem: string };

/** A report from a file's text, or why it is none: for `--retry-failed`, whose file may be anything. */
export function readReport(content: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { problem: 'it is not JSON' };
  }
  const { success, data, error } = reportSchema.safeParse(value);
  if (success) return { report: data };
  const [issue] = error.issues;
  if (issue === undefined || issue.path.length === 0) return { problem: 'it is not a report' };
  return { problem: `${issue.path.join('.')}: ${issue.message}` };
}
