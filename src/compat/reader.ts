import type { Secret } from '../kit/secret.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { Difference } from './difference.ts';
import type { NativeFile } from './native.ts';

const foreignTools = ['regsync', 'skopeo', 'dregsy', 'image-syncer', 'run-reposync'] as const;
export type ForeignTool = (typeof foreignTools)[number];

/** What a reader may look at beside the text. */
export interface ForeignIo extends CallOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a text file, its path meant from the folder of the file that is read; `undefined` where there is none. */
  readText(path: string, options?: CallOptions): Promise<string | undefined>;
  /** The names in a folder, its path meant likewise; `undefined` where there is none. */
  listFolder?(path: string, options?: CallOptions): Promise<readonly string[] | undefined>;
  /** `host[:port][/namespace]` that everything goes to, for files that do not say where (skopeo's). */
  readonly destination?: string | undefined;
  /** Names at the destination keep the source's host and path, as `skopeo sync --scoped` makes them. */
  readonly scoped?: boolean;
  /** image-syncer's second file, where it is not beside the first. */
  readonly authFile?: string | undefined;
}

export interface ForeignIntent {
  readonly tool: ForeignTool;
  readonly file: NativeFile;
  readonly differences: readonly Difference[];
  /** Passwords that the foreign file holds in clear, by the variables that stand for them in `file`. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** Names of registries that may turn out to speak plain HTTP, because the tool's switch allows it. */
  readonly mayBePlainHttp: ReadonlySet<string>;
}

export type ForeignReader = (text: string, file: string, io: ForeignIo) => Promise<ForeignIntent>;
