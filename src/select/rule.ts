import { Range } from 'semver';
import type { NewestRule, TagRule } from '../config/types.ts';
import type { TagName } from '../oci/names.ts';
import { compilePattern, describePattern } from './pattern.ts';
import { compareVersions, isSuffixed, lineOf, parseVersion, toSemver, type Version } from './version.ts';

/** A tag as a listing shows it: its name, and when it was set where the listing tells. */
export interface Candidate {
  readonly tag: TagName;
  /** RFC 3339. */
  readonly updatedAt?: string;
}

/** What a rule says of one tag. Tags that a rule answers alike share one object. */
export interface Verdict {
  readonly taken: boolean;
  /** Why, behind the tag's name: `is among the newest 3 of 3.18`. */
  readonly why: string;
  /** The rule's pattern does not concern the tag at all. */
  readonly unconcerned?: true;
  /** The rule could not tell, because the registry does not say when the tag was set. */
  readonly ageless?: true;
}

export interface CompiledRule {
  /** As a person would write it. */
  readonly text: string;
  /** One verdict for each candidate, in order. */
  judge(candidates: readonly Candidate[], now: number): readonly Verdict[];
}

/** A candidate on its way through the parts of a rule. */
interface Contender {
  readonly at: number;
  readonly candidate: Candidate;
  /** The part of the tag that may spell a version. */
  readonly spelled: string;
  version: Version | undefined;
}

/** Parts of a rule narrow down one after another: pattern, age, version, newest. */
export function compileRule(rule: TagRule): CompiledRule {
  const parts = [byAge(rule), bySemver(rule), byNewest(rule)].filter((part) => part !== undefined);
  const pattern = rule.pattern && compilePattern(rule.pattern);
  return {
    text: describeRule(rule),
    judge(candidates, now) {
      const verdicts: Verdict[] = candidates.map(() => unconcerned);
      let contenders: Contender[] = [];
      candidates.forEach((candidate, at) => {
        const spelled = pattern === undefined ? candidate.tag : pattern.capture(candidate.tag);
        if (spelled !== undefined) contenders.push({ at, candidate, spelled, version: undefined });
      });
      for (const part of parts) contenders = part(contenders, { verdicts, now });
      for (const { at } of contenders) if (verdicts[at] === unconcerned) verdicts[at] = takenPlainly;
      return verdicts;
    },
  };
}

function describeRule(rule: TagRule): string {
  const words = [
    rule.pattern && describePattern(rule.pattern) + (rule.digest === undefined ? '' : ` as ${rule.digest}`),
    rule.semver !== undefined && `semver ${rule.semver}`,
    rule.prereleases && 'with pre-releases',
    rule.newest && describeNewest(rule.newest),
    rule.newerThanMs !== undefined && `newer than ${inWords(rule.newerThanMs)}`,
    rule.olderThanMs !== undefined && `older than ${inWords(rule.olderThanMs)}`,
  ];
  return words.filter(Boolean).join(', ');
}

const unconcerned: Verdict = { taken: false, why: 'is not what the rule is about', unconcerned: true };
const takenPlainly: Verdict = { taken: true, why: 'is taken' };

interface Course {
  readonly verdicts: Verdict[];
  readonly now: number;
}

/** Gives those that are still in; says of the others why they are out. */
type Part = (contenders: readonly Contender[], course: Course) => Contender[];

function byAge({ newerThanMs, olderThanMs }: TagRule): Part | undefined {
  if (newerThanMs === undefined && olderThanMs === undefined) return undefined;
  const tooOld: Verdict = { taken: false, why: `is not newer than ${inWords(newerThanMs ?? 0)}` };
  const tooNew: Verdict = { taken: false, why: `is not older than ${inWords(olderThanMs ?? 0)}` };
  return sift(({ candidate }, { now }) => {
    const set = timeOf(candidate);
    if (set === undefined) return ageless;
    if (newerThanMs !== undefined && now - set > newerThanMs) return tooOld;
    if (olderThanMs !== undefined && now - set < olderThanMs) return tooNew;
    return undefined;
  });
}

