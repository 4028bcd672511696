declare const brand: unique symbol;

/** A tag: 1 to 128 characters of the distribution specification's grammar. */
export type TagName = string & { readonly [brand]: 'TagName' };

/** A repository path such as `library/alpine`, without the registry's host. */
export type RepositoryName = string & { readonly [brand]: 'RepositoryName' };

const tagGrammar = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const pathComponent = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const repositoryGrammar = new RegExp(`^${pathComponent}(?:/${pathComponent})*$`);

/** The distribution specification sets no limit; common clients hold host and path together to 255 characters. */
export const longestRepositoryName = 255;

export function isTagName(text: string): text is TagName {
  return tagGrammar.test(text);
}

export function parseTagName(text: string): TagName | undefined {
  return isTagName(text) ? text : undefined;
}

export function isRepositoryName(text: string): text is RepositoryName {
  return text.length <= longestRepositoryName && repositoryGrammar.test(text);
}

export function parseRepositoryName(text: string): RepositoryName | undefined {
  return isRepositoryName(text) ? text : undefined;
}
