import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';

/** Writes the demonstration's configuration, shows it, and returns its path. */
export function writeConfig(folder: string, source: string, destination: string): string {
  const file = join(folder, 'tranship.yaml');
  const text = `version: 1
registries:
  here: {url: "http://${source}"}
  there: {url: "http://${destination}"}
stages:
  - id: shop
    from: {registry: here, repositories: ["shop/**"]}
    tags: {include: [latest, {semver: ">=1.0"}], at-least: 1}
    to: [{registry: there, repository: "mirror/{name}"}]
`;
  writeFileSync(file, text);
  console.log(styleText('dim', text.trimEnd()));
  return file;
}
