import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}
interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
const installed = Object.entries(lock.packages).filter(([path]) => path !== '');

/** What a user of the published package installs, whole closure. Raising it is a decision, not an accident. */
const closureBudget = 24;

describe('the dependencies', () => {
  test('every one has its line in the decisions, with the reason and the rivals', () => {
    const page = read('docs/decisions/dependencies.md');
    const all = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(all.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  test('versions are exact', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  test('what users install stays within the budget', () => {
    const runtime = installed.filter(([, locked]) => !locked.dev).map(([path]) => path);
    expect(runtime.slice(closureBudget)).toEqual([]);
  });

  test('only the Node binary runs a script when it is installed', () => {
    expect(installed.filter(([, locked]) => locked.hasInstallScript).map(([path]) => path)).toEqual([
      'node_modules/node',
    ]);
  });

  test('the lock file names no host', () => {
    expect(installed.filter(([, locked]) => locked.resolved !== undefined)).toEqual([]);
    expect(read('package-lock.json')).not.toMatch(
      /https?:\/\/(?!opencollective|github|paulmillr|funding|feross|www\.patreon|buymeacoffee)[^"]*\.tgz/,
    );
  });
});
