import { z } from 'zod';
import { parsePercent } from '../kit/quantity.ts';
import { isRepositoryName, isTagName } from '../oci/names.ts';
import { isPlatform } from './platform-name.ts';
import { registry } from './schema-registry.ts';
import { duration, tagPattern, tags } from './schema-tags.ts';
import {
  checked,
  glob,
  quantity,
  regex,
  replacementObjection,
  repositoryName,
  strict,
  template,
} from './schema-values.ts';

const repositoryVariables = ['registry', 'path', 'namespace', 'name'] as const;

const repositoryPattern = z.union([glob, strict({ regex })]);

const count = z.int().min(0);

const from = strict({
  registry: z.string().describe('A name under `registries`.'),
  repository: repositoryName.optional().describe('One repository.'),
  repositories: z
    .union([
      z.array(repositoryPattern).min(1),
      strict({
        include: z.array(repositoryPattern).optional().describe('None = every repository.'),
        exclude: z.array(repositoryPattern).optional(),
        'at-least': count.optional().describe('Fewer is a failure. Default 1.'),
        'at-most': count.optional().describe('More is a failure.'),
      }),
    ])
    .optional()
    .describe('Several, discovered when the stage starts: * within one part of the path, ** across parts.'),
}).refine(
  ({ repository, repositories }) => (repository === undefined) !== (repositories === undefined),
  'a source has `repository` or `repositories`, one of them',
);

const replacement = strict({ regex, with: z.string() }).superRefine((step, context) => {
  const objection = replacementObjection(step.regex, step.with);
  if (objection !== undefined) context.addIssue({ code: 'custom', message: objection, path: ['with'] });
});

const step = z.union([
  strict({ strip: z.string().min(1) }),
  strict({ prefix: z.string().min(1) }),
  strict({ suffix: z.string().min(1) }),
  replacement,
]);

const repositoryTemplate = template(repositoryVariables, 'repository name', isRepositoryName);
const tagTemplate = template([...repositoryVariables, 'tag'], 'tag', isTagName);
const backupTemplate = template(['tag', 'date', 'digest'], 'tag', isTagName);

const destination = strict({
  registry: z.string().describe('A name under `registries`.'),
  repository: z
    .union([repositoryTemplate, z.array(step).min(1)])
    .optional()
    .describe('A template of {registry} {path} {namespace} {name}, or steps applied to {path}. Default {path}.'),
  tag: z
    .union([tagTemplate, replacement])
    .optional()
    .describe('A template with {tag}, or one replacement. Default {tag}.'),
  create: z.boolean().optional().describe("Make a missing repository through the registry's API. Default false."),
  visibility: z.enum(['private', 'public']).optional().describe('Of a repository that is made.'),
});

const most = quantity('number of tags', '10% or 25', (text) => {
  const percent = parsePercent(text);
  return percent === undefined ? undefined : { percent };
});

const prune = strict({
  after: duration.optional().describe('How long a tag must be gone from the source. Default 7d.'),
  max: z
    .union([count, most])
    .optional()
    .describe("At most that many, or that part, of a repository's tags. Default 10%."),
  keep: count.optional().describe('Never fewer tags than this stay. Default 5.'),
}).describe('Remove tags that the rules would have copied and that are gone from the source.');

const platform = checked((text) =>
  isPlatform(text) ? undefined : `"${text}" is no platform (write it like linux/amd64)`,
);

const options = {
  referrers: z
    .union([z.boolean(), z.literal('always')])
    .optional()
    .describe('Signatures, SBOMs and attestations: with what is copied, always asked for, or left. Default true.'),
  platforms: z
    .union([z.literal('all'), z.array(platform).min(1)])
    .optional()
    .describe('Default all.'),
  overwrite: z.boolean().optional().describe('Whether a tag that names something else is moved. Default true.'),
  immutable: z.array(tagPattern).optional().describe('Tags that never change once they are there.'),
  'backup-tag': backupTemplate.optional().describe('Where an overwritten tag stays: {tag} {date} {digest}.'),
  'foreign-layers': z.enum(['skip', 'copy']).optional().describe('Layers that may not be distributed. Default skip.'),
  prune: prune.optional(),
};

/** Names of registries and stages stand in messages, plans and file names. */
const identifier = checked((text) =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)
    ? undefined
    : `"${text.slice(0, 70)}" is no name (letters, digits, ".", "_" and "-")`,
);

const stage = strict({
  id: identifier.optional(),
  depends_on: z.array(z.string()).optional().describe('Stages that end before this one begins.'),
  from,
  tags: tags.optional(),
  to: z.array(destination).min(1).describe('The source is read once for all of them.'),
  ...options,
});

export const configSchema = strict({
  version: z.literal(1),
  registries: z.record(identifier, registry),
  defaults: strict(options).optional().describe('What stages say where they say nothing.'),
  stages: z.array(stage).min(1),
}).describe('What tranship keeps in step.');

/** What the file says, quantities read, nothing filled in. */
export type ConfigInput = z.output<typeof configSchema>;

/** JSON Schema (draft 2020-12) of the file, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
