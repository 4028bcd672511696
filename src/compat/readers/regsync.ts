/** regsync's configuration (`creds`, `defaults`, `sync`). */
import type { Path } from '../../config/document.ts';
import { Differences } from '../difference.ts';
import type { NativeDestination, NativeRegistry, NativeStage } from '../native.ts';
import type { ForeignIntent, ForeignIo } from '../reader.ts';
import { oneOf } from '../regex.ts';
import { Registries } from '../registries.ts';
import { isOff, isOn, listOf, numberOf, recordOf, textOf, textsOf } from '../values.ts';
import { type ForeignText, readYaml } from '../yaml.ts';
import { backupTag, fillIn, isTemplate, templatedSecret } from './go-template.ts';
import { imageName, placeName } from './image-name.ts';
import { Mistakes } from './mistakes.ts';
import { type TagSet, tagSets } from './regsync-tags.ts';

type Raw = Readonly<Record<string, unknown>>;

export async function readRegsync(source: string, file: string, io: ForeignIo): Promise<ForeignIntent> {
  return new RegsyncReader(readYaml(source, file, 'as typed'), file, io).read();
}

class RegsyncReader {
  readonly #text: ForeignText;
  readonly #io: ForeignIo;
  readonly #mistakes: Mistakes;
  readonly #differences = new Differences();
  readonly #registries = new Registries();
  readonly #creds = new Map<string, Omit<NativeRegistry, 'url'> & { host: string; plainHttp?: boolean }>();
  readonly #defaults: Raw;

  constructor(text: ForeignText, file: string, io: ForeignIo) {
    this.#text = text;
    this.#io = io;
    this.#mistakes = new Mistakes(file, text);
    this.#defaults = recordOf(recordOf(text.value)['defaults']);
  }

