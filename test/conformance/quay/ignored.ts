import type { Exchange } from './recording.ts';

interface Rule {
  readonly reason: string;
  readonly path: RegExp;
  /** Only these requests of these sessions: `D2 31`. Default: every one with the path. */
  readonly only?: readonly string[];
  /** Which differences are forgiven, as they are worded. Default: all. */
  readonly differences?: RegExp;
}

/** Differences that are known and wanted, each with its reason. The statuses count all the same. */
const rules: readonly Rule[] = [
  {
    reason: 'Branding, links and the like: the double knows the settings that a client can use.',
    path: /^\/config$/,
    differences: /^(?:config|oauth)\.\w+: .* \/ absent$/,
  },
  {
    reason: 'The descriptions of the API are Quay’s own prose; what counts is which paths and methods there are.',
    path: /^\/api\/v1\/discovery/,
    differences:
      /^(?:info|definitions|tags|securityDefinitions)|^paths\.[^.:]+\.(?:parameters|x-|\w+\.)|^paths\.\/userfiles|(?:changetrust|superuser\/config|superuser\/(?:approvedkeys|keys\/|\{)).*absent$|^paths\.\/api\/v1\/superuser\/keys\.post/,
  },
  { reason: 'A build’s whole configuration.', path: /^\/api\/v1\/superuser\/config$/ },
  { reason: 'The key of the recorded server.', path: /^\/api\/v1\/superuser\/keys$/ },
  {
    reason: 'The recorded build stored these chunked uploads wrongly, each time otherwise.',
    path: /^\/v2\/acme\/app\/blobs\/sha256:/,
    only: ['D 138', 'D2 31', 'D2 47', 'D2 55', 'D2 65'],
  },
  {
    reason: 'How far the copying came before it was cancelled, and when.',
    path: /^\/api\/v1\/repository\/dst\/fromquay\/(?:tag|logs)/,
    only: ['F 528', 'F 546', 'F 547'],
  },
  {
    reason: 'The token’s scopes are a Python set, and authorizations come in the order of their made-up ids.',
    path: /^\/api\/v1\/user\/authorizations$/,
    only: ['A 573'],
  },
  {
    reason: 'Until the garbage collector has removed it, a deleted repository is listed under a made-up name.',
    path: /^\/api\/v1\/organization\/acme\/members$/,
    only: ['K 441', 'K 553'],
    differences: /repositories\.length/,
  },
  {
    reason: 'Row numbers of accounts.',
    path: /^\/api\/v1\/user\/logs$/,
    differences: /metadata\.entity_id/,
  },
];

/** Why a difference of an answer does not count, or `undefined` if it does. */
export function whyForgiven(exchange: Exchange, difference: string): string | undefined {
  const name = `${exchange.session.split('-')[0]} ${exchange.n}`;
  return rules.find(
    (rule) =>
      rule.path.test(exchange.path) &&
      (rule.only === undefined || rule.only.includes(name)) &&
      (rule.differences === undefined || rule.differences.test(difference)),
  )?.reason;
}
