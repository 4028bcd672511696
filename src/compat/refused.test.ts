/** Mistakes in other tools' files: all of them at once, each where it stands. */
import { describe, expect, test } from 'vitest';
import { ConfigError, formatMistake } from '../config/mistake.ts';
import { readForeign } from './foreign.ts';

async function mistakes(text: string): Promise<readonly string[]> {
  try {
    await readForeign(text, 'f', { env: {}, destination: 'm.example.com', readText: async () => undefined });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.map(formatMistake);
    throw error;
  }
}

const pair = 'source: a.example.com/x, target: b.example.com/x';

describe('regsync', () => {
  test.each<[string, string, readonly string[]]>([
    [
      'tags that are a list, which would else mean all tags',
      `sync:\n  - {${pair}, type: repository, tags: [latest]}\n`,
      ['f:2:80: sync[0].tags: a mapping is expected here, not a list.'],
    ],
    [
      'entries without their parts',
      `sync:\n  - {${pair}}\n  - {${pair}, type: repo}\n  - {type: image, target: b.example.com/x}\n`,
      [
        'f:2:5: "type" is missing.',
        'f:3:62: "repo" is none of image, repository and registry.',
        'f:4:5: "source" is missing.',
      ],
    ],
    [
      'expressions that cannot be read',
      `sync:\n  - {${pair}, type: repository, tags: {allow: ['v(1'], deny: ['(?!x)y']}}\n`,
      [
        'f:2:89: "v(1" is no regular expression: missing closing ): `v(1`.',
        'f:2:104: "(?!x)y" is no regular expression: invalid or unsupported Perl syntax: `(?!` (look-around is not to be had in linear time).',
      ],
    ],
    [
      'another version',
      `version: 2\nsync: [{${pair}, type: repository}]\n`,
      ["f:1:10: regsync's files have the version 1, not 2."],
    ],
    [
      'a variable that is not set, in an address',
      'sync: [{source: \'{{env "NOPE"}}/x\', target: b.example.com/x, type: repository}]\n',
      ['f:1:17: the environment variable NOPE is not set.'],
    ],
    [
      'a mapping in the place of a list',
      `creds: {registry: a.example.com}\nsync: [{${pair}, type: repository}]\n`,
      ['f:1:8: creds: a list is expected here, not a mapping.'],
    ],
    [
      'a word for TLS that is none',
      `creds: [{registry: a.example.com, tls: off}]\nsync: [{${pair}, type: repository}]\n`,
      ['f:1:40: "off" is none of enabled, insecure and disabled.'],
    ],
    [
      'a certificate that is none',
      `creds: [{registry: a.example.com, regcert: /etc/ca.pem}]\nsync: [{${pair}, type: repository}]\n`,
      ['f:1:44: this is no PEM text. It begins with -----BEGIN …, or is {{file "PATH"}}.'],
    ],
    ['a tab', `sync:\n\t- {${pair}, type: repository}\n`, ['f:2:1: a tab indents here, where YAML takes only spaces.']],
    [
      'a namespace in the place of a registry',
      'sync: [{source: a.example.com/team, target: b.example.com, type: registry}]\n',
      ['f:1:17: "a.example.com/team" is no registry.'],
    ],
    ['nothing to do', 'creds: []\nsync: []\n', ['f:1:1: "sync" is missing.']],
    [
      'a copy onto itself',
      'sync: [{source: a.example.com/x, target: a.example.com/x, type: repository}]\n',
      ['f: a.example.com/x would be copied onto itself.'],
    ],
    [
      'two sources of one target',
      'sync:\n  - {source: "a.example.com/x:v1", target: "b.example.com/x:v1", type: image}\n  - {source: "a.example.com/y:v1", target: "b.example.com/x:v1", type: image}\n',
      ['f: a.example.com/x and a.example.com/y would both be copied to b.example.com/x:v1.'],
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await mistakes(text)).toEqual(expected);
  });

  test('an image that is named twice is copied once, and no mistake', async () => {
    const image = '{source: "a.example.com/x:v1", target: "b.example.com/x:v1", type: image}';
    expect(await mistakes(`sync: [${image}, ${image}]\n`)).toEqual([]);
  });
});

