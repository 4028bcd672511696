import type { Io } from '../io.ts';

/** The lines of Python's logging as the original configured it: `LEVEL:root:text` on standard error. */
export interface PythonLog {
  info(text: string): void;
  warning(text: string): void;
  error(text: string): void;
  critical(text: string): void;
}

export function pythonLog(io: Io): PythonLog {
  const at = (level: string) => (text: string) => io.error(`${level}:root:${text}`);
  return { info: at('INFO'), warning: at('WARNING'), error: at('ERROR'), critical: at('CRITICAL') };
}
