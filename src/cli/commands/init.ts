import { writeFile } from 'node:fs/promises';
import { starterText } from '../../config/starter.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';

export async function run({ args, options, io }: CommandContext): Promise<number> {
  const path = args[0] ?? 'tranship.yaml';
  const [source, destination] = [options.text('from'), options.text('to')];
  const text = starterText({ ...(source && { source }), ...(destination && { destination }) });
  await writeFile(path, text, { flag: options.flag('force') ? 'w' : 'wx' }).catch((error: unknown) => {
    throw unwritable(path, error);
  });
  io.answer(path);
  io.note('Put your registries and repositories in, then see what would happen: tranship plan');
  return exitDone;
}

function unwritable(path: string, cause: unknown): TranshipError {
  const isThere = cause instanceof Error && Reflect.get(cause, 'code') === 'EEXIST';
  return new TranshipError('E_NOT_WRITTEN', 'usage', isThere ? 'The file is there already.' : 'It cannot be written.', {
    subject: path,
    hint: isThere ? 'Name another file, or give --force to write over it.' : 'Check the folder and its rights.',
    cause,
  });
}
