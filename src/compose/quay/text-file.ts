/** The files that commands about Quay read and write as text. */
import { chmod, stat } from 'node:fs/promises';
import { writePrivateFile } from '../../quay/private-file.ts';

export { readPrivateFile as readTextFile, writePrivateFile } from '../../quay/private-file.ts';

/** Puts a file in place of another in one step, with the rights that the other had. */
export async function replaceTextFile(path: string, text: string, unique: string): Promise<void> {
  const { mode } = await stat(path);
  await writePrivateFile(path, text, unique);
  await chmod(path, mode & 0o777);
}
