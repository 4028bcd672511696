import type { TagRule, TagRules } from '../config/types.ts';
import { countText } from '../kit/quantity.ts';
import { TranshipError } from '../oci/errors.ts';
import type { TagName } from '../oci/names.ts';
import { readAttachmentTag } from '../oci/referrers-tag.ts';
import { type Candidate, type CompiledRule, compileRule, type Verdict } from './rule.ts';

/** Which tags of a repository are wanted, and for each tag of it why or why not. */
export interface Selection {
  /** In the order of the listing. */
  readonly kept: readonly TagName[];
  /** Of every tag, in the order of the listing. */
  readonly decisions: readonly TagDecision[];
  readonly warnings: readonly SelectionWarning[];
  /** Kept tags that stand for themselves: without signatures' and referrers' tags, which come with their image. */
  readonly counted: number;
}

export interface TagDecision {
  readonly tag: TagName;
  readonly kept: boolean;
  /** The rule that decided, or came nearest to taking it; absent where none is about it. */
  readonly rule?: RuleName;
  /** Behind the tag's name: `is among the newest 3 of 3.18`. */
  readonly why: string;
}

export interface RuleName {
  /** Where it stands: `include[0]`, `exclude[2]`. */
  readonly name: string;
  /** As a person would write it: `semver >=3.18, newest 3 per minor`. */
  readonly text: string;
}

export interface SelectionWarning {
  readonly rule: RuleName;
  /** `takes no tag` */
  readonly message: string;
}

export interface SelectionOptions {
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
}

/** Compiles the rules once, for many repositories. */
export function tagSelector(rules: TagRules): (tags: readonly Candidate[], options: SelectionOptions) => Selection {
  const include = named('include', rules.include.map(compileRule));
  const exclude = named('exclude', rules.exclude.map(compileRule));
  return (tags, { now }) => {
    const excluded = exclude.map((rule) => rule.judge(tags, now));
    const rest = tags.filter((_, at) => excluded.every((verdicts) => verdicts[at]?.taken !== true));
    const included = include.map((rule) => rule.judge(rest, now));
    const decisions = decide(tags, withVerdicts(exclude, excluded), withVerdicts(include, included));
    return summary(decisions, [...warn(include, included, rest.length), ...warn(exclude, excluded, tags.length)]);
  };
}

export function selectTags(tags: readonly Candidate[], rules: TagRules, options: SelectionOptions): Selection {
  return tagSelector(rules)(tags, options);
}

/** The failure of a selection that the rules' `at-least` or `at-most` does not allow. */
export function guardTags(selection: Selection, rules: TagRules, repository: string): TranshipError | undefined {
  const { counted, decisions } = selection;
  const found = `${counted} of ${decisions.length} tags were selected`;
  if (counted < rules.atLeast && decisions.length === 0) {
    const message = `There is no such repository, or it has no tags; at least ${countText(rules.atLeast, 'tag')} must be there.`;
    return new TranshipError('E_TOO_FEW_TAGS', 'refused', message, {
      subject: repository,
      hint: 'Correct the name under `from`; allow it with at-least: 0.',
    });
  }
  if (counted < rules.atLeast) {
    return new TranshipError('E_TOO_FEW_TAGS', 'refused', `${found}, but at least ${rules.atLeast} must be.`, {
      subject: repository,
      hint: 'See why with `tranship tags REPOSITORY --explain`; allow it with at-least: 0.',
    });
  }
  if (rules.atMost !== undefined && counted > rules.atMost) {
    return new TranshipError('E_TOO_MANY_TAGS', 'refused', `${found}, but at most ${rules.atMost} may be.`, {
      subject: repository,
      hint: 'Narrow the rules, or raise at-most.',
    });
  }
  return undefined;
}

/**
 * The very tags that the rules name where they name nothing else, so that no listing is needed; `undefined` where only a
 * listing tells. A named tag that the source does not hold shows when it is resolved.
 */
