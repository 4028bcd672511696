import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One exchange with a real Quay. `<secret:N>` stands for whatever string Quay made up. */
export interface Exchange {
  readonly n: number;
  readonly session: string;
  readonly note?: string;
  /** `source-registry`: sent to the plain registry outside, from which Quay mirrors. */
  readonly server?: string;
  readonly as: string;
  readonly credentials?: Credentials;
  readonly method: string;
  readonly path: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string | { readonly base64: string } | null;
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string | readonly string[]>>;
  readonly responseBody: string | { readonly base64: string } | null;
  readonly responseIncomplete?: boolean;
  readonly responseJwt?: { readonly payload: unknown };
}

interface Credentials {
  readonly scheme: 'Bearer' | 'Basic' | 'Session';
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
}

export const sessions = [
  'A-bootstrap',
  'B-orgs-and-repos',
  'C-robots-teams-permissions-prototypes',
  'D-v2-push-pull',
  'D2-chunked-uploads',
  'E-tags',
  'F-mirror',
  'F2-organisation-mirror',
  'G-policies-apps-superuser-logs',
  'I-features-off',
  'J-name-reuse-after-garbage-collection',
  'K-scopes-of-an-ordinary-owner',
  'L-mirror-failures-and-proxy-block',
] as const;

export type SessionName = (typeof sessions)[number];

export function readSession(name: SessionName): readonly Exchange[] {
  const file = new URL(`./recordings/${name}.jsonl.gz`, import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Exchange);
}

export function header(exchange: Exchange, name: string): string | undefined {
  const key = Object.keys(exchange.responseHeaders).find((one) => one.toLowerCase() === name);
  const value = key === undefined ? undefined : exchange.responseHeaders[key];
  return typeof value === 'string' ? value : value?.join(', ');
}