function bySemver({ semver, prereleases = false }: TagRule): Part | undefined {
  if (semver === undefined) return undefined;
  const range = new Range(semver, { includePrerelease: prereleases });
  const outside: Verdict = { taken: false, why: `is outside of ${semver}` };
  return sift((contender) => {
    contender.version = parseVersion(contender.spelled);
    if (contender.version === undefined) return noVersion;
    if (range.test(toSemver(contender.version))) return undefined;
    return isSuffixed(contender.version) && !prereleases ? suffixed : outside;
  });
}

const ageless: Verdict = { taken: false, why: 'has an age that the registry does not tell', ageless: true };
const noVersion: Verdict = { taken: false, why: 'is no version' };
const suffixed: Verdict = { taken: false, why: 'is a pre-release or a variant' };

function byNewest({ newest, semver, prereleases = false }: TagRule): Part | undefined {
  if (newest === undefined) return undefined;
  if (newest.by === 'time') return (contenders, course) => takeNewest(byTime(contenders, course), newest, course);
  const versions = sift((contender) => {
    contender.version ??= parseVersion(contender.spelled);
    if (contender.version === undefined) return noVersion;
    return semver === undefined && !prereleases && isSuffixed(contender.version) ? suffixed : undefined;
  });
  return (contenders, course) => takeNewest(byVersion(versions(contenders, course)), newest, course);
}

function sift(objection: (contender: Contender, course: Course) => Verdict | undefined): Part {
  return (contenders, course) =>
    contenders.filter((contender) => {
      const verdict = objection(contender, course);
      if (verdict !== undefined) course.verdicts[contender.at] = verdict;
      return verdict === undefined;
    });
}

/** Newest first. */
function byVersion(contenders: readonly Contender[]): Contender[] {
  return contenders.toSorted((a, b) =>
    a.version === undefined || b.version === undefined ? 0 : compareVersions(b.version, a.version),
  );
}

function byTime(contenders: readonly Contender[], course: Course): Contender[] {
  const known = sift(({ candidate }) => (timeOf(candidate) === undefined ? ageless : undefined))(contenders, course);
  return known.toSorted((a, b) => (timeOf(b.candidate) ?? 0) - (timeOf(a.candidate) ?? 0));
}

/** Takes the first of each line; `sorted` has the newest first. */
function takeNewest(sorted: readonly Contender[], { count, per }: NewestRule, { verdicts }: Course): Contender[] {
  const lines = new Map<string, Line>();
  return sorted.filter(({ at, version }) => {
    const name = per === undefined || version === undefined ? '' : lineOf(version, per);
    const line = lines.get(name) ?? newLine(name, count);
    lines.set(name, line);
    const verdict = line.left > 0 ? line.taken : line.dropped;
    line.left -= 1;
    verdicts[at] = verdict;
    return verdict.taken;
  });
}

interface Line {
  left: number;
  readonly taken: Verdict;
  readonly dropped: Verdict;
}

function newLine(name: string, count: number): Line {
  const among = `among the newest ${count}${name === '' ? '' : ` of ${name}`}`;
  return { left: count, taken: { taken: true, why: `is ${among}` }, dropped: { taken: false, why: `is not ${among}` } };
}

function timeOf({ updatedAt }: Candidate): number | undefined {
  const time = updatedAt === undefined ? Number.NaN : Date.parse(updatedAt);
  return Number.isNaN(time) ? undefined : time;
}

function describeNewest({ count, by, per }: NewestRule): string {
  return `newest ${count}${by === 'time' ? ' by time' : ''}${per === undefined ? '' : ` per ${per}`}`;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** In the largest unit that it is a whole number of. */
function inWords(duration: number): string {
  const [unit, size] = units.find(([, length]) => duration % length === 0) ?? ['ms', 1];
  return `${duration / size}${unit}`;
}
