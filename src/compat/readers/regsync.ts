/** regsync's configuration (`creds`, `defaults`, `sync`). */
import type { Path } from '../../config/document.ts';
import { isDigest } from '../../oci/digest.ts';
import type { NativeDestination, NativeStage } from '../native.ts';
import type { ForeignIntent, ForeignIo } from '../reader.ts';
import { oneOf } from '../regex.ts';
import { recordOf, textOf } from '../values.ts';
import { type ForeignText, readYaml } from '../yaml.ts';
import { tagTemplate } from './go-template.ts';
import { imageName, placeName } from './image-name.ts';
import { layoutName } from './layout-name.ts';
import { pinnedTag } from './pins.ts';
import { type Creds, readCreds } from './regsync-creds.ts';
import { RegsyncOptions } from './regsync-options.ts';
import { RegsyncReading } from './regsync-reading.ts';
import { tagSets } from './regsync-tags.ts';
import type { Raw } from './shape.ts';

export async function readRegsync(source: string, file: string, io: ForeignIo): Promise<ForeignIntent> {
  return new RegsyncReader(readYaml(source, file, 'as typed'), file, io).read();
}

/** A repository's or image's name, wherever it is. */
interface Named {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

class RegsyncReader extends RegsyncReading {
  readonly #root: Raw;
  readonly #creds: ReadonlyMap<string, Creds>;
  readonly #options: RegsyncOptions;

