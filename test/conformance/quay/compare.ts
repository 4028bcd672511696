import { isMadeUp, type Learned, pairParts } from './learned.ts';

/** How far two times of the same moment may be apart: the recording's clock had fractions, the replay's has none. */
const toleranceMilliseconds = 5000;

/**
 * Compares a recorded answer's value with the fake's, and learns what stands for what on the way. Returns where they
 * differ: `logs[3].metadata.tag: "v1" / "v2"`.
 */
export function compareValues(recorded: unknown, actual: unknown, learned: Learned, path = ''): string[] {
  if (typeof recorded === 'string' && typeof actual === 'string') return compareTexts(recorded, actual, learned, path);
  if (typeof recorded === 'number' && typeof actual === 'number') return compareNumbers(recorded, actual, path);
  if (Array.isArray(recorded) && Array.isArray(actual)) return compareLists(recorded, actual, learned, path);
  if (isObject(recorded) && isObject(actual)) return compareObjects(recorded, actual, learned, path);
  return recorded === actual ? [] : [difference(path, recorded, actual)];
}

function compareTexts(recorded: string, actual: string, learned: Learned, path: string): string[] {
  const [left, right] = [comparable(recorded), comparable(actual)];
  if (left === right || sameTime(left, right)) return [];
  if (isAvatarField(path)) return [];
  if (isMadeUp(left)) return compareMadeUp(left, right, learned, path);
  const pairs = pairParts(left, right);
  if (pairs === undefined) return [difference(path, left, right)];
  return pairs.flatMap(([one, other]) => compareMadeUp(one, other, learned, path));
}

function compareMadeUp(recorded: string, actual: string, learned: Learned, path: string): string[] {
  const known = learned.get(recorded);
  if (known === undefined || path.endsWith('status_token')) {
    learned.learn(recorded, actual);
    return [];
  }
  if (known === actual || mayBeReissued(path)) {
    learned.learn(recorded, actual);
    return [];
  }
  return [difference(path, `${recorded} = ${known}`, actual)];
}

/** Registry tokens of one second are one string in the recording, and cookies are signed anew with the time. */
function mayBeReissued(path: string): boolean {
  return path === 'token' || path.startsWith('header');
}

/**
 * Without what differs between builds and moments: validation failures end in a dump of the schema, and the output of the
 * mirror's copying tool begins with the time.
 */
function comparable(text: string): string {
  const end = text.indexOf('\n\nFailed validating');
  const first = end < 0 ? text : text.slice(0, end);
  return first.replaceAll(/time="[\d:TZ-]+"/g, 'time=""');
}

/** The colour and hash of an avatar come from an address that Quay makes up where none was given. */
function isAvatarField(path: string): boolean {
  return path.endsWith('.hash') || path.endsWith('.color');
}

const timeForms = [/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d -0000$/, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/];

function sameTime(left: string, right: string): boolean {
  return timeForms.some((form) => {
    if (!form.test(left) || !form.test(right)) return false;
    return Math.abs(Date.parse(left) - Date.parse(right)) <= toleranceMilliseconds || isDrifting(left, right);
  });
}

/** Ten years in days of 86 400 s and of years of 365.25 days differ by half a day; Quay's own arithmetic is the former. */
function isDrifting(left: string, right: string): boolean {
  return left.startsWith('2036-') && right.startsWith('2036-');
}

function compareNumbers(recorded: number, actual: number, path: string): string[] {
  if (recorded === actual) return [];
  const isTime = path.endsWith('_ts') || path.endsWith('last_modified');
  return isTime && Math.abs(recorded - actual) <= toleranceMilliseconds / 1000
    ? []
    : [difference(path, recorded, actual)];
}

function compareLists(
  recorded: readonly unknown[],
  actual: readonly unknown[],
  learned: Learned,
  path: string,
): string[] {
  if (recorded.length !== actual.length) return [difference(`${path}.length`, recorded.length, actual.length)];
  if (path.endsWith('aggregated')) return compareSums(recorded, actual, learned, path);
  return recorded.flatMap((value, index) => compareValues(value, actual[index], learned, `${path}[${index}]`));
}

/** The sums over logs come in whatever order the database grouped them. */
function compareSums(
  recorded: readonly unknown[],
  actual: readonly unknown[],
  learned: Learned,
  path: string,
): string[] {
  const order = (sums: readonly unknown[]) => sums.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return compareValues(order(recorded), order(actual), learned, `${path} (sorted)`);
}

function keyOf(sum: unknown): string {
  return isObject(sum) ? `${String(sum['datetime'])} ${String(sum['kind'])}` : '';
}

function compareObjects(
  recorded: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, unknown>>,
  learned: Learned,
  path: string,
): string[] {
  const names = new Set([...Object.keys(recorded), ...Object.keys(actual)]);
  return [...names].flatMap((name) => {
    const inner = path === '' ? name : `${path}.${name}`;
    if (!(name in recorded)) return [difference(inner, undefined, actual[name])];
    if (!(name in actual)) return [difference(inner, recorded[name], undefined)];
    return compareValues(recorded[name], actual[name], learned, inner);
  });
}

function difference(path: string, recorded: unknown, actual: unknown): string {
  return `${path}: ${show(recorded)} / ${show(actual)}`;
}

function show(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
