import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RegistryOptions, type RunningRegistry, startRegistry } from '../../src/server/start.ts';

export interface EmbeddedRegistry extends RunningRegistry {
  /** The folder that it keeps everything in; removed with it unless it was given. */
  readonly root: string;
}

export type EmbeddedOptions = Partial<RegistryOptions>;

/**
 * Starts a registry for a test, on a free port of 127.0.0.1 and, unless `root` says otherwise, in a folder of its own. Use it
 * with `await using`. A failure that is the registry's own goes to stderr, because no test means to cause one.
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedRegistry> {
  const root = options.root ?? (await mkdtemp(join(tmpdir(), 'tranship-registry-')));
  const registry = await startRegistry({ onError: (error) => console.error(error), ...options, root });
  return {
    ...registry,
    root,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      if (options.root === undefined) await rm(root, { recursive: true, force: true });
    },
  };
}
