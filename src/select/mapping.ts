import type { MappingStep, RepositoryMapping, TagMapping } from '../config/types.ts';
import { compileReplacement } from '../kit/pattern.ts';
import { TranshipError } from '../oci/errors.ts';
import { parseRepositoryName, parseTagName, type RepositoryName, type TagName } from '../oci/names.ts';

/** Where something comes from. */
export interface MappedSource {
  /** The registry's key in the configuration. */
  readonly registry: string;
  readonly repository: RepositoryName;
}

/** The repository's name at the destination. Compiled once; throws `E_MAPPING` where the result is no name. */
export function repositoryMapper(mapping: RepositoryMapping): (source: MappedSource) => RepositoryName {
  const map = 'template' in mapping ? template(mapping.template) : steps(mapping.steps);
  return (source) => {
    const text = map(valuesOf(source))
      .replace(/\/{2,}/g, '/')
      .replace(/^\/|\/$/g, '');
    return parseRepositoryName(text) ?? refuse(source.repository, text, 'repository name');
  };
}

/** The tag's name at the destination. Compiled once; throws `E_MAPPING` where the result is no tag. */
export function tagMapper(mapping: TagMapping): (source: MappedSource, tag: TagName) => TagName {
  if (!('template' in mapping)) {
    const replace = compileReplacement(mapping.regex, mapping.with);
    return (_source, tag) => parseTagName(replace(tag)) ?? refuse(tag, replace(tag), 'tag');
  }
  if (mapping.template === '{tag}') return (_source, tag) => tag;
  const map = template(mapping.template);
  return (source, tag) => {
    const text = map({ ...valuesOf(source), tag });
    return parseTagName(text) ?? refuse(tag, text, 'tag');
  };
}

type Values = Readonly<Record<string, string>>;

function valuesOf({ registry, repository }: MappedSource): Values {
  const slash = repository.lastIndexOf('/');
  return {
    registry,
    path: repository,
    namespace: slash < 0 ? '' : repository.slice(0, slash),
    name: repository.slice(slash + 1),
  };
}

function template(text: string): (values: Values) => string {
  return (values) => text.replace(/\{([a-z]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function steps(list: readonly MappingStep[]): (values: Values) => string {
  const compiled = list.map(step);
  return ({ path = '' }) => compiled.reduce((text, apply) => apply(text), path);
}

function step(mapping: MappingStep): (text: string) => string {
  if ('strip' in mapping) return (text) => (text.startsWith(mapping.strip) ? text.slice(mapping.strip.length) : text);
  if ('prefix' in mapping) return (text) => mapping.prefix + text;
  if ('suffix' in mapping) return (text) => text + mapping.suffix;
  return compileReplacement(mapping.regex, mapping.with);
}

function refuse(from: string, text: string, what: string): never {
  throw new TranshipError('E_MAPPING', 'usage', `"${from}" would become "${text}", which is no ${what}.`, {
    subject: from,
    hint: 'Correct the mapping under `to`.',
  });
}
