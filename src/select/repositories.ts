import type { NamePattern, RepositoryRules } from '../config/types.ts';
import { isGlob } from '../kit/pattern.ts';
import { TranshipError } from '../oci/errors.ts';
import { isRepositoryName, type RepositoryName } from '../oci/names.ts';
import { compilePattern, describePattern } from './pattern.ts';

type SeveralRules = Extract<RepositoryRules, { kind: 'several' }>;

export interface RepositorySelection {
  /** In the order of the listing. */
  readonly kept: readonly RepositoryName[];
  readonly decisions: readonly RepositoryDecision[];
  readonly warnings: readonly string[];
}

export interface RepositoryDecision {
  readonly repository: RepositoryName;
  readonly kept: boolean;
  readonly why: string;
}

/** Which of the repositories that a registry lists are wanted. */
export function selectRepositories(names: readonly RepositoryName[], rules: SeveralRules): RepositorySelection {
  const include = rules.include.map(compiled);
  const exclude = rules.exclude.map(compiled);
  const decisions = names.map((repository): RepositoryDecision => {
    const dropping = exclude.find((rule) => rule.matches(repository));
    if (dropping !== undefined) return { repository, kept: false, why: `is excluded by ${dropping.text}` };
    const taking = include.find((rule) => rule.matches(repository));
    if (taking !== undefined) return { repository, kept: true, why: `is taken by ${taking.text}` };
    return include.length === 0
      ? { repository, kept: true, why: 'is taken, as every repository is' }
      : { repository, kept: false, why: 'is taken by no pattern' };
  });
  const idle = include.filter((rule) => !names.some((name) => rule.matches(name)));
  return {
    kept: decisions.filter((decision) => decision.kept).map((decision) => decision.repository),
    decisions,
    warnings: idle.map((rule) => `${rule.text} takes no repository`),
  };
}

/** The failure of a selection that the rules' `at-least` or `at-most` does not allow. */
export function guardRepositories(
  selection: RepositorySelection,
  rules: SeveralRules,
  registry: string,
): TranshipError | undefined {
  const found = `${selection.kept.length} of ${selection.decisions.length} repositories were selected`;
  if (selection.kept.length < rules.atLeast) {
    const message = `${found}, but at least ${rules.atLeast} must be.`;
    const hint = 'Check the patterns against `tranship repos REGISTRY`, or allow it with at-least: 0.';
    return new TranshipError('E_TOO_FEW_REPOSITORIES', 'refused', message, { subject: registry, hint });
  }
  if (rules.atMost === undefined || selection.kept.length <= rules.atMost) return undefined;
  const message = `${found}, but at most ${rules.atMost} may be.`;
  const hint = 'Narrow the patterns, or raise at-most.';
  return new TranshipError('E_TOO_MANY_REPOSITORIES', 'refused', message, { subject: registry, hint });
}

/** The repositories where the rules name nothing but whole names, so that no listing is needed; else `undefined`. */
export function exactRepositories(rules: RepositoryRules): readonly RepositoryName[] | undefined {
  if (rules.kind === 'one') return isRepositoryName(rules.repository) ? [rules.repository] : undefined;
  if (rules.include.length === 0 || !rules.include.every(isName)) return undefined;
  const names = rules.include.map((pattern) => ('glob' in pattern ? pattern.glob : '')).filter(isRepositoryName);
  return selectRepositories([...new Set(names)], rules).kept;
}

/**
 * Paths that everything wanted lies below, for registries that list one namespace at a time; `undefined` where a pattern may
 * take anything.
 */
export function namespacesOf(rules: SeveralRules): readonly string[] | undefined {
  if (rules.include.length === 0) return undefined;
  const prefixes = rules.include.map(fixedParts);
  return prefixes.every((prefix) => prefix !== '') ? [...new Set(prefixes)] : undefined;
}

/** The whole parts before the first one with a sign of a pattern; the last part is a repository's own name. */
function fixedParts(pattern: NamePattern): string {
  if (!('glob' in pattern)) return plainBeginning(pattern.regex);
  const parts = pattern.glob.split('/').slice(0, -1);
  const open = parts.findIndex(isGlob);
  return (open < 0 ? parts : parts.slice(0, open)).join('/');
}

/** The whole parts that an expression of one branch spells out at its beginning. */
function plainBeginning(regex: string): string {
  if (regex.includes('|')) return '';
  const [, parts = ''] = /^\^?((?:[a-z0-9_-]+\/(?![?*{]))+)/.exec(regex) ?? [];
  return parts.slice(0, -1);
}

function isName(pattern: NamePattern): boolean {
  return 'glob' in pattern && !isGlob(pattern.glob);
}

function compiled(pattern: NamePattern): { readonly text: string; matches(name: string): boolean } {
  return { ...compilePattern(pattern), text: describePattern(pattern) };
}
