import { crossCheck } from '../config/check.ts';
import { type ParsedText, parseText } from '../config/document.ts';
import { mistakesOf } from '../config/issues.ts';
import { ConfigError, type Mistake } from '../config/mistake.ts';
import { normalise } from '../config/normalise.ts';
import { configSchema } from '../config/schema.ts';
import type { Config } from '../config/types.ts';
import { identify } from './identify.ts';
import type { NativeFile } from './native.ts';
import type { ForeignIntent, ForeignIo, ForeignReader, ForeignTool } from './reader.ts';
import { readDregsy } from './readers/dregsy.ts';
import { readImageSyncer } from './readers/image-syncer.ts';
import { readRegsync } from './readers/regsync.ts';
import { readReposync } from './readers/reposync.ts';
import { readSkopeo } from './readers/skopeo.ts';
import { withoutRepeats } from './repeats.ts';
import { nativeText } from './write.ts';

const readers: Readonly<Record<ForeignTool, ForeignReader>> = {
  regsync: readRegsync,
  skopeo: readSkopeo,
  dregsy: readDregsy,
  'image-syncer': readImageSyncer,
  'run-reposync': readReposync,
};

/**
 * Reads another tool's file; `undefined` where it is none of those that are known. Throws a `ConfigError` with every mistake
 * at once.
 */
export async function readForeign(text: string, file: string, io: ForeignIo): Promise<ForeignIntent | undefined> {
  const found = identify(text);
  if (found.kind !== 'tool') return undefined;
  const intent = await readers[found.tool](text, file, io);
  // Stages of run-reposync have an order of their own, in which one may write over another.
  return found.tool === 'run-reposync' ? intent : checked(intent, file);
}

/** Two sources that end at one target are a mistake here too: which one came last would be chance. */
function checked(intent: ForeignIntent, file: string): ForeignIntent {
  const native = { ...intent.file, stages: withoutRepeats(intent.file.stages) };
  const mistakes = crossCheck(unwritten(native, file), {}).map(withoutLine);
  if (mistakes.length > 0) throw new ConfigError(file, mistakes);
  return { ...intent, file: native };
}

/** The lines of a converted text are nobody's. */
function withoutLine(mistake: Mistake): Mistake {
  const message = mistake.message.replace(/ \(line [\d?]+\)/g, '').replace(/, in line [\d?]+/, '');
  return { ...mistake, message, at: { file: mistake.at.file } };
}

/** What the converted file means. Mistakes name lines of what `convert` would print. */
export function configOf(native: NativeFile, file: string): Config {
  const parsed = configSchema.safeParse(native);
  if (parsed.success) return normalise(parsed.data);
  const name = `${file} (converted)`;
  throw new ConfigError(name, mistakesOf(parsed.error.issues, parseText(nativeText(native), name)));
}

/** A converted file as it would be read again, without the way through its text. */
function unwritten(native: NativeFile, file: string): ParsedText {
  const at = () => ({ file });
  return { value: native, mistakes: [], valueAt: at, keyAt: at, typedAt: () => undefined };
}
