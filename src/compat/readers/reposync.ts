import { ConfigError } from '../../config/mistake.ts';
import type { ForeignIntent, ForeignIo } from '../reader.ts';
import { checkReposync } from '../reposync/check.ts';
import { nativeReposync, tellReposync } from '../reposync/native.ts';
import { parseReposync } from '../reposync/parse.ts';

/** run-reposync's file for tranship's own commands; the command `compat run-reposync` has its own way in. */
export async function readReposync(source: string, file: string, io: ForeignIo): Promise<ForeignIntent> {
  const { model, differences } = await parseReposync(source, file, io);
  const wrong = checkReposync(model, everySet, '1.x');
  if (wrong.length > 0)
    throw new ConfigError(
      file,
      wrong.map((message) => ({ code: 'E_CONFIG_VALUE', message, at: { file } })),
    );
  tellReposync(model, differences);
  const native = nativeReposync(model);
  const skipping = [...native.keyOf].filter(([, key]) => model.registries[key]?.skipTlsVerify === true);
  return {
    tool: 'run-reposync',
    file: native.file,
    differences: differences.list(),
    secrets: new Map(),
    mayBePlainHttp: new Set(skipping.map(([name]) => name)),
  };
}

/** Whether variables are set is asked when they are needed, as for tranship's own files. */
const everySet = new Proxy<Record<string, string>>({}, { get: () => 'set' });
