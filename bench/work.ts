/** What is asked of a program that is measured, and how it is told. */

export interface Work {
  /** `host:port` of the source and of each destination. */
  readonly source: string;
  readonly destinations: readonly string[];
  /** Paths at the source and at every destination. */
  readonly repositories: readonly { readonly from: string; readonly to: string }[];
  /** Absent: every tag. */
  readonly tag?: string;
  /** With TLS, the authority's file; without, plain HTTP. */
  readonly caFile?: string;
  /** Where configuration files go. */
  readonly folder: string;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Written before the clock starts. */
  readonly file?: { readonly path: string; readonly text: string };
}

export interface Contestant {
  /** As the tables name it. Unique within a row. */
  readonly name: string;
  /** The program and its version. */
  version(): string;
  /**
   * Throws away what the program remembers outside of its home folder, which is new for each command, so that every
   * round has all the work to do.
   */
  forget?(): void;
  /** The commands, one after another; `undefined` where the program cannot do this work. */
  commands(work: Work): readonly Command[] | undefined;
}

/** All of them have one destination folder, into which each repository goes under its own last name. */
export const destinationFolder = 'to';

export function destinationPath(repository: string): string {
  return `${destinationFolder}/${repository.slice(repository.lastIndexOf('/') + 1)}`;
}
