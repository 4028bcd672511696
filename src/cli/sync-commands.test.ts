import { mkdir, mkdtemp, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tranship } from '../../test/kit/command-line.ts';
import { type EmbeddedRegistry, startEmbedded } from '../../test/kit/embedded.ts';
import { fill } from '../../test/kit/filled.ts';
import type { Plan } from '../plan/types.ts';
import type { Report } from '../report/report.ts';

let source: EmbeddedRegistry;
let target: EmbeddedRegistry;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-sync-'));
  [source, target] = await Promise.all([startEmbedded(), startEmbedded()]);
  await fill(source, 'corpus/busybox', 'corpus/multi', 'corpus/referrers');
});
afterEach(async () => {
  await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()]);
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command as a user with a home of their own. */
const run = (...argv: readonly string[]) => tranship(argv, { home: folder });

async function configured(stage = ''): Promise<string> {
  const file = join(folder, 'tranship.yaml');
  await writeFile(
    file,
    `version: 1
registries:
  here: {url: "http://${source.host}"}
  there: {url: "http://${target.host}"}
stages:
  - id: all
    from: {registry: here, repositories: ["corpus/*"]}
    to: [{registry: there, repository: "mirror/{name}"}]
${stage}`,
  );
  return file;
}

const writes = (registry: EmbeddedRegistry) => registry.seen(/^(?:PUT|POST|PATCH|DELETE) /).length;
const manifestGets = (registry: EmbeddedRegistry) => registry.seen(/^GET .*\/manifests\//).length;

describe('a sync that is stopped', () => {
  test('still tells what was done until then, in its report too', async () => {
    const config = await configured();
    const file = join(folder, 'report.json');
    let send: ((signal: 'SIGINT') => void) | undefined;
    const done = await tranship(['sync', '-c', config, '-j', '1', '--report', file, '-vv'], {
      home: folder,
      onStart: (sender) => {
        send = sender;
      },
      onStderr: (text) => {
        if (text.startsWith('✓ ')) send?.('SIGINT');
      },
    });
    expect(done).toMatchObject({ code: 130, stderr: expect.stringContaining('E_CANCELLED') });
    const report = JSON.parse(await readFile(file, 'utf8')) as Report;
    expect(report).toMatchObject({ exitCode: 130, items: expect.arrayContaining([expect.anything()]) });
    expect(report.totals.copied).toBeGreaterThan(0);
    expect((await run('sync', '-c', config)).code).toBe(0);
  });
});

describe('plan', () => {
  test('tells what would be done, writes nothing, and says so by its exit code where asked', async () => {
    const config = await configured();
    const found = await run('plan', '-c', config, '--exit-code');
    expect(found).toMatchObject({ code: 5 });
    expect(found.stdout).toMatch(/corpus\/busybox → mirror\/busybox\n +\+ +1\.0 +sha256:/);
    expect(writes(target)).toBe(0);
  });

  test('says nothing is to be done after a sync, with one listing a side and no manifest read', async () => {
    const config = await configured();
    expect((await run('sync', '-c', config)).code).toBe(0);
    source.requests.length = 0;
    target.requests.length = 0;
    const again = await run('plan', '-c', config, '--exit-code');
    expect(again.code).toBe(0);
    expect(manifestGets(source) + manifestGets(target) + writes(target)).toBe(0);
    expect(source.seen(/tags\/list/)).toHaveLength(3);
    expect(target.seen(/tags\/list/)).toHaveLength(3);
  });

  test('of chosen platforms says so too, though the indexes there are others than at the source', async () => {
    const config = await configured('    platforms: [linux/amd64]\n');
    const first = await run('sync', '-c', config, '-o', 'json');
    const report = JSON.parse(first.stdout) as Report;
    expect(report.warnings.map(({ code }) => code)).toContain('W_PLATFORMS_FILTERED');
    source.requests.length = 0;
    target.requests.length = 0;
    expect((await run('plan', '-c', config, '--exit-code')).code).toBe(0);
    expect(manifestGets(source) + manifestGets(target) + writes(target)).toBe(0);
  });

  test('is written for a pull request, and for programs', async () => {
    const config = await configured();
    const [markdown, json] = [join(folder, 'plan.md'), join(folder, 'plan.json')];
    const { stdout } = await run('plan', '-c', config, '-o', 'json', '--report', markdown, '--report', json);
    expect(await readFile(markdown, 'utf8')).toMatch(/^\*\*tranship plan:\*\* \d+ to copy/);
    expect(await readFile(json, 'utf8')).toBe(stdout);
    expect((await run('plan', '-c', config, '--report', 'plan.html')).code).toBe(2);
  });

  test('tells bytes after what is shared', async () => {
    const config = await configured();
    const plan = JSON.parse((await run('plan', '-c', config, '-o', 'json')).stdout) as Plan;
    const report = JSON.parse((await run('sync', '-c', config, '-o', 'json')).stdout) as Report;
    expect(plan.totals.bytes?.toMove).toBe(report.totals.bytesMoved);
    expect(plan.totals.copy).toBe(report.totals.copied);
  });
});

describe('a tag that is named and that the source does not have', () => {
  test('fails alike in a plan, in its application, in a dry run and in a run, and leaves the count of the same alone', async () => {
    const config = await configured('    tags: ["1.0", "9.9"]\n');
    await writeFile(config, (await readFile(config, 'utf8')).replace('corpus/*', 'corpus/busybox'));
    const saved = join(folder, 'plan.json');
    const commands = [
      ['sync', '-c', config],
      ['plan', '-c', config, '--exit-code', '--save', saved],
      ['apply', saved],
      ['sync', '-c', config, '--dry-run'],
      ['sync', '-c', config],
    ];
    for (const [at, command] of commands.entries()) {
      const { code, stdout, stderr } = await run(...command);
      const told = stdout + stderr;
      expect({ command, code }).toEqual({ command, code: 3 });
      expect(told).toContain('The source has no tag "9.9". (E_MANIFEST_UNKNOWN)');
      expect(told).not.toMatch(/warning/i);
      if (at > 0) expect(told).toContain('1 the same');
    }
  });

  test('and an image without any chosen platform fail in a plan too', async () => {
    const config = await configured('    platforms: [linux/riscv64]\n');
    await writeFile(config, (await readFile(config, 'utf8')).replace('corpus/*', 'corpus/multi'));
    for (const command of ['plan', 'sync']) {
      const { code, stdout, stderr } = await run(command, '-c', config);
      expect({ command, code }).toEqual({ command, code: 1 });
      expect(stdout + stderr).toContain('E_PLATFORM_MISSING');
      expect(stdout).not.toContain('to copy');
    }
  });

  test('is all that there is, which is no plan with nothing to do', async () => {
    const config = await configured('    tags: ["9.9"]\n');
    await writeFile(config, (await readFile(config, 'utf8')).replace('corpus/*', 'corpus/busybox'));
    const { code, stdout } = await run('plan', '-c', config);
    expect(code).toBe(1);
    expect(stdout).toContain('1 tag cannot be copied');
  });
});

describe('sync', () => {
  test('a second run writes nothing and reads no manifest', async () => {
    const config = await configured();
    await run('sync', '-c', config);
    source.requests.length = 0;
    target.requests.length = 0;
    expect((await run('sync', '-c', config)).code).toBe(0);
    expect(writes(target) + manifestGets(source) + manifestGets(target)).toBe(0);
  });

  test('a dry run writes nothing', async () => {
    const found = await run('sync', '-c', await configured(), '--dry-run');
    expect(found.stderr).toContain('Dry run, nothing was written');
    expect(writes(target)).toBe(0);
  });

  test('writes reports by the ending of their names, and refuses an odd one before it begins', async () => {
    const config = await configured();
    expect((await run('sync', '-c', config, '--report', join(folder, 'r.docx'))).code).toBe(2);
    expect(writes(target)).toBe(0);
    const files = ['r.json', 'r.html', 'r.md', 'r.csv', 'r.xml'].map((name) => join(folder, name));
    await run('sync', '-c', config, ...files.flatMap((file) => ['--report', file]));
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const beginnings = [/^\{/, /^<!doctype html>/i, /^#/, /^stage,/, /^<\?xml/];
    for (const [at, text] of texts.entries()) expect(text).toMatch(beginnings[at] ?? /$^/);
  });

  test.each([
    ['sync', '--report', 'run.json'],
    ['plan', '--save', 'plan.json'],
    ['plan', '--report', 'plan.md'],
    ['verify', '--report', 'found.xml'],
  ])('begins nothing where what it is to write has no folder: %s %s', async (command, option, name) => {
    const config = await configured();
    const before = source.requests.length + target.requests.length;
    const { code, stderr } = await run(command, '-c', config, option, join(folder, 'not', 'there', name));
    expect(code).toBe(2);
    expect(stderr).toContain('E_NOT_WRITTEN');
    expect(source.requests.length + target.requests.length).toBe(before);
  });

  test.each([
    ['sync', /[1-9]\d* copied/],
    ['plan', /to copy/],
    ['verify', /missing|differ/],
  ])(
    'tells what %s found although one of its files cannot be written, and writes the others',
    async (command, words) => {
      const config = await configured();
      const [bad, good] = [join(folder, 'bad.json'), join(folder, 'good.md')];
      await mkdir(bad);
      const { code, stdout, stderr } = await run(command, '-c', config, '--report', bad, '--report', good);
      expect(code).toBe(1);
      expect(stdout + stderr).toMatch(words);
      expect(stderr).toContain('E_NOT_WRITTEN');
      expect(await readFile(good, 'utf8')).not.toBe('');
    },
  );

  test('runs only what failed in a report', async () => {
    const config = await configured();
    target.personality.answer = ({ method, url = '' }) =>
      method === 'POST' && url.includes('/mirror/multi/') ? { status: 400, body: '{}' } : undefined;
    const report = join(folder, 'r.json');
    const first = await run('sync', '-c', config, '--report', report);
    expect(first.code).toBe(3);
    delete target.personality.answer;
    source.requests.length = 0;
    const second = await run('sync', '-c', config, '--retry-failed', report);
    expect(second.code).toBe(0);
    expect(source.seen(/busybox/)).toHaveLength(0);
    expect((await run('plan', '-c', config, '--exit-code')).code).toBe(0);
    await writeFile(config, (await readFile(config, 'utf8')).replace('id: all', 'id: renamed'));
    const stranger = await run('sync', '-c', config, '--retry-failed', report);
    expect(stranger).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing of what failed in') });
  });

  test('waits for no other run of the same configuration unless told to', async () => {
    const config = await configured();
    const running = run('sync', '-c', config);
    const second = run('sync', '-c', config);
    const codes = [(await running).code, (await second).code].toSorted((a, b) => a - b);
    expect(codes).toEqual([0, 75]);
    const [, patient] = await Promise.all([
      run('sync', '-c', config),
      run('sync', '-c', config, '--lock-timeout', '20s'),
    ]);
    expect(patient.code).toBe(0);
  });

  test.each(['sync', 'plan', 'verify'])(
    '%s of a stage that there is not is a mistake, and no success',
    async (command) => {
      const done = await run(command, '-c', await configured(), '--stage', 'al');
      expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean "all"?') });
    },
  );

  test('takes only the shard that is asked for, and all shards together take everything', async () => {
    const config = await configured();
    for (const shard of ['1/3', '2/3', '3/3']) expect((await run('sync', '-c', config, '--shard', shard)).code).toBe(0);
    expect((await run('plan', '-c', config, '--exit-code')).code).toBe(0);
    expect((await run('sync', '-c', config, '--shard', '4/3')).code).toBe(2);
  });
});

describe('apply', () => {
  test.each([
    ['stage', 'id: all', 'id: renamed'],
    ['registry under `to`', 'registry: there', 'registry: here'],
  ])('refuses a plan whose %s is not in the configuration any more, and does nothing', async (_what, from, to) => {
    const config = await configured();
    const plan = join(folder, 'plan.json');
    await run('plan', '-c', config, '--save', plan);
    await writeFile(config, (await readFile(config, 'utf8')).replace(from, to));
    const applied = await run('apply', plan);
    expect(applied).toMatchObject({ code: 6, stderr: expect.stringContaining('E_PLAN_MOVED') });
    expect(writes(target)).toBe(0);
  });

  test('does exactly what the plan says, and nothing a second time', async () => {
    const config = await configured();
    const plan = join(folder, 'plan.json');
    await run('plan', '-c', config, '--save', plan);
    expect((await run('apply', plan)).code).toBe(0);
    const before = writes(target);
    expect((await run('apply', plan)).code).toBe(0);
    expect(writes(target)).toBe(before);
    expect((await run('plan', '-c', config, '--exit-code')).code).toBe(0);
  });

  test('refuses what moved since, says what moved, and does the rest', async () => {
    const config = await configured();
    const plan = join(folder, 'plan.json');
    await run('plan', '-c', config, '--save', plan);
    await run('tag', `${source.host}/corpus/multi:1.0`, 'other');
    await run('copy', `${source.host}/corpus/busybox:1.0`, `${source.host}/corpus/multi:1.0`);
    const applied = await run('apply', plan);
    expect(applied.code).toBe(3);
    expect(applied.stderr).toContain('E_PLAN_MOVED');
    expect((await run('digest', `${target.host}/mirror/busybox:1.0`)).code).toBe(0);
    expect((await run('digest', `${target.host}/mirror/multi:1.0`)).code).not.toBe(0);
  });

  test('asks for the configuration where the one that the plan names is not here', async () => {
    const config = await configured();
    const plan = join(folder, 'plan.json');
    await run('plan', '-c', config, '--save', plan);
    await rename(config, join(folder, 'moved.yaml'));
    expect(await run('apply', plan)).toMatchObject({ code: 2, stderr: expect.stringContaining('with --config') });
    expect((await run('apply', plan, '-c', join(folder, 'moved.yaml'))).code).toBe(0);
  });

  test('refuses a file that is no plan', async () => {
    const file = join(folder, 'plan.json');
    await writeFile(file, '{"kind": "Plan"}');
    expect(await run('apply', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('E_PLAN') });
    await writeFile(file, '{"kind": "Pl');
    expect(await run('apply', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('it is not JSON') });
  });
});

describe('prune', () => {
  const config = () => configured('    prune: {after: 1ms, max: 100%, keep: 0}\n');

  test('removes what two runs did not find at the source, and leaves what others pushed', async () => {
    const file = await config();
    await run('tag', `${source.host}/corpus/busybox:1.0`, 'extra');
    await run('sync', '-c', file);
    await run('copy', `${source.host}/corpus/busybox:1.0`, `${target.host}/mirror/busybox:mine`);
    await run('delete', '--yes', `${source.host}/corpus/busybox:extra`);
    expect((await run('sync', '-c', file)).code).toBe(0);
    expect((await run('tags', `${target.host}/mirror/busybox`)).stdout).toContain('extra');
    const shown = await run('prune', '-c', file, '--dry-run');
    expect(shown.stdout).toMatch(/- +extra/);
    expect((await run('prune', '-c', file)).code).toBe(2);
    expect((await run('prune', '-c', file, '--yes')).code).toBe(0);
    const left = (await run('tags', `${target.host}/mirror/busybox`)).stdout;
    expect(left).not.toContain('extra');
    expect(left).toContain('mine');
  });

  test('leaves alone what the source has, though its listings have not shown it for long', async () => {
    const file = await config();
    await run('tag', `${source.host}/corpus/busybox:1.0`, 'extra');
    await run('sync', '-c', file);
    source.personality.answer = ({ url = '' }) =>
      url.includes('busybox/tags/list') ? { status: 200, body: '{"name":"corpus/busybox","tags":["1.0"]}' } : undefined;
    await run('sync', '-c', file);
    const { code, stderr } = await run('sync', '-c', file);
    expect(code).toBe(3);
    expect(stderr).toContain('though its listing does not show it');
    expect((await run('tags', `${target.host}/mirror/busybox`)).stdout).toContain('extra');
    delete source.personality.answer;
    expect((await run('sync', '-c', file)).code).toBe(0);
  });

  test('of a source that lists nothing by now ends as a failure, and removes nothing', async () => {
    const file = await config();
    await run('sync', '-c', file);
    source.personality.answer = ({ url = '' }) =>
      url.includes('busybox/tags/list') ? { status: 200, body: '{"name":"corpus/busybox","tags":[]}' } : undefined;
    await writeFile(
      file,
      (await readFile(file, 'utf8'))
        .replace('corpus/*', 'corpus/busybox')
        .replace('repositories: ["corpus/busybox"]', 'repository: corpus/busybox'),
    );
    for (const more of [['--dry-run'], ['--yes']]) {
      const { code, stdout } = await run('prune', '-c', file, ...more);
      expect(code).toBe(6);
      expect(stdout).toContain('E_TOO_FEW_TAGS');
    }
    expect((await run('tags', `${target.host}/mirror/busybox`)).stdout).toContain('1.0');
  });

  test('is for configurations that say so', async () => {
    expect(await run('prune', '-c', await configured())).toMatchObject({ code: 2 });
  });
});

describe('verify', () => {
  async function loseOneBlob(): Promise<void> {
    for (const file of await filesOfOneBlob()) await unlink(file);
  }

  async function spoilOneByte(): Promise<void> {
    for (const file of await filesOfOneBlob()) {
      const bytes = await readFile(file);
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
      await rm(file);
      await writeFile(file, bytes);
    }
  }

  async function filesOfOneBlob(): Promise<readonly string[]> {
    const { stdout } = await run('inspect', '-o', 'json', `${target.host}/mirror/busybox:1.0`);
    const [, layer = 'nothing'] = /"layers": \[\s*\{\s*"digest": "sha256:([0-9a-f]{64})"/.exec(stdout) ?? [];
    const found = (await readdir(target.root, { recursive: true })).filter((name) => name.endsWith(layer));
    expect(found.length).toBeGreaterThan(0);
    return found.map((name) => join(target.root, name));
  }

  test('finds everything whole after a sync', async () => {
    const config = await configured();
    await run('sync', '-c', config);
    const found = await run('verify', '-c', config, '--full');
    expect(found).toMatchObject({ code: 0, stdout: '' });
    expect(found.stderr).toMatch(/\d+ tags whole/);
  });

  test('finds a lost blob, and mends it', async () => {
    const config = await configured();
    await run('sync', '-c', config);
    await loseOneBlob();
    const damaged = await run('verify', '-c', config);
    expect(damaged, damaged.stdout + damaged.stderr).toMatchObject({ code: 1 });
    expect(damaged.stdout).toMatch(/mirror\/busybox:1\.0 {2}damaged\n {4}blob sha256:\S+ +missing/);
    expect((await run('verify', '-c', config, '--repair')).code).toBe(0);
    expect((await run('verify', '-c', config, '--full')).code).toBe(0);
  });

  test('finds one wrong byte only where every byte is read, and mends it', async () => {
    const config = await configured();
    await run('sync', '-c', config);
    await spoilOneByte();
    expect((await run('verify', '-c', config)).code).toBe(0);
    const found = await run('verify', '-c', config, '--full');
    expect(found.stdout).toMatch(/blob sha256:\S+ +wrong content/);
    const mended = await run('verify', '-c', config, '--full', '--repair');
    expect(mended, mended.stdout + mended.stderr).toMatchObject({ code: 0 });
    expect((await run('verify', '-c', config, '--full')).code).toBe(0);
  });

  test('writes what it found by the ending of the name, and refuses one that it cannot write before it begins', async () => {
    const config = await configured();
    await run('sync', '-c', config);
    await loseOneBlob();
    const files = ['found.json', 'found.xml', 'found.md', 'found.csv'].map((name) => join(folder, name));
    const { code, stderr } = await run('verify', '-c', config, ...files.flatMap((file) => ['--report', file]));
    expect(code).toBe(1);
    for (const file of files) expect(stderr).toContain(`Report: ${file}`);
    const [json = '', xml, markdown, csv] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(JSON.parse(json)).toMatchObject({
      kind: 'Verification',
      items: expect.arrayContaining([expect.objectContaining({ state: 'damaged' })]),
    });
    expect(xml).toContain('<failure type="damaged"');
    expect(markdown).toMatch(/^## ❌ tranship verify/);
    expect(csv).toContain(',damaged,sha256:');
    const requests = source.requests.length;
    expect((await run('verify', '-c', config, '--report', 'found.html')).code).toBe(2);
    expect(source.requests).toHaveLength(requests);
  });

  test('tells a tag that is missing', async () => {
    const found = await run('verify', '-c', await configured());
    expect(found.code).toBe(1);
    expect(found.stdout).toContain('missing at the destination');
  });
});

describe('config', () => {
  test('validate, show and schema answer on standard output', async () => {
    const config = await configured();
    expect((await run('config', 'validate', '-c', config)).stdout).toContain('2 registries, 1 stage, no mistakes');
    expect((await run('config', 'show', '-c', config, '--origin')).stdout).toMatch(/stages\[0\]\.id +"all" +\S+:6:9/);
    for (const what of ['config', 'plan', 'report']) {
      expect(JSON.parse((await run('config', 'schema', what)).stdout)).toHaveProperty('$schema');
    }
    expect((await run('config', 'schema', 'nonsense')).code).toBe(2);
  });

  test('init writes a file that is valid, and none over another', async () => {
    const file = join(folder, 'new.yaml');
    expect((await run('init', file)).code).toBe(0);
    expect((await run('config', 'validate', '-c', file)).code).toBe(0);
    expect((await run('init', file)).code).toBe(2);
    expect((await run('init', file, '--force')).code).toBe(0);
  });
});
