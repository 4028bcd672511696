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
  const { options, runtime, io } = context;
  const trace = traceTo(io);
  await using session = await openSession({
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
    ...more,
  });
  return await work(session);
}

function warnTo({ io }: CommandContext): EventListener {
  return (event) => {
    if (event.type === 'warning') warnAbout(event, io);
  };
}
