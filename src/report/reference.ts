/** The repository in a reference as reports show it: without its tag or digest. `oci:` places keep their folder. */
export function repositoryOf(reference: string): string {
  const [name = ''] = reference.split('@', 1);
  const scheme = /^oci(?:-archive)?:/.exec(name)?.[0].length ?? 0;
  const colon = name.indexOf(':', Math.max(scheme, name.lastIndexOf('/') + 1));
  return colon < 0 ? name : name.slice(0, colon);
}

/** What of a reference tells it apart inside its repository: `v1`, `sha256:…`, or nothing. */
export function tagOf(reference: string): string {
  return reference.slice(repositoryOf(reference).length + 1);
}
