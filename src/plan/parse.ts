/** Reads a plan that was saved. It may come from anywhere, so every name and digest in it is checked anew. */
import { z } from 'zod';
import { isDigest } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import { isRepositoryName, isTagName } from '../oci/names.ts';
import type { Plan } from './types.ts';

const digest = z.string().refine(isDigest, 'no digest');
const tag = z.string().refine(isTagName, 'no tag');
const count = z.number().int().nonnegative();
const bytes = z.object({ total: count, toMove: count });
const ofTag = { target: tag, reason: z.string() };
const transfer = { ...ofTag, tag, digest, bytes: bytes.optional() };

const item = z.discriminatedUnion('action', [
  z.object({ action: z.literal('copy'), ...transfer }),
  z.object({ action: z.literal('update'), ...transfer, previous: digest }),
  z.object({ action: z.literal('prune'), ...ofTag, previous: digest }),
  z.object({
    action: z.literal('blocked'),
    ...ofTag,
    tag,
    digest,
    previous: digest,
    why: z.enum(['immutable', 'diverged', 'no-overwrite']),
  }),
]);

const place = z.object({
  registry: z.string(),
  location: z.string(),
  repository: z.string().refine((text) => text === '' || isRepositoryName(text), 'no repository name'),
});

const repository = z.object({
  stage: z.string(),
  source: place,
  destination: place,
  items: z.array(item),
  same: count,
  trusted: count,
  absent: z.boolean().optional(),
  create: z.boolean().optional(),
  warnings: z.array(z.string()),
  failure: z.looseObject({ code: z.string(), failure: z.string(), message: z.string() }).optional(),
});

const planShape = z.object({
  apiVersion: z.literal('tranship/v1'),
  kind: z.literal('Plan'),
  createdAt: z.string(),
  intent: z.string(),
  repositories: z.array(repository),
  totals: z.object({
    copy: count,
    update: count,
    prune: count,
    blocked: count,
    same: count,
    failed: count,
    bytes: bytes.optional(),
    requests: z.record(z.string(), count),
    expected: z.object({ requests: count, countedPulls: count }),
  }),
});

/** Throws `E_PLAN` where the text is no plan that this version wrote. */
export function parsePlan(text: string, file: string): Plan {
  const value = jsonOf(text);
  if (isPlan(value)) return value;
  const [issue] = planShape.safeParse(value).error?.issues ?? [];
  const where = issue === undefined ? '' : ` (${issue.path.join('.') || 'the whole'}: ${issue.message})`;
  throw new TranshipError('E_PLAN', 'usage', `This is no plan${where}.`, {
    subject: file,
    hint: 'Make one with `tranship plan --save FILE`.',
  });
}

function isPlan(value: unknown): value is Plan {
  return planShape.safeParse(value).success;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
