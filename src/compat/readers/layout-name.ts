import { isDigest } from '../../oci/digest.ts';
import { isRepositoryName, isTagName } from '../../oci/names.ts';

export interface LayoutName {
  readonly folder: string;
  /** The folder's own name, under which a layout is a repository. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Reads `path/to/layout[:tag][@digest]`; `undefined` where its folder is no repository's name. */
export function layoutName(text: string): LayoutName | undefined {
  const [, named = '', digest] = /^([^@]*)(?:@(.*))?$/.exec(text) ?? [];
  const [, folder = '', tag] = /^(.*?)(?::([^/:]*))?$/.exec(named) ?? [];
  const repository = folder.replace(/\/+$/, '').split('/').at(-1) ?? '';
  if (!isRepositoryName(repository) || (tag !== undefined && !isTagName(tag))) return undefined;
  if (digest !== undefined && !isDigest(digest)) return undefined;
  return { folder, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}
