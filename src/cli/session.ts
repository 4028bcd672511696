import { openSession, type Session, type SessionOptions } from '../compose/session.ts';
import type { EventListener } from '../report/events.ts';
import type { CommandContext } from './context.ts';
import { traceTo } from './progress/trace.ts';
import { warnAbout } from './progress/warnings.ts';
import { version } from './version.ts';

/** Opens what a command needs of the world, as its options say, and closes it afterwards. */
export async function withSession<T>(
  context: CommandContext,
  work: (session: Session) => Promise<T>,
  listen: EventListener = warnTo(context),
  more: SessionOptions = {},
): Promise<T> {
  await using session = await openSession({ ...sessionOptions(context, listen), ...more });
  return await work(session);
}

/** What the options and the environment say of reaching registries. */
export function sessionOptions({ options, runtime, io }: CommandContext, listen: EventListener): SessionOptions {
  const trace = traceTo(io, options.text('progress'));
  return {
    env: runtime.env,
    home: runtime.home,
    platform: runtime.platform,
    authFile: options.text('authfile'),
    caFile: options.text('caFile'),
    plainHttp: options.flag('plainHttp') || options.list('plainHttpFor'),
    insecure: options.flag('insecure') || options.list('insecureFor'),
    userAgent: `tranship/${version}`,
    emit: (event) => {
      trace(event);
      listen(event);
    },
  };
}

export function warnTo({ io }: CommandContext): EventListener {
  return (event) => {
    if (event.type === 'warning') warnAbout(event, io);
  };
}
