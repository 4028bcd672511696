const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
const month = `(?<month>${months.join('|')})`;

/** The three forms of RFC 9110 §5.6.7. */
const forms = [
  new RegExp(String.raw`^[A-Z][a-z]{2}, (?<day>\d\d) ${month} (?<year>\d{4}) ${time} GMT$`, 'u'),
  new RegExp(String.raw`^[A-Z][a-z]{5,8}, (?<day>\d\d)-${month}-(?<year>\d\d) ${time} GMT$`, 'u'),
  new RegExp(String.raw`^[A-Z][a-z]{2} ${month} (?<day>[ \d]\d) ${time} (?<year>\d{4})$`, 'u'),
];

/**
 * Milliseconds to wait by a `Retry-After` header (RFC 9110 §10.2.3): seconds, or a date in any of the three forms.
 * `undefined` for nonsense. `now` is the wall clock; a date in the past means no wait.
 */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/u.test(text)) return Number(text) * 1000;
  const date = httpDate(text, now);
  return date === undefined ? undefined : Math.max(0, date - now);
}

/** Milliseconds since the epoch. */
function httpDate(text: string, now: number): number | undefined {
  for (const form of forms) {
    const fields = form.exec(text)?.groups;
    if (fields !== undefined) return utc(fields, now);
  }
  return undefined;
}

function utc(fields: Readonly<Record<string, string>>, now: number): number | undefined {
  const number = (name: string) => Number(fields[name]);
  const day = number('day');
  const [hour, minute, second] = [number('hour'), number('minute'), number('second')];
  if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  const year = fullYear(fields['year'] ?? '', now);
  return Date.UTC(year, months.indexOf(fields['month'] ?? ''), day, hour, minute, second);
}

/** Two digits name the century that puts the date at most 50 years ahead. */
function fullYear(text: string, now: number): number {
  const year = Number(text);
  if (text.length === 4) return year;
  const thisYear = new Date(now).getUTCFullYear();
  const near = thisYear - (thisYear % 100) + year;
  return near > thisYear + 50 ? near - 100 : near;
}