  constructor(text: ForeignText, file: string, io: ForeignIo) {
    super(text, file, io);
    this.#root = recordOf(text.value);
    this.differences.unknownKeys('', this.#root, ['version', 'creds', 'defaults', 'sync']);
    this.#creds = readCreds(this.#root, this);
    this.#options = new RegsyncOptions(this.shape.map(this.#root['defaults'], ['defaults']), this.differences);
  }

  read(): ForeignIntent {
    const version = textOf(this.#root['version']) ?? '1';
    if (version !== '0' && version !== '1')
      this.mistakes.add(['version'], `regsync's files have the version 1, not ${version}`);
    const entries = this.shape.list(this.#root['sync'], ['sync']);
    if (entries.length === 0 && this.mistakes.none) this.mistakes.missing([], 'sync');
    const stages = entries.flatMap((entry, at) => this.#stagesOf(this.shape.map(entry, ['sync', at]), at));
    this.mistakes.throwIfAny();
    return {
      tool: 'regsync',
      file: { version: 1, registries: this.registries.list(), stages },
      differences: this.differences.list(),
      secrets: this.registries.secrets(),
      mayBePlainHttp: this.registries.maybePlainHttp(),
    };
  }

  #stagesOf(entry: Raw, at: number): readonly NativeStage[] {
    const options = this.#options.of(entry, `sync[${at}]`);
    const source = this.filled(entry['source'], ['sync', at, 'source']);
    const target = this.filled(entry['target'], ['sync', at, 'target']);
    if (entry['source'] === undefined) this.mistakes.missing(['sync', at], 'source');
    if (entry['target'] === undefined) this.mistakes.missing(['sync', at], 'target');
    const type = textOf(entry['type']);
    if (type === undefined) this.mistakes.missing(['sync', at], 'type');
    else if (!['image', 'repository', 'registry'].includes(type))
      this.mistakes.add(['sync', at, 'type'], `"${type}" is none of image, repository and registry`);
    if (source === undefined || target === undefined) return [];
    if (type === 'image') return this.#image(at, source, target).map((stage) => ({ ...stage, ...options }));
    const ends =
      type === 'registry' ? this.#wholeRegistry(entry, at, source, target) : this.#repositories(at, source, target);
    const renamed = this.#renamed(entry, at);
    if (ends === undefined || renamed === undefined) return [];
    const sets = [...this.shape.list(entry['tagSets'], ['sync', at, 'tagSets']), entry['tags']];
    return tagSets(
      sets.map((set, index) => this.shape.map(set, ['sync', at, index < sets.length - 1 ? 'tagSets' : 'tags'])),
      { where: `sync[${at}]`, differences: this.differences, shape: this.shape, path: ['sync', at, 'tags'] },
    ).map((tags) => ({
      from: ends.from,
      ...(tags !== undefined && { tags }),
      to: ends.to.map((destination) => ({ ...destination, ...renamed })),
      ...options,
    }));
  }

  /** The tag's name at the target; nothing where the entry cannot be carried out because of it. */
  #renamed(entry: Raw, at: number): Pick<NativeDestination, 'tag'> | undefined {
    const written = textOf(entry['targetTag']);
    if (written === undefined) return {};
    const tag = tagTemplate(written, this.io.env);
    if (tag !== undefined) return { tag };
    this.differences.leftOut(
      `sync[${at}]`,
      `the target tag "${written}" has no counterpart, so the entry is not carried out`,
    );
    return undefined;
  }

  #image(at: number, source: string, target: string): readonly NativeStage[] {
    const [from, to] = [this.#named(source, ['sync', at, 'source']), this.#named(target, ['sync', at, 'target'])];
    if (from === undefined || to === undefined) return [];
    if (to.digest !== undefined && to.tag === undefined) {
      this.differences.leftOut(`sync[${at}]`, 'the target names a digest and no tag');
      return [];
    }
    const tag = from.tag ?? (from.digest === undefined ? 'latest' : undefined);
    const targetTag = to.tag ?? 'latest';
    const destination: NativeDestination = {
      registry: to.registry,
      repository: to.repository,
      ...(from.digest === undefined && targetTag !== tag && { tag: targetTag }),
    };
    const pin = from.digest !== undefined && isDigest(from.digest) ? pinnedTag(from.digest, targetTag) : undefined;
    const tags = [pin ?? tag ?? 'latest'];
    return [{ from: { registry: from.registry, repository: from.repository }, tags, to: [destination] }];
  }

  #repositories(at: number, source: string, target: string): Pick<NativeStage, 'from' | 'to'> | undefined {
    const [from, to] = [this.#named(source, ['sync', at, 'source']), this.#named(target, ['sync', at, 'target'])];
    if (from === undefined || to === undefined) return undefined;
    if (from.tag !== undefined || to.tag !== undefined)
      this.differences.note(`sync[${at}]`, 'a tag behind a repository is passed over; `tags` says which are copied');
    return {
      from: { registry: from.registry, repository: from.repository },
      to: [{ registry: to.registry, repository: to.repository }],
    };
  }

  #wholeRegistry(entry: Raw, at: number, source: string, target: string): Pick<NativeStage, 'from' | 'to'> | undefined {
    const [from, to] = [placeName(source), placeName(target)];
    if (from === undefined || from.namespace !== undefined)
      this.mistakes.add(['sync', at, 'source'], `"${source}" is no registry`);
    if (to === undefined) this.mistakes.add(['sync', at, 'target'], `"${target}" is no registry`);
    if (from === undefined || to === undefined) return undefined;
    if (this.#creds.get(from.host)?.pathPrefix !== undefined)
      this.differences.changed(`sync[${at}]`, '`pathPrefix` is not put in front of what the source lists');
    const repos = this.shape.map(entry['repos'], ['sync', at, 'repos']);
    this.differences.unknownKeys(`sync[${at}].repos`, repos, ['allow', 'deny']);
    const rules = (key: 'allow' | 'deny') =>
      oneOf(this.shape.expressions(repos[key], ['sync', at, 'repos', key])).map((regex) => ({ regex }));
    const [include, exclude] = [rules('allow'), rules('deny')];
    const prefix = this.#creds.get(to.host)?.pathPrefix;
    const below = [prefix, to.namespace, '{path}'].filter((part) => part !== undefined).join('/');
    return {
      from: {
        registry: this.#registry(from.host),
        repositories: { ...(include.length > 0 && { include }), ...(exclude.length > 0 && { exclude }) },
      },
      to: [{ registry: this.#registry(to.host), repository: below }],
    };
  }

  #named(text: string, path: Path): Named | undefined {
    if (text.startsWith('ocidir://')) {
      const layout = layoutName(text.slice('ocidir://'.length));
      if (layout === undefined)
        this.mistakes.add(path, `"${text}" names no layout whose folder could be a repository's name`);
      return layout && { ...layout, registry: this.registries.addLayout(layout.folder) };
    }
    const found = imageName(text);
    if (found === undefined) {
      this.mistakes.add(path, `"${text}" is no reference`);
      return undefined;
    }
    const prefix = this.#creds.get(found.host)?.pathPrefix;
    return {
      registry: this.#registry(found.host),
      repository: prefix === undefined ? found.repository : `${prefix}/${found.repository}`,
      ...(found.tagged && found.tag !== undefined && { tag: found.tag }),
      ...(found.digest !== undefined && { digest: found.digest }),
    };
  }

  #registry(host: string): string {
    const creds = this.#creds.get(host);
    return this.registries.add(creds?.host ?? host, creds?.words);
  }
}