export function exactTags(rules: TagRules): readonly TagName[] | undefined {
  if (rules.include.length === 0) return undefined;
  const names = rules.include.map((rule) => (isOfOneName(rule) ? rule.pattern : undefined));
  if (!names.every((pattern) => pattern !== undefined && 'name' in pattern)) return undefined;
  const tags = [...new Set(names.map((pattern) => pattern.name as TagName))];
  const needsAge = rules.exclude.some((rule) => rule.newest !== undefined || ageOf(rule));
  if (needsAge) return undefined;
  return selectTags(
    tags.map((tag) => ({ tag })),
    rules,
    { now: 0 },
  ).kept;
}

function isOfOneName(rule: TagRule): boolean {
  return Object.keys(rule).every((part) => part === 'pattern' || part === 'digest');
}

function ageOf({ newerThanMs, olderThanMs }: { newerThanMs?: number; olderThanMs?: number }): boolean {
  return newerThanMs !== undefined || olderThanMs !== undefined;
}

interface NamedRule extends CompiledRule {
  readonly rule: RuleName;
}

function named(list: string, rules: readonly CompiledRule[]): readonly NamedRule[] {
  return rules.map((compiled, at) => ({ ...compiled, rule: { name: `${list}[${at}]`, text: compiled.text } }));
}

interface Judged {
  readonly rule: RuleName;
  readonly verdicts: readonly Verdict[];
}

function withVerdicts(rules: readonly NamedRule[], verdicts: readonly (readonly Verdict[])[]): readonly Judged[] {
  return rules.map(({ rule }, at) => ({ rule, verdicts: verdicts[at] ?? [] }));
}

/** `exclude` judged every tag, `include` only those that were left. */
function decide(
  tags: readonly Candidate[],
  exclude: readonly Judged[],
  include: readonly Judged[],
): readonly TagDecision[] {
  let left = 0;
  return tags.map(({ tag }, at) => {
    const dropped = exclude.find(({ verdicts }) => verdicts[at]?.taken);
    if (dropped !== undefined) return { tag, kept: false, rule: dropped.rule, why: 'is excluded' };
    const decision = decideIncluded(tag, include, left);
    left += 1;
    return decision;
  });
}

function decideIncluded(tag: TagName, include: readonly Judged[], at: number): TagDecision {
  if (include.length === 0) return { tag, kept: true, why: 'is taken, as every tag is' };
  const taking = include.find(({ verdicts }) => verdicts[at]?.taken);
  if (taking !== undefined) return explained(tag, true, taking, at);
  const nearest = include.find(({ verdicts }) => verdicts[at]?.unconcerned === undefined);
  if (nearest !== undefined) return explained(tag, false, nearest, at);
  return { tag, kept: false, why: 'is taken by no rule' };
}

function explained(tag: TagName, kept: boolean, { rule, verdicts }: Judged, at: number): TagDecision {
  return { tag, kept, rule, why: verdicts[at]?.why ?? '' };
}

function summary(decisions: readonly TagDecision[], warnings: readonly SelectionWarning[]): Selection {
  const kept = decisions.filter((decision) => decision.kept).map((decision) => decision.tag);
  const counted = kept.filter((tag) => readAttachmentTag(tag) === undefined).length;
  return { kept, decisions, warnings, counted };
}

function warn(
  rules: readonly NamedRule[],
  judged: readonly (readonly Verdict[])[],
  candidates: number,
): readonly SelectionWarning[] {
  return rules.flatMap(({ rule }, at) => {
    const verdicts = judged[at] ?? [];
    const ageless = verdicts.filter((verdict) => verdict.ageless).length;
    if (ageless > 0) return [{ rule, message: `cannot tell of ${ageless} tags, whose age the registry does not say` }];
    if (candidates > 0 && !verdicts.some((verdict) => verdict.taken)) return [{ rule, message: 'takes no tag' }];
    return [];
  });
}
