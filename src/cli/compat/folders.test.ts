/** A folder, or a file of something else, where a configuration is expected. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tranship } from '../../../test/kit/command-line.ts';
import { tempFolder } from '../../../test/kit/embedded-samples.ts';

const files: Readonly<Record<string, string | Uint8Array>> = {
  'a/regsync.yml': 'sync: [{source: a.example.com/x, target: b.example.com/x, type: repository}]\n',
  'a/skopeo.yaml': 'a.example.com: {images: {x: [v1]}}\n',
  'auth.json': '{"auths": {"a.example.com": {}}}',
  'big.yaml': `#${'x'.repeat(2 ** 20)}`,
  'compose.yml': 'services: {x: {image: y}}\n',
  'empty.yaml': '',
  'picture.png': new Uint8Array([0x89, 0x50, 0, 0]),
  'tranship.yaml':
    'version: 1\nregistries: {a: {url: a.example.com}, b: {url: b.example.com}}\nstages: [{from: {registry: a, repository: x}, to: [{registry: b}]}]\n',
};

async function folder() {
  const held = await tempFolder();
  await mkdir(join(held.path, 'a'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(held.path, name), content);
  return held;
}

test('`convert` says of each file in a folder what it is, and how it is converted', async () => {
  await using held = await folder();
  const done = await tranship(['convert', held.path]);
  expect(done.code, done.stderr).toBe(0);
  const lines = done.stdout.replaceAll(`${held.path}/`, '').trim().split('\n').slice(1);
  expect(lines.map((line) => line.split(/ {2,}/).filter((cell) => cell !== ''))).toEqual([
    ['a/regsync.yml', 'a file of regsync', 'tranship convert a/regsync.yml'],
    ['a/skopeo.yaml', 'a file of skopeo', 'tranship convert a/skopeo.yaml --to HOST[/NAMESPACE]'],
    ['auth.json', "docker's or podman's file of logins"],
    ['big.yaml', 'larger than any configuration'],
    ['compose.yml', 'a docker compose file'],
    ['empty.yaml', 'nothing that is known'],
    ['tranship.yaml', 'a tranship.yaml', 'tranship plan -c tranship.yaml'],
  ]);
  expect(done.stderr).toContain('1 further file');
});

test('a tranship.yaml with mistakes is one by its name, and can be asked about', async () => {
  await using held = await tempFolder();
  await writeFile(join(held.path, 'tranship.yaml'), 'registres: {}\n');
  const done = await tranship(['plan', '-c', held.path]);
  expect(done.code).toBe(2);
  expect(done.stderr).toContain('tranship.yaml: a tranship.yaml');
  expect(done.stderr).toContain(`Name one of them: ${held.path}/tranship.yaml`);
});

test.each(['plan', 'sync', 'verify', 'config validate'])(
  '`%s` with a folder names the files that it could have meant',
  async (command) => {
    await using held = await folder();
    const done = await tranship([...command.split(' '), '-c', held.path]);
    expect(done.code).toBe(2);
    expect(done.stderr).toContain(`"${held.path}" is a folder. In it:`);
    expect(done.stderr).toContain('regsync.yml: a file of regsync');
    expect(done.stderr).toContain(`Name one of them: ${join(held.path, 'a/regsync.yml')}`);
  },
);

test('a ConfigMap that is mounted is a folder of links, which are looked at', async () => {
  await using held = await tempFolder();
  await mkdir(join(held.path, '..2026_data'));
  await writeFile(join(held.path, '..2026_data', 'regsync.yml'), files['a/regsync.yml'] ?? '');
  await symlink('..2026_data', join(held.path, '..data'));
  await symlink('..data/regsync.yml', join(held.path, 'regsync.yml'));
  await symlink('nowhere', join(held.path, 'dangling.yml'));
  const done = await tranship(['convert', held.path]);
  expect(done.stdout.split('\n').filter((line) => line.includes('regsync'))).toHaveLength(1);
  expect(done.stdout).not.toContain('dangling');
});

test('a folder without any configuration is no help to anybody, and says so', async () => {
  await using held = await tempFolder();
  for (const args of [
    ['convert', held.path],
    ['plan', '-c', held.path],
  ]) {
    const done = await tranship(args);
    expect(done.code).toBe(2);
    expect(done.stderr).toContain('Known are');
  }
});

test('--out with a folder is refused: it names one file', async () => {
  await using held = await folder();
  const done = await tranship(['convert', held.path, '--out', join(held.path, 'out.yaml')]);
  expect([done.code, done.stderr]).toEqual([2, expect.stringContaining('one file')]);
});

test.each<[string, string, RegExp]>([
  ['compose.yml', 'a file of something else', /it is a docker compose file/],
  ['big.yaml', 'a file without end', /larger than 1 MiB/],
  ['empty.yaml', 'an empty file', /it is empty/],
  ['picture.png', 'a picture', /it is not UTF-8/],
  ['gone.yaml', 'no file at all', /there is no such file/],
  ['tranship.yaml', 'a tranship.yaml, for `convert`', /is a tranship\.yaml already/],
])('%s, %s, gets one clear error and 2', async (name, _what, words) => {
  await using held = await folder();
  const file = join(held.path, name);
  const commands = [
    ['convert', file],
    ...(name === 'tranship.yaml'
      ? []
      : [
          ['plan', '-c', file],
          ['config', 'validate', file],
        ]),
  ];
  for (const args of commands) {
    const done = await tranship(args);
    expect(done.code, done.stderr).toBe(2);
    expect(done.stderr).toMatch(words);
    expect(done.stderr).toContain(name);
  }
});

test('a file that is named twice is refused', async () => {
  await using held = await folder();
  const file = join(held.path, 'tranship.yaml');
  expect((await tranship(['config', 'validate', file])).stdout).toContain('no mistakes');
  expect((await tranship(['config', 'validate', file, '-c', file])).code).toBe(2);
});

test('another tool’s file is shown as what it becomes', async () => {
  await using held = await folder();
  const shown = await tranship([
    'config',
    'show',
    join(held.path, 'a/skopeo.yaml'),
    '--to',
    'm.example.com/all',
    '-o',
    'json',
  ]);
  expect(shown.code, shown.stderr).toBe(0);
  expect(JSON.parse(shown.stdout)).toMatchObject({ stages: [{ to: [{ repository: { template: 'all/x' } }] }] });
});
