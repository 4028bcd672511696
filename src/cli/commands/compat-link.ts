import { readlink, realpath, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolders } from '../../kit/folders.ts';
import { TranshipError } from '../../oci/errors.ts';
import { linkedNames } from '../called-as.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';

/** Links the originals' names to this program. What is linked already stays; what is something else is never replaced. */
export async function run({ args, runtime, io }: CommandContext): Promise<number> {
  const folder = resolve(runtime.cwd, args[0] ?? '');
  const program = await realpath(runtime.program);
  await makeFolders(folder);
  for (const name of Object.keys(linkedNames)) {
    await link(program, join(folder, name));
    io.answer(join(folder, name));
  }
  io.note(`Put ${folder} first in PATH where these names are wanted.`);
  return exitDone;
}

async function link(program: string, path: string): Promise<void> {
  try {
    await symlink(program, path);
  } catch (cause) {
    if ((await readlink(path).catch(() => undefined)) === program) return;
    throw new TranshipError('E_LINK', 'failed', 'The name could not be linked.', {
      subject: path,
      hint: 'Give a folder of its own; what stands there already is not replaced.',
      cause,
    });
  }
}
