/** The rules for names, with the sentences that Quay gives for breaking them. */

const namespacePattern = /^([a-z0-9]+(?:[._-][a-z0-9]+)*)$/;
const repositoryPattern = /^(?=.{0,255}$)[a-z0-9][.a-z0-9_-]*(?:\/[a-z0-9][.a-z0-9_-]*)*$/;
const simpleRepositoryPattern = /^[a-z0-9][.a-z0-9_-]{0,254}$/;
const tagPattern = /^[\w][\w.-]{0,127}$/;

const expression = 'Namespace must match expression ^([a-z0-9]+(?:[._-][a-z0-9]+)*)$';

/** What is wrong with the name of a user or organisation. */
export function namespaceProblem(name: string): string | undefined {
  const reason = nameReason(name, 'Namespace');
  return reason === undefined ? undefined : `Invalid namespace ${name}: ${reason}`;
}

export function robotProblem(name: string): string | undefined {
  const reason = nameReason(name, 'Namespace');
  return reason === undefined ? undefined : `The name for the robot '${name}' is invalid: ${reason}`;
}

export function teamProblem(name: string): string | undefined {
  const reason = nameReason(name, 'Team');
  return reason === undefined ? undefined : `Invalid team name ${name}: ${reason}`;
}

function nameReason(name: string, noun: string): string | undefined {
  if (!namespacePattern.test(name)) return expression;
  if (name.length < 2 || name.length > 255) return `${noun} must be between 2 and 255 characters in length`;
  return undefined;
}

export function isRepositoryName(name: string, extended: boolean): boolean {
  return (extended ? repositoryPattern : simpleRepositoryPattern).test(name);
}

export function isTagName(name: string): boolean {
  return tagPattern.test(name);
}

export function passwordProblem(password: string): string | undefined {
  return password.length >= 8 && !/\s/.test(password)
    ? undefined
    : 'Invalid password, password must be at least 8 characters and contain no whitespace.';
}

export function isEmail(text: string): boolean {
  return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text);
}