  read(): ForeignIntent {
    const root = recordOf(this.#text.value);
    this.#differences.unknownKeys('', root, ['version', 'creds', 'defaults', 'sync']);
    listOf(root['creds']).forEach((creds, at) => this.#readCreds(recordOf(creds), at));
    this.#tellDefaults();
    const entries = listOf(root['sync']);
    if (entries.length === 0) this.#mistakes.missing([], 'sync');
    const stages = entries.flatMap((entry, at) => this.#stagesOf(recordOf(entry), at));
    this.#mistakes.throwIfAny();
    return {
      tool: 'regsync',
      file: { version: 1, registries: this.#registries.list(), stages },
      differences: this.#differences.list(),
      secrets: this.#registries.secrets(),
    };
  }

  #readCreds(creds: Raw, at: number): void {
    const where = `creds[${at}]`;
    const name = this.#filled(creds['registry'], ['creds', at, 'registry'], where);
    if (name === undefined) return this.#mistakes.missing(['creds', at], 'registry');
    this.#differences.unknownKeys(where, creds, knownCreds);
    const host = this.#filled(creds['hostname'], ['creds', at, 'hostname'], where) ?? name;
    const known = placeName(name)?.host ?? name;
    this.#creds.set(known, { host: known === 'docker.io' ? known : host, ...this.#wordsOf(creds, host, where) });
    for (const key of ['mirrors', 'pathPrefix', 'regcert', 'clientCert', 'clientKey', 'credHelper'])
      if (textOf(creds[key]) !== undefined || listOf(creds[key]).length > 0)
        this.#differences.changed(where, unsupportedCreds[key] ?? `"${key}" is not carried over`);
    return undefined;
  }

  #wordsOf(creds: Raw, host: string, where: string): Omit<NativeRegistry, 'url'> & { plainHttp?: boolean } {
    const tls = textOf(creds['tls']);
    const concurrency = numberOf(creds['reqConcurrent']);
    const perSecond = numberOf(creds['reqPerSec']);
    const limits = {
      ...(concurrency !== undefined && concurrency >= 1 && { concurrency: Math.floor(concurrency) }),
      ...(perSecond !== undefined && perSecond > 0 && { rate: `${perSecond}/s` }),
    };
    const credentials = this.#loginOf(creds, host, where);
    return {
      ...(credentials && { credentials }),
      ...(tls === 'insecure' && { tls: { insecure: true } }),
      ...(tls === 'disabled' && { plainHttp: true }),
      ...(Object.keys(limits).length > 0 && { limits }),
    };
  }

  #loginOf(creds: Raw, host: string, where: string): NativeRegistry['credentials'] {
    const [user, pass] = [textOf(creds['user']), textOf(creds['pass'])];
    if (user === undefined || pass === undefined) return undefined;
    const username = templatedSecret(user) ?? user;
    const password = templatedSecret(pass);
    if (typeof username === 'string' && isTemplate(username)) {
      this.#differences.leftOut(where, 'the login is a template that cannot be read; the docker login file is used');
      return undefined;
    }
    if (password !== undefined) return { username, password };
    if (isTemplate(pass)) {
      this.#differences.leftOut(where, 'the password is a template that cannot be read; the docker login file is used');
      return undefined;
    }
    const kept = this.#registries.login(host, {
      username: typeof username === 'string' ? username : 'user',
      password: pass,
    });
    this.#differences.note(where, 'the password stands in the file; tranship.yaml names a variable instead');
    return typeof kept === 'object' && 'password' in kept ? { username, password: kept.password } : kept;
  }

  #tellDefaults(): void {
    this.#differences.unknownKeys('defaults', this.#defaults, [...knownOptions, ...knownDefaults]);
    this.#tellOptions(this.#defaults, 'defaults');
  }

  #tellOptions(options: Raw, where: string): void {
    for (const [key, message] of Object.entries(toldOptions))
      if (options[key] !== undefined && !isOff(options[key])) this.#differences.changed(where, message);
  }

  #stagesOf(entry: Raw, at: number): readonly NativeStage[] {
    const where = `sync[${at}]`;
    this.#differences.unknownKeys(where, entry, [...knownOptions, ...knownEntry]);
    this.#tellOptions(entry, where);
    const source = this.#filled(entry['source'], ['sync', at, 'source'], where);
    const target = this.#filled(entry['target'], ['sync', at, 'target'], where);
    if (source === undefined) this.#mistakes.missing(['sync', at], 'source');
    if (target === undefined) this.#mistakes.missing(['sync', at], 'target');
    if (source === undefined || target === undefined) return [];
    if (source.startsWith('ocidir://') || target.startsWith('ocidir://')) {
      this.#differences.leftOut(where, 'an OCI layout is one end of it; copy it with `tranship copy … oci:DIR`');
      return [];
    }
    const type = textOf(entry['type']);
    if (type === 'image') return this.#image(entry, at, source, target);
    if (type === 'repository' || type === 'registry') return this.#several(entry, at, source, target, type);
    this.#mistakes.add(['sync', at, 'type'], 'the type must be image, repository or registry');
    return [];
  }

  #image(entry: Raw, at: number, source: string, target: string): readonly NativeStage[] {
    const where = `sync[${at}]`;
    const [from, to] = [imageName(source), imageName(target)];
    if (from === undefined) this.#mistakes.add(['sync', at, 'source'], `"${source}" is no reference`);
    if (to === undefined) this.#mistakes.add(['sync', at, 'target'], `"${target}" is no reference`);
    if (from === undefined || to === undefined) return [];
    if (from.digest !== undefined || from.tag === undefined || to.tag === undefined) {
      this.#differences.leftOut(where, 'it names a digest; copy it once with `tranship copy`');
      return [];
    }
    const destination: NativeDestination = {
      registry: this.#registry(to.host),
      repository: to.repository,
      ...(to.tag !== from.tag && { tag: to.tag }),
    };
    const stage = { from: { registry: this.#registry(from.host), repository: from.repository }, tags: [from.tag] };
    return [{ ...stage, to: [destination], ...this.#options(entry, where) }];
  }

  #several(
    entry: Raw,
    at: number,
    source: string,
    target: string,
    type: 'repository' | 'registry',
  ): readonly NativeStage[] {
    const ends =
      type === 'repository' ? this.#repositories(at, source, target) : this.#wholeRegistry(entry, at, source, target);
    if (ends === undefined) return [];
    const sets = tagSets([...listOf(entry['tagSets']), entry['tags']].map(recordOf), {
      where: `sync[${at}]`,
      differences: this.#differences,
    });
    return sets.map((tags: TagSet | undefined) => ({
      ...ends,
      ...(tags !== undefined && { tags }),
      ...this.#options(entry, `sync[${at}]`),
    }));
  }

  #repositories(at: number, source: string, target: string): Pick<NativeStage, 'from' | 'to'> | undefined {
    const [from, to] = [imageName(source), imageName(target)];
    if (from === undefined) this.#mistakes.add(['sync', at, 'source'], `"${source}" is no repository`);
    if (to === undefined) this.#mistakes.add(['sync', at, 'target'], `"${target}" is no repository`);
    if (from === undefined || to === undefined) return undefined;
    return {
      from: { registry: this.#registry(from.host), repository: from.repository },
      to: [{ registry: this.#registry(to.host), repository: to.repository }],
    };
  }

  #wholeRegistry(entry: Raw, at: number, source: string, target: string): Pick<NativeStage, 'from' | 'to'> | undefined {
    const [from, to] = [placeName(source), placeName(target)];
    if (from === undefined) this.#mistakes.add(['sync', at, 'source'], `"${source}" is no registry`);
    if (to === undefined) this.#mistakes.add(['sync', at, 'target'], `"${target}" is no registry`);
    if (from === undefined || to === undefined) return undefined;
    const repos = recordOf(entry['repos']);
    const [allow, deny] = [textsOf(repos['allow']), textsOf(repos['deny'])];
    return {
      from: {
        registry: this.#registry(from.host),
        repositories: {
          ...(allow.length > 0 && { include: [{ regex: oneOf(allow) }] }),
          ...(deny.length > 0 && { exclude: [{ regex: oneOf(deny) }] }),
        },
      },
      to: [
        {
          registry: this.#registry(to.host),
          repository: to.namespace === undefined ? '{path}' : `${to.namespace}/{path}`,
        },
      ],
    };
  }

  /** Options of an entry, else of the defaults. */
  #options(entry: Raw, where: string): Partial<NativeStage> {
    const value = (key: string): unknown => entry[key] ?? this.#defaults[key];
    const platforms = [...textsOf(value('platforms')), ...textsOf(value('platform'))];
    const backup = textOf(value('backup'));
    const tag = backup === undefined ? undefined : backupTag(backup);
    if (backup !== undefined && tag === undefined)
      this.#differences.changed(
        where,
        `the backup "${backup}" has no counterpart; overwritten digests stand in the report`,
      );
    if (!isOn(value('referrers')) && !isOn(value('digestTags')))
      this.#differences.changed(where, 'signatures and referrers travel along; `referrers: false` leaves them behind');
    return {
      ...(platforms.length > 0 && { platforms }),
      ...(tag !== undefined && { 'backup-tag': tag }),
      ...(isOn(value('includeExternal')) && { 'foreign-layers': 'copy' as const }),
    };
  }

  #registry(host: string): string {
    const { host: real = host, ...words } = this.#creds.get(host) ?? {};
    return this.#registries.add(real, words);
  }

  /** A text with its templates filled in. */
  #filled(value: unknown, path: Path, where: string): string | undefined {
    const text = textOf(value);
    if (text === undefined || !isTemplate(text)) return text;
    const filled = fillIn(text, this.#io.env);
    if ('problem' in filled) {
      this.#mistakes.add(path, filled.problem);
      return undefined;
    }
    this.#differences.note(where, `"${text}" was filled in with the environment as it is now`);
    return filled.text;
  }
}

