import type { EventListener } from '../../report/events.ts';
import type { CommandContext } from '../context.ts';
import { finishedLine, overallText } from './lines.ts';
import { LiveProgress } from './live.ts';
import { ProgressState } from './state.ts';
import { warnAbout } from './warnings.ts';

type ProgressKind = 'live' | 'plain' | 'json' | 'none';

/** Shows what a run does while it does it. Disposing of it takes the live part off the screen. */
export interface Progress extends Disposable {
  readonly listen: EventListener;
}

/** In a log a line every so often is enough to see that it lives. */
const plainEveryMs = 10_000;

export function startProgress(context: CommandContext): Progress {
  const kind = progressKind(context);
  if (kind === 'json') return jsonProgress(context);
  const state = new ProgressState();
  const dryRun = context.options.flag('dryRun');
  const shown =
    kind === 'live' ? liveProgress(context, state) : kind === 'plain' ? plainProgress(context, state) : silent;
  return {
    listen: (event) => {
      const finished = state.apply(event);
      if (finished !== undefined) context.io.note(finishedLine(finished, context.io.paintNote, { dryRun }));
      // What fails because it was stopped is no news to who stopped it.
      if (event.type === 'warning' && !context.signal.aborted) warnAbout(event, context.io);
    },
    [Symbol.dispose]: () => shown[Symbol.dispose](),
  };
}

/** Live where a person watches; a CI log or a dumb terminal gets plain lines. */
function progressKind({ options, runtime, io }: CommandContext): ProgressKind {
  const choice = options.text('progress') ?? 'auto';
  if (choice === 'json' || choice === 'none' || choice === 'plain') return choice;
  if (!io.shows('info')) return 'none';
  const { env, stderr } = runtime;
  const watched = stderr.isTTY === true && env['TERM'] !== 'dumb' && !isSet(env['CI']);
  return watched ? 'live' : 'plain';
}

function liveProgress({ io, runtime }: CommandContext, state: ProgressState): Disposable {
  return new LiveProgress({ io, output: runtime.stderr, state, now: () => runtime.now() });
}

function plainProgress({ io, runtime }: CommandContext, state: ProgressState): Disposable {
  const timer = setInterval(() => {
    if (state.running > 0) io.note(overallText(state, runtime.now()));
  }, plainEveryMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** One JSON document a line on standard error: the events themselves. Requests only when tracing. */
function jsonProgress({ io }: CommandContext): Progress {
  return {
    listen: (event) => {
      if (event.type !== 'request' || io.shows('trace')) io.error(JSON.stringify(event));
    },
    [Symbol.dispose]: () => {},
  };
}

const silent: Disposable = { [Symbol.dispose]: () => {} };

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false';
}