describe('the others', () => {
  test.each<[string, string, readonly string[]]>([
    [
      'skopeo: images in other forms',
      'a.example.com: {images: {x: {a: b}}, tls-verify: maybe}\nb.example.com: {images: {}}\n',
      [
        'f:1:29: a.example.com.images.x: a list is expected here, not a mapping.',
        'f:1:50: true or false is expected here.',
      ],
    ],
    [
      'skopeo: tags and digests that are none',
      "a.example.com: {images: {x: ['bad tag', 'sha256:123']}}\n",
      ['f:1:30: "bad tag" is no tag.', 'f:1:41: "sha256:123" is no digest.'],
    ],
    [
      'skopeo: a registry with a path',
      'a.example.com/team: {images: {x: []}}\n',
      ['f:1:21: "a.example.com/team" is no registry.'],
    ],
    [
      'dregsy: ends that are none, and no mappings',
      'relay: skopeo\ntasks:\n  - {name: x, source: {auth: none}, target: {registry: b.example.com/path}, mappings: []}\n',
      [
        'f:3:5: "mappings" is missing.',
        'f:3:23: "registry" is missing.',
        'f:3:56: "b.example.com/path" is no registry.',
      ],
    ],
    [
      'dregsy: tasks that are no list',
      'relay: skopeo\ntasks: {name: x}\n',
      ['f:2:8: tasks: a list is expected here, not a mapping.'],
    ],
    [
      'dregsy: expressions and tags that are none',
      "tasks:\n  - {name: x, source: {registry: a.example.com}, target: {registry: b.example.com}, mappings: [{from: 'regex:a(', to: 'regex:b', tags: ['regex: [', 'keep: (', 'bad tag', 'keep: latest 2']}]}\n",
      [
        'f:2:103: "a(" is no regular expression: missing closing ): `a(`.',
        'f:2:119: the replacement is missing behind the expression: regex:FROM,TO.',
        'f:2:137: "[" is no regular expression: missing closing ]: `[`.',
        'f:2:149: "(" is no regular expression: missing closing ): `(`.',
        'f:2:160: "bad tag" is no tag.',
      ],
    ],
    [
      'image-syncer: sources and destinations that do not fit',
      'a.example.com/x: b.example.com/x:1,2\nb.example.com/Y:v1: c.example.com/z\n',
      [
        'f:1:18: "b.example.com/x:1,2" is no destination of "a.example.com/x". It is a repository, alone or with as many tags as its source has.',
        'f:2:21: "b.example.com/Y:v1" is no source.',
      ],
    ],
    [
      'run-reposync: mistakes of form and names that lead nowhere, together',
      'registries: {a: {url: a.example.com, env_user: U, env_password: P}}\nstages: [{id: 5, from: {source: z, repository: x}, to: [{destination: a, repository: x, tags: [1.0]}]}]\n',
      [
        'f:2:15: stages[0].id: a text is expected here, not 5. Put it in quotes: "5".',
        "f:2:33: from_entry.source='z' must be any of ['a'].",
        'f:2:96: stages[0].to[0].tags[0]: a text is expected here, not 1.0. Put it in quotes: "1.0".',
      ],
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await mistakes(text)).toEqual(expected);
  });

  test('run-reposync: `y`, `n` and `1e5` are texts to its YAML, `on` and `1.0` are not', async () => {
    const file = (tag: string) =>
      `registries: {a: {url: a.example.com, env_user: U, env_password: P}}\nstages: [{from: {source: a, repository: y}, to: [{destination: a, repository: n, tags: [${tag}]}]}]\n`;
    for (const tag of ['y', '1e5', '12e3', 'v1']) expect(await mistakes(file(tag))).toEqual([]);
    for (const tag of ['on', '1.0', '010', '1:20', '2024-01-01']) expect(await mistakes(file(tag))).toHaveLength(1);
  });
});
