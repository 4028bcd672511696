import { TranshipError } from '../../oci/errors.ts';
import type { Runtime } from '../runtime.ts';

const longestAnswer = 64 * 1024;

export interface PromptOptions {
  readonly signal: AbortSignal;
  /** Do not show what is typed. */
  readonly hidden?: boolean;
}

export function isInteractive(runtime: Runtime): boolean {
  return runtime.stdin.isTTY === true && runtime.stderr.isTTY === true;
}

/** Asks on standard error, since standard output belongs to the answer, and returns the line that was typed. */
export function prompt(runtime: Runtime, question: string, options: PromptOptions): Promise<string> {
  runtime.stderr.write(question);
  return options.hidden ? readHidden(runtime, options.signal) : readLine(runtime, options.signal);
}

/** Everything on standard input, for `--password-stdin`; one line break at the end is not part of it. */
export async function readAll(runtime: Runtime): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of runtime.stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > longestAnswer) throw tooLong();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

function readLine(runtime: Runtime, signal: AbortSignal): Promise<string> {
  return collect(runtime, signal, (typed) => {
    const end = typed.indexOf('\n');
    return end < 0 ? undefined : typed.slice(0, end).replace(/\r$/, '');
  });
}

async function readHidden(runtime: Runtime, signal: AbortSignal): Promise<string> {
  runtime.stdin.setRawMode?.(true);
  try {
    return await collect(runtime, signal, (typed) => {
      if (typed.includes('\u0003')) throw stopped();
      const end = typed.search(/[\r\n\u0004]/);
      return end < 0 ? undefined : withoutErased(typed.slice(0, end));
    });
  } finally {
    runtime.stdin.setRawMode?.(false);
    runtime.stderr.write('\n');
  }
}

/** Reads until `finish` finds an answer in what was typed so far. */
function collect(
  { stdin }: Runtime,
  signal: AbortSignal,
  finish: (typed: string) => string | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = () => {
      stdin.off('data', onData);
      stdin.pause();
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      end();
      reject(stopped());
    };
    const onData = (chunk: Buffer) => {
      typed += chunk.toString('utf8');
      try {
        if (typed.length > longestAnswer) throw tooLong();
        const answer = finish(typed);
        if (answer === undefined) return;
        end();
        resolve(answer);
      } catch (error) {
        end();
        reject(error);
      }
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stdin.on('data', onData);
    stdin.resume();
  });
}

/** In raw mode the erase key arrives as a letter. */
function withoutErased(typed: string): string {
  const kept: string[] = [];
  for (const letter of typed) {
    if (letter === '\u007f' || letter === '\b') kept.pop();
    else kept.push(letter);
  }
  return kept.join('');
}

function stopped(): TranshipError {
  return new TranshipError('E_CANCELLED', 'cancelled', 'Stopped at the question.');
}

function tooLong(): TranshipError {
  return new TranshipError('E_USAGE', 'usage', 'The answer is longer than 64 KiB.');
}
