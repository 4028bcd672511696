/** How a declared list and what stands on the server lie to each other. */
export interface Match<Declared, Observed> {
  /** Declared and not there, for which something there must change … */
  readonly replaced: readonly { readonly declared: Declared; readonly observed: Observed }[];
  /** … or be made. */
  readonly missing: readonly Declared[];
  /** There and not declared. */
  readonly extra: readonly Observed[];
}

/**
 * Matches two lists whose members have no name of their own. What is equal on both sides drops out; a missing one and an
 * extra one that `resemble` each other make a replacement, so that a changed value is a change and not a deletion.
 */
export function matchLists<Declared, Observed>(
  declared: readonly Declared[],
  observed: readonly Observed[],
  equal: (declared: Declared, observed: Observed) => boolean,
  resemble: (declared: Declared, observed: Observed) => boolean = () => true,
): Match<Declared, Observed> {
  const extra = [...observed];
  const unmatched = declared.filter((wanted) => !takeFirst(extra, (there) => equal(wanted, there)));
  const replaced: { declared: Declared; observed: Observed }[] = [];
  const missing: Declared[] = [];
  for (const wanted of unmatched) {
    const there = takeFirst(extra, (candidate) => resemble(wanted, candidate));
    if (there === undefined) missing.push(wanted);
    else replaced.push({ declared: wanted, observed: there.value });
  }
  return { replaced, missing, extra };
}

function takeFirst<T>(list: T[], wanted: (member: T) => boolean): { readonly value: T } | undefined {
  const index = list.findIndex(wanted);
  if (index === -1) return undefined;
  const [value] = list.splice(index, 1);
  return { value: value as T };
}

/** The names of declared fields whose observed value differs, with both values, for a reason that people read. */
export function differences(
  fields: Readonly<Record<string, readonly [declared: unknown, observed: unknown]>>,
): string[] {
  return Object.entries(fields)
    .filter(([, [declared, observed]]) => declared !== undefined && !equalValues(declared, observed))
    .map(([name, [declared, observed]]) => `${name}: ${shown(observed)} → ${shown(declared)}`);
}

/** Deep equality of plain data; an absent and a `null` value are the same. */
export function equalValues(left: unknown, right: unknown): boolean {
  return JSON.stringify(ordered(left ?? null)) === JSON.stringify(ordered(right ?? null));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, ordered(member)]),
  );
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '') return '(none)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
