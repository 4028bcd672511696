/**
 * Builds the path of an API call from a template. This is a safety device: Quay's routes fall through, so that
 * `DELETE /repository/acme//app` is answered with a redirect to `…/acme/app` and a client that follows it deletes that
 * repository. Hence no segment is ever empty, `.` or `..`, none brings a slash of its own, and a repository always has
 * its namespace.
 */
import { TranshipError } from '../oci/errors.ts';

/** The names between braces in a template. */
export type ParametersOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParametersOf<Rest>
  : never;

export type PathParameters<Path extends string> = { readonly [Name in ParametersOf<Path>]: string };

/** Where a parameter spans several segments. All others are one segment. */
const spanning = new Set(['repository']);

const forbiddenInSegment = /[/\\?#%\s\p{Cc}]/u;

/** Fills `template` (`/organization/{organization}/team/{team}`) with checked and encoded segments. */
export function buildPath<Path extends string>(template: Path, parameters: PathParameters<Path>): string {
  const values: Readonly<Record<string, string | undefined>> = parameters;
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw unsafePath(template, name, 'is missing');
    return spanning.has(name) ? repositoryPath(template, value) : segment(template, name, value);
  });
}

function repositoryPath(template: string, value: string): string {
  const segments = value.split('/');
  if (segments.length < 2) throw unsafePath(template, 'repository', `"${value}" has no namespace`);
  return segments.map((part) => segment(template, 'repository', part)).join('/');
}

function segment(template: string, name: string, value: string): string {
  if (value === '') throw unsafePath(template, name, 'is empty');
  if (value === '.' || value === '..') throw unsafePath(template, name, `is "${value}"`);
  if (forbiddenInSegment.test(value)) throw unsafePath(template, name, `"${value}" has a character that no name has`);
  return encodeURIComponent(value)
    .replaceAll('%2B', '+')
    .replaceAll('%3A', ':')
    .replaceAll('%40', '@')
    .replaceAll('%24', '$');
}

function unsafePath(template: string, name: string, why: string): TranshipError {
  return new TranshipError('E_QUAY_NAME', 'usage', `The ${name} ${why}, so that no call to ${template} was made`, {
    hint: `Check the ${name} in the configuration or on the command line.`,
  });
}
