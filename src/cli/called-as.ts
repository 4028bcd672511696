/** The names that the originals are called by, and the command that stands in for each. */
export const linkedNames: Readonly<Record<string, readonly string[]>> = {
  'run-reposync': ['compat', 'run-reposync'],
  'registry-sync': ['compat', 'registry-sync'],
  crawl: ['compat', 'registry-sync', 'crawl'],
  sync: ['compat', 'registry-sync', 'sync'],
  'quay_sync.py': ['compat', 'quay-sync'],
  'quay-sync': ['compat', 'quay-sync'],
  'quay_management_tasks.py': ['compat', 'quay-management'],
  'quay-management': ['compat', 'quay-management'],
  'quay-org-mirror': ['compat', 'quay-org-mirror'],
};

/** The arguments that a call by an original's name stands for; as they are for every other name. */
export function argumentsAs(program: string, argv: readonly string[]): readonly string[] {
  const name = program.split(/[\\/]/).at(-1) ?? '';
  const command = Object.hasOwn(linkedNames, name) ? linkedNames[name] : undefined;
  return command === undefined ? argv : [...command, ...argv];
}
