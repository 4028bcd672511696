/** Where the program writes. */
export interface Output {
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Nobody gets what is written from now on: the reader went away, or the disk is full. */
  readonly isLost?: boolean;
  /** Resolves when all is written, with what went wrong. A reader that went away had what it wanted: nothing is wrong. */
  settled?(): Promise<Error | undefined>;
}

/** Where the program reads what is typed or piped. */
interface Input extends AsyncIterable<Buffer | string> {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  off(event: 'data', listener: (chunk: Buffer) => void): unknown;
  off(event: 'end', listener: () => void): unknown;
  /** Puts back what was read too far. */
  unshift(chunk: Buffer): unknown;
  resume(): unknown;
  pause(): unknown;
}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Everything of the world that the command line touches. `main.ts` makes the real one, tests make theirs. */
export interface Runtime {
  /** The path that this program was called by. */
  readonly program: string;
  /** Without node and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Some letters and digits that nobody else has. */
  random(): string;
  /** Calls `listener` for every SIGINT and SIGTERM until the returned function is called. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** Ends the process at once. */
  exitNow(code: number): void;
}
