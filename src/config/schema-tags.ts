import { z } from 'zod';
import { isGlob } from '../kit/pattern.ts';
import { parseDuration } from '../kit/quantity.ts';
import { isTagName } from '../oci/names.ts';
import { checked, glob, globObjection, quantity, range, regex, strict } from './schema-values.ts';

export const duration = quantity('duration', '7d or 1h30m', parseDuration);

const tagText = checked((text) => {
  if (isGlob(text)) return globObjection(text);
  return isTagName(text) ? undefined : `"${text}" is neither a tag nor a pattern of one`;
}).describe('An exact tag, or a glob of tags.');

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

const tagRule = z.union([tagText, ruleObject]);

const count = z.int().min(0);

export const tags = z
  .union([
    z.array(tagRule),
    strict({
      include: z.array(tagRule).optional().describe('None = every tag.'),
      exclude: z.array(tagRule).optional(),
      'at-least': count.optional().describe('Fewer is a failure. Default 1 for one repository, 0 for discovered ones.'),
      'at-most': count.optional().describe('More is a failure.'),
    }),
  ])
  .describe('Which tags. A list is what `include` would be; none and an empty list are all.');
