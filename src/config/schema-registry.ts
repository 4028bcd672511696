import { z } from 'zod';
import { parseBandwidth, parseRate } from '../kit/quantity.ts';
import { isTranshipError } from '../oci/errors.ts';
import { parseRegistryAddress, type RegistryAddress } from '../oci/reference.ts';
import { isPem } from './pem.ts';
import { checked, quantity, strict } from './schema-values.ts';
import { registryKinds } from './types.ts';

const secretWords =
  'a secret never stands in the file itself: write {env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}';

/** Exactly one place that a secret is read from. */
export const secretReference = z
  .union(
    [
      strict({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'this is no name of an environment variable') }),
      strict({ file: z.string().min(1) }),
      strict({ command: z.array(z.string()).min(1) }),
    ],
    { error: (issue) => (typeof issue.input === 'object' && issue.input !== null ? undefined : secretWords) },
  )
  .describe('Where a secret is read from: an environment variable, a file, or the output of a program.');

const credentials = z
  .union([
    z.literal('anonymous'),
    strict({ username: z.union([z.string().min(1), secretReference]), password: secretReference }),
    strict({ token: secretReference }),
    strict({
      helper: z
        .string()
        .regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/, 'this is no name of a credential helper')
        .describe('The NAME of a program docker-credential-NAME.'),
      server: z
        .string()
        .min(1)
        .optional()
        .describe('What the helper is asked about. Default: the host of the registry.'),
    }),
  ])
  .describe('Default: the docker and podman files and credential helpers. `anonymous` uses none of them.');

const noTemplates = 'Variables are not filled in here; only secrets are read from the environment.';

const address = z.string().transform((text, context): RegistryAddress => {
  const found = addressIn(text);
  if (typeof found !== 'string') return found;
  const isTemplate = /\$\{?\w|\{\{/.test(text);
  context.addIssue({ code: 'custom', message: found, ...(isTemplate && { params: { hint: noTemplates } }) });
  return z.NEVER;
});

function addressIn(text: string): RegistryAddress | string {
  try {
    const found = parseRegistryAddress(text);
    return found.namespace === undefined
      ? found
      : `"${text}" has a path; a registry is only a host, the path belongs into \`repository\``;
  } catch (error) {
    if (isTranshipError(error))
      return `"${text}" is no address of a registry (write it like registry.example.com:5000)`;
    throw error;
  }
}

/** The path of a key; the key itself is a secret. */
const keyFile = checked((text) => (text === '' ? 'the text is empty' : isPem(text) ? secretWords : undefined));

const bandwidth = quantity('bandwidth', '50MB/s', parseBandwidth).refine(
  (value) => value > 0,
  'a bandwidth of nothing moves nothing',
);
const rate = quantity('rate', '20/s', parseRate).refine((value) => value > 0, 'a rate of nothing asks nothing');

export const registry = strict({
  url: address.optional().describe('host[:port]; http:// in front says that it speaks plain HTTP.'),
  layout: z
    .string()
    .min(1)
    .optional()
    .describe('A folder of OCI layouts in the place of a registry, as `tranship serve` keeps it.'),
  kind: z.enum(registryKinds).optional().describe('Found out by itself where the registry tells.'),
  credentials: credentials.optional(),
  api: strict({ url: z.url({ protocol: /^https?$/ }).optional(), token: secretReference.optional() })
    .optional()
    .describe('The API of its own that the registry has beside /v2/.'),
  tls: strict({
    ca: z.string().min(1).optional().describe('Further certificate authorities: a PEM file, or its text.'),
    cert: z.string().min(1).optional().describe('A client certificate: a PEM file, or its text.'),
    key: z
      .union([keyFile, secretReference])
      .optional()
      .describe('Its key: a PEM file, or where a secret is read from.'),
    insecure: z.boolean().optional().describe('No certificate check, for this registry alone.'),
  })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), '`cert` and `key` belong together')
    .optional(),
  limits: strict({
    concurrency: z.int().min(1).max(1000).optional().describe('Requests in flight at most.'),
    rate: rate.optional().describe('Requests in a time, such as 20/s or 100/m.'),
    bandwidth: bandwidth.optional().describe('Such as 50MB/s, both directions together.'),
  }).optional(),
  'token-hosts': z
    .array(z.string().min(1))
    .optional()
    .describe("Hosts beside the registry's own that may hand out its tokens."),
  'allowed-hosts': z
    .array(z.string().min(1))
    .optional()
    .describe(
      'Hosts that it may send downloads and uploads to although they would be refused, such as a storage at a private address.',
    ),
})
  .superRefine((one, context) => {
    const objection = placeObjection(one);
    if (objection !== undefined) context.addIssue({ code: 'custom', ...objection });
  })
  .describe('A registry, by the name under which stages speak of it.');

/** A registry is at an address or in a folder, and a folder has nothing of what an address has. */
function placeObjection(
  one: Readonly<Record<string, unknown>>,
): { message: string; path?: string[]; params?: object } | undefined {
  if (one['layout'] === undefined)
    return one['url'] === undefined ? { message: '"url" is missing', params: { missing: 'url' } } : undefined;
  const others = Object.keys(one).filter((key) => key !== 'layout' && one[key] !== undefined);
  const [other] = others;
  return other === undefined ? undefined : { message: `a folder of layouts has no \`${other}\``, path: [other] };
}
