import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestInfo } from '../../src/server/observe.ts';
import { type RegistryOptions, type RunningRegistry, startRegistry } from '../../src/server/start.ts';
import { type Personality, withPersonality } from './embedded-personality.ts';

export interface EmbeddedRegistry extends RunningRegistry {
  /** The folder that it keeps everything in; removed with it unless it was given. */
  readonly root: string;
  /** Every request that is over, in the order of their ends. */
  readonly requests: RequestInfo[];
  /** Requests whose `METHOD /path?query` matches. */
  seen(pattern: RegExp): readonly RequestInfo[];
  /** What it does otherwise; may be changed at any time. */
  readonly personality: Personality;
}

export interface EmbeddedOptions extends Partial<RegistryOptions> {
  readonly personality?: Personality;
}

/**
 * Starts a registry for a test, on a free port of 127.0.0.1 and, unless `root` says otherwise, in a folder of its own. Use it
 * with `await using`. A failure that is the registry's own goes to stderr, because no test means to cause one.
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedRegistry> {
  const { personality = {}, ...rest } = options;
  const root = rest.root ?? (await mkdtemp(join(tmpdir(), 'tranship-registry-')));
  const requests: RequestInfo[] = [];
  const registry = await startRegistry({
    onError: (error) => console.error(error),
    wrap: withPersonality(personality),
    ...rest,
    root,
    onRequest: (info) => {
      requests.push(info);
      rest.onRequest?.(info);
    },
  });
  return {
    ...registry,
    root,
    requests,
    seen: (pattern) => requests.filter(({ method, url }) => pattern.test(`${method} ${url}`)),
    personality,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      if (rest.root === undefined) await rm(root, { recursive: true, force: true });
    },
  };
}
