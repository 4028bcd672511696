import { styleText } from 'node:util';
import type { Paint, Tone } from '../../kit/text.ts';
import type { Output } from '../runtime.ts';

export type { Paint };
export type ColourChoice = 'auto' | 'always' | 'never';

const styles = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  dim: 'dim',
  strong: 'bold',
  accent: 'cyan',
} as const satisfies Readonly<Record<Tone, string>>;

/** Colours text, or leaves it, as `on` says. */
export function painter(on: boolean): Paint {
  return on ? (tone, text) => styleText(styles[tone], text, { validateStream: false }) : (_, text) => text;
}

/** The flag decides, then NO_COLOR, FORCE_COLOR and CLICOLOR (no-color.org, bixense.com/clicolors), then the terminal. */
export function wantsColour(
  choice: ColourChoice,
  output: Output,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (isSet(env['NO_COLOR'])) return false;
  const forced = env['FORCE_COLOR'] ?? env['CLICOLOR_FORCE'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env['CLICOLOR'] === '0' || env['TERM'] === 'dumb') return false;
  return output.isTTY === true;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
