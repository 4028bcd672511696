/**
 * Routing as Quay's framework does it, because its oddities delete repositories:
 * - a repository's name may hold slashes, so `DELETE /repository/a/b/mirror`, for which there is no route, is the deletion
 *   of the repository `b/mirror`;
 * - a path that lacks its final slash is redirected (308) if a route with it takes the method, and so is one with doubled
 *   slashes;
 * - every other path belongs to the web application, which knows GET only.
 */

export interface Rule<H> {
  readonly path: string;
  readonly methods: ReadonlyMap<string, H>;
  /** Whether errors of this route are JSON (the API) or HTML. */
  readonly json: boolean;
}

type Match<H> =
  | { readonly found: H; readonly params: Readonly<Record<string, string>> }
  | { readonly redirect: string }
  | { readonly allow: readonly string[]; readonly json: boolean }
  | { readonly unknown: true };

interface Compiled<H> extends Rule<H> {
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly weight: number;
}

export interface Router<H> {
  match(method: string, path: string): Match<H>;
}

const repositoryPattern = '([^/]+(?:/[^/]+)+)';

export function createRouter<H>(rules: readonly Rule<H>[]): Router<H> {
  const compiled = rules.map(compile).sort((a, b) => b.weight - a.weight);
  return {
    match(method, path) {
      const merged = path.replaceAll(/\/{2,}/g, '/');
      const wanted = method === 'HEAD' ? 'GET' : method;
      const result = matchOnce(compiled, wanted, merged);
      if (merged !== path && 'found' in result) return { redirect: merged };
      return result;
    },
  };
}

function matchOnce<H>(rules: readonly Compiled<H>[], method: string, path: string): Match<H> {
  const allowed: Compiled<H>[] = [];
  for (const rule of rules) {
    const exact = rule.pattern.exec(path);
    const slashed = exact === null && rule.path.endsWith('/') ? rule.pattern.exec(`${path}/`) : null;
    if (exact === null && slashed === null) continue;
    const found = rule.methods.get(method);
    if (found === undefined) {
      if (exact !== null) allowed.push(rule);
    } else if (exact !== null) {
      return { found, params: parameters(rule, exact) };
    } else {
      return { redirect: `${path}/` };
    }
  }
  return refusal(rules, allowed, path);
}

function refusal<H>(rules: readonly Compiled<H>[], allowed: readonly Compiled<H>[], path: string): Match<H> {
  const slashed = rules.filter((rule) => rule.path.endsWith('/') && rule.pattern.test(`${path}/`));
  const all = allowed.length > 0 ? allowed : slashed;
  const first = all.find((rule) => rule.methods.has('GET')) ?? all[0];
  if (first === undefined) return { unknown: true };
  const methods = new Set(['OPTIONS']);
  for (const rule of all) for (const method of rule.methods.keys()) methods.add(method);
  if (methods.has('GET')) methods.add('HEAD');
  return { allow: [...methods], json: first.json };
}

function parameters<H>(rule: Compiled<H>, match: RegExpExecArray): Record<string, string> {
  return Object.fromEntries(rule.names.map((name, index) => [name, match[index + 1] ?? '']));
}

function compile<H>(rule: Rule<H>): Compiled<H> {
  const names: string[] = [];
  const pattern = rule.path.replaceAll(/\{(\w+)\}|[.*+?^$()|[\]\\]/g, (whole, name: string | undefined) => {
    if (name === undefined) return `\\${whole}`;
    names.push(name);
    if (name === 'anything') return '(.+)';
    return name === 'repository' ? repositoryPattern : '([^/]+)';
  });
  const fixed = rule.path.split('/').filter((segment) => segment !== '' && !segment.startsWith('{')).length;
  const weight = rule.path.includes('{anything}') ? -1 : fixed * 10 - names.length;
  return { ...rule, pattern: new RegExp(`^${pattern}$`, 's'), names, weight };
}
