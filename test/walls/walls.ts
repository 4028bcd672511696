/**
 * Which room may import which: the picture of the architecture, as data. The linter's configuration is made from it
 * (so an editor shows a breach at once) and `walls.test.ts` checks every import of the source against it, lazy ones too.
 */

export interface Wall {
  /** Rooms whose values and types may be imported. */
  readonly uses: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly types?: readonly string[];
  /** No input or output: the world is seen through ports only. */
  readonly pure?: true;
}

const words = ['kit', 'oci'];
const flow = ['config', 'select', 'plan', 'report'];
const edges = ['registry', 'listing', 'layout', 'server', 'credentials', 'quay', 'state'];

const core = (): Wall => ({ uses: words, types: flow, pure: true });
const edge = (...more: string[]): Wall => ({ uses: [...words, 'http', ...more], types: ['config', 'plan', 'report'] });

/** Keys are the folders of `src/` and, without their ending, the files in `src/` itself. */
export const walls: Readonly<Record<string, Wall>> = {
  kit: { uses: [] },
  oci: { uses: ['kit'], pure: true },
  config: core(),
  select: core(),
  plan: core(),
  report: core(),
  execute: { uses: [...words, ...flow] },
  compat: { uses: [...words, 'config'], types: ['quay'] },
  http: { uses: words },
  ...Object.fromEntries(edges.map((room) => [room, edge()])),
  server: edge('layout'),
  compose: { uses: [...words, ...flow, 'execute', 'compat', 'http', ...edges] },
  index: { uses: [...words, ...flow, 'execute', 'compat', 'http', ...edges, 'compose'] },
  cli: { uses: [...words, ...flow, 'execute', 'compat', 'compose'], types: ['http', ...edges] },
  main: { uses: ['cli', 'kit'] },
};

/** Modules of Node that reach the outside world. Core rooms may not load them, with or without a path after the name. */
export const outsideModules =
  /^(node:)?(fs|http|http2|https|net|tls|dns|dgram|child_process|worker_threads|cluster|process)(\/|$)/;

export interface Import {
  /** Path of the importing file below `src/`. */
  readonly from: string;
  /** The specifier as it is written. */
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Why an import may not be, or `undefined` where it may. */
export function breach(found: Import): string | undefined {
  const room = roomOf(found.from);
  const wall = walls[room];
  if (wall === undefined) return `src/${found.from}: the room "${room}" has no entry in the table of walls`;
  if (!found.specifier.startsWith('.')) return outsideBreach(found, wall);
  const target = new URL(found.specifier, `file:///src/${found.from}`).pathname;
  if (!target.startsWith('/src/')) return `src/${found.from} imports ${found.specifier}, which is outside of src`;
  const other = roomOf(target.slice('/src/'.length));
  if (other === room || wall.uses.includes(other)) return undefined;
  if (found.typeOnly && wall.types?.includes(other)) return undefined;
  const only = wall.types?.includes(other) ? 'more than types of' : '';
  return `src/${found.from} imports ${only} "${other}" (${found.specifier}); ${room} may use: ${wall.uses.join(', ')}`;
}

function outsideBreach(found: Import, wall: Wall): string | undefined {
  if (!wall.pure || found.typeOnly || !outsideModules.test(found.specifier)) return undefined;
  return `src/${found.from} imports ${found.specifier}, but does no input or output`;
}

export function roomOf(pathBelowSource: string): string {
  const first = pathBelowSource.split('/')[0] ?? '';
  return first.replace(/\.ts$/, '');
}

/** Every import, export-from and lazy import of a source text. */
export function importsOf(from: string, text: string): Import[] {
  const withoutComments = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const statements = withoutComments.matchAll(
    /(?:^|[;\n])\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/g,
  );
  const lazy = withoutComments.matchAll(/\bimport\(\s*'([^']+)'/g);
  return [
    ...Array.from(statements, (match) => ({ from, specifier: match[2] ?? '', typeOnly: match[1] !== undefined })),
    ...Array.from(lazy, (match) => ({ from, specifier: match[1] ?? '', typeOnly: false })),
  ];
}
