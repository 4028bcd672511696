/** Durations, sizes and rates as people write them. Every reader gives `undefined` for what it does not understand. */

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
