import { z } from 'zod';
import { isGlob } from '../kit/pattern.ts';
import { parseDuration } from '../kit/quantity.ts';
import { isDigest } from '../oci/digest.ts';
import { isTagName } from '../oci/names.ts';
import { splitPin } from './pin.ts';
import { checked, glob, globObjection, type Objection, quantity, range, regex, strict } from './schema-values.ts';

export const duration = quantity('duration', '7d or 1h30m', parseDuration);

function tagObjection(text: string): Objection | undefined {
  if (isGlob(text)) return globObjection(text);
  return isTagName(text) ? undefined : `"${text}" is neither a tag nor a pattern of one`;
}

/** Content without a tag is thrown away by registries that collect garbage, so it has to be given one. */
function pinObjection(tag: string, digest: string): Objection | undefined {
  if (!isDigest(digest)) return `"${digest}" is no digest`;
  if (tag === '') return { message: 'a digest needs a tag to stand under', hint: `Write it like "NAME@${digest}".` };
  return isTagName(tag) ? undefined : `"${tag}" is no tag, and only one tag can name a digest`;
}

const tagText = checked(tagObjection).describe('An exact tag, or a glob of tags.');

export const tagPattern = z.union([tagText, strict({ glob }), strict({ regex })]);

const ruleObject = strict({
  glob: glob.optional(),
  regex: regex.optional().describe('RE2, for the whole tag; its first group, where it has one, is the version.'),
  semver: range.optional().describe("A range in npm's words, such as >=1.2 <2."),
  prereleases: z.boolean().optional().describe('Whether suffixed versions such as 1.2-rc1 count. Default false.'),
  newest: z.int().min(1).optional().describe('Only that many, newest first.'),
  by: z.enum(['version', 'time']).optional().describe('What newest goes by. Default version.'),
  per: z.enum(['major', 'minor']).optional().describe('The newest of each line.'),
  'newer-than': duration.optional().describe('By the time that the registry tells.'),
  'older-than': duration.optional(),
})
  .refine((rule) => Object.values(rule).some((value) => value !== undefined), {
    error: 'the rule is empty',
    params: { follows: true },
  })
  .refine(
    ({ glob: one, regex: other }) => one === undefined || other === undefined,
    'a rule has `glob` or `regex`, not both',
  )
  .refine(
    ({ newest, by, per }) => newest !== undefined || (by === undefined && per === undefined),
    '`by` and `per` belong to `newest`',
  )
  .refine(({ by, per }) => by !== 'time' || per === undefined, '`per` belongs to versions, not to times');

/** `v1@sha256:…`: what the tag is to name, whatever it names at the source. */
const wantedText = checked((text) => {
  const { tag, digest } = splitPin(text);
  return digest === undefined ? tagObjection(tag) : pinObjection(tag, digest);
}).describe('An exact tag, a glob of tags, or TAG@sha256:… for what a tag is to name.');

const tagRule = z.union([tagText, ruleObject]);
const includeRule = z.union([wantedText, ruleObject]);

const count = z.int().min(0);

export const tags = z
  .union([
    z.array(includeRule),
    strict({
      include: z.array(includeRule).optional().describe('None = every tag.'),
      exclude: z.array(tagRule).optional(),
      'at-least': count.optional().describe('Fewer is a failure. Default 1 for one repository, 0 for discovered ones.'),
      'at-most': count.optional().describe('More is a failure.'),
    }),
  ])
  .describe('Which tags. A list is what `include` would be; none and an empty list are all.');
