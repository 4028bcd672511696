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
  return collect(runtime, signal, /\r?\n/);
}

async function readHidden(runtime: Runtime, signal: AbortSignal): Promise<string> {
  runtime.stdin.setRawMode?.(true);
  try {
    return withoutErased(await collect(runtime, signal, /\r\n|[\r\n\u0003\u0004]/));
  } finally {
    runtime.stdin.setRawMode?.(false);
    runtime.stderr.write('\n');
  }
}

/** Reads up to the end of the answer. What was typed or pasted beyond it belongs to the next question. */
function collect({ stdin }: Runtime, signal: AbortSignal, ending: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = () => {
      stdin.off('data', onData);
      stdin.off('end', onAbort);
      stdin.pause();
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      end();
      reject(stopped());
    };
    const onData = (chunk: Buffer) => {
      typed += chunk.toString('utf8');
      const found = ending.exec(typed);
      if (found === null && typed.length <= longestAnswer) return;
      end();
      if (found === null) return reject(tooLong());
      if (found[0] === interrupt) return reject(stopped());
      const rest = typed.slice(found.index + found[0].length);
      if (rest !== '') stdin.unshift(Buffer.from(rest));
      resolve(typed.slice(0, found.index));
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stdin.on('data', onData);
    stdin.on('end', onAbort);
    stdin.resume();
  });
}

/** Ctrl-C, which is a letter in raw mode. */
const interrupt = '\u0003';

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