const knownCreds = [
  ...['registry', 'hostname', 'user', 'pass', 'credHelper', 'credExpire', 'credHost', 'tls', 'regcert', 'clientCert'],
  ...[
    'clientKey',
    'pathPrefix',
    'mirrors',
    'priority',
    'repoAuth',
    'blobChunk',
    'blobMax',
    'reqPerSec',
    'reqConcurrent',
  ],
  ...['apiOpts', 'token'],
];
const unsupportedCreds: Readonly<Record<string, string>> = {
  mirrors: 'mirrors of a registry are not asked; name the mirror as the source',
  pathPrefix: 'the path prefix is not added by itself; write it into the repository',
  regcert: 'put the certificate into a file and name it under `tls.ca`',
  clientCert: 'put the client certificate into a file and name it under `tls.cert`',
  clientKey: 'put the client key into a file and name it under `tls.key`',
  credHelper: 'the credential helper is found through the docker login file (`credHelpers`)',
};
const knownOptions = [
  ...['backup', 'interval', 'schedule', 'ratelimit', 'parallel', 'digestTags', 'referrers', 'referrerSlow'],
  ...['referrerFilters', 'referrerSource', 'referrerTarget', 'fastCheck', 'forceRecursive', 'includeExternal'],
  ...['mediaTypes', 'hooks', 'platform', 'platforms'],
];
const knownDefaults = ['blobLimit', 'cacheCount', 'cacheTime', 'skipDockerConfig', 'userAgent'];
const knownEntry = ['source', 'target', 'type', 'repos', 'tags', 'tagSets'];
const toldOptions: Readonly<Record<string, string>> = {
  interval: 'the interval is not in the file: run `tranship sync` by a timer',
  schedule: 'the schedule is not in the file: run `tranship sync` by a timer',
  ratelimit: 'quotas are read from the registry and respected by themselves',
  parallel: 'how many images are copied at once is the option --jobs',
  referrerFilters: 'all referrers travel along, not only the filtered ones',
  referrerSource: 'referrers are read beside their image only',
  referrerTarget: 'referrers are stored beside their image only',
  mediaTypes: 'every media type is copied',
  hooks: 'hooks are not run (nor does regsync run them)',
  skipDockerConfig: 'the docker login file is read for registries without credentials of their own',
  forceRecursive: 'tags that are equal are not looked into; `tranship verify` does that',
};
