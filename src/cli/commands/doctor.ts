import { type DoctorReport, doctor } from '../../compose/doctor.ts';
import { padEnd, safeText } from '../../kit/text.ts';
import { parseRegistryAddress } from '../../oci/reference.ts';
import type { CommandContext } from '../context.ts';
import { exitDone, exitFailed } from '../exit-codes.ts';
import { usageError } from '../options.ts';
import { sentence } from '../render-error.ts';
import { withSession } from '../session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, options, runtime, signal, io } = context;
  const [registry = ''] = args;
  if (options.flag('write') && !registry.replace(/^\w+:\/\//, '').includes('/')) {
    throw usageError('--write needs a repository.', 'Write tranship doctor REGISTRY/REPOSITORY --write.');
  }
  const report = await withSession(context, (session) =>
    doctor(session, registry, {
      env: runtime.env,
      write: options.flag('write'),
      plainHttp:
        options.flag('plainHttp') || options.list('plainHttpFor').includes(parseRegistryAddress(registry).host),
      signal,
    }),
  );
  if (options.text('output') === 'json') io.json(report);
  else print(report, context);
  return report.healthy ? exitDone : exitFailed;
}

const signs = { good: '✓', note: '•', bad: '✖' } as const;
const tones = { good: 'good', note: 'dim', bad: 'bad' } as const;

function print({ findings, healthy }: DoctorReport, { io }: CommandContext): void {
  const width = Math.max(...findings.map(({ step }) => step.length));
  for (const { step, state, text, hint } of findings) {
    io.answer(`${io.paint(tones[state], signs[state])} ${padEnd(step, width)}  ${safeText(text)}`);
    if (hint !== undefined) io.answer(`  ${' '.repeat(width)}  ${io.paint('accent', '→')} ${sentence(safeText(hint))}`);
  }
  io.note(healthy ? 'Nothing is wrong that can be seen from here.' : 'See the lines marked ✖.');
}
