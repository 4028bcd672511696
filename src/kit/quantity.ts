/**
 * Durations, sizes and rates as people write and read them. Every reader gives `undefined` for what it does not understand.
 */

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

const durationGrammar = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/;

/** `90s`, `1h30m`, `7d`, `2w`, `500ms` → milliseconds. */
export function parseDuration(text: string): number | undefined {
  if (!durationGrammar.test(text)) return undefined;
  let total = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    total += Number(number) * milliseconds[unit as keyof typeof milliseconds];
  }
  return finite(Math.round(total));
}

const bytes = {
  '': 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
} as const;

/** `50MB` (decimal), `8MiB` (binary), `1024` → bytes. */
export function parseSize(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kKMGT]?i?B?)$/.exec(text) ?? [];
  const factor = Object.hasOwn(bytes, unit) ? bytes[unit as keyof typeof bytes] : undefined;
  return number === '' || factor === undefined ? undefined : finite(Math.round(Number(number) * factor));
}

/** `50MB/s` → bytes a second. */
export function parseBandwidth(text: string): number | undefined {
  return text.endsWith('/s') ? parseSize(text.slice(0, -2)) : undefined;
}

/** `20/s`, `100/m`, `5000/h` → times a second. */
export function parseRate(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text) ?? [];
  if (number === '') return undefined;
  return finite((Number(number) * 1000) / milliseconds[unit as 's' | 'm' | 'h']);
}

/** `10%` → 10; from 0 to 100. */
export function parsePercent(text: string): number | undefined {
  const [, number = ''] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const value = Number(number);
  return number === '' || value > 100 ? undefined : value;
}

function finite(value: number): number | undefined {
  return Number.isSafeInteger(Math.ceil(value)) ? value : undefined;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `38.2 MB`: decimal units, three digits at most before the unit. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** `2.1 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `1 layer`, `2 layers`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
