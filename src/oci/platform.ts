import { TranshipError } from './errors.ts';

/** The machine that a child of an index is for (image-spec, image-index.md). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

const grammar = /^([a-z0-9_.-]+)\/([a-z0-9_.-]+)(?:\/([a-z0-9_.-]+))?(?::([A-Za-z0-9_.-]+))?$/;

/** Reads `os/architecture[/variant][:os-version]`, e.g. `linux/arm/v7`, `windows/amd64:10.0.17763`. Throws `E_PLATFORM`. */
export function parsePlatform(text: string): Platform {
  const found = grammar.exec(text.toLowerCase());
  const [, os, architecture, variant, version] = found ?? [];
  if (os === undefined || architecture === undefined) {
    throw new TranshipError('E_PLATFORM', 'usage', `"${text}" is not a platform.`, {
      hint: 'Write os/architecture or os/architecture/variant, such as linux/amd64 or linux/arm/v7.',
    });
  }
  return normalised({
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(version !== undefined && { 'os.version': version }),
  });
}

export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  const version = platform['os.version'];
  return `${os}/${architecture}${variant ? `/${variant}` : ''}${version ? `:${version}` : ''}`;
}

/**
 * Whether a child `offered` is wanted. What the wish leaves out is not asked: `linux/arm` takes every variant, and an OS version
 * is a prefix, since Windows images carry a build number behind it.
 */
export function matchesPlatform(wanted: Platform, offered: Platform): boolean {
  const [wish, offer] = [normalised(wanted), normalised(offered)];
  if (wish.os !== offer.os || wish.architecture !== offer.architecture) return false;
  if (wish.variant !== undefined && wish.variant !== offer.variant) return false;
  const version = wish['os.version'];
  return version === undefined || (offer['os.version'] ?? '').startsWith(version);
}

const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
};
const hardFloat: Readonly<Record<string, string>> = { armhf: 'v7', armel: 'v6' };
const defaultVariants: Readonly<Record<string, string>> = { arm64: 'v8', amd64: 'v1' };

/** One spelling for each machine: `aarch64` is `arm64`, and `arm64/v8` is plain `arm64`. */
function normalised(platform: Platform): Platform {
  const { variant: given, ...rest } = platform;
  const spelt = platform.architecture.toLowerCase();
  const armVariant = hardFloat[spelt];
  const architecture = armVariant === undefined ? (architectures[spelt] ?? spelt) : 'arm';
  const variant = given || armVariant;
  const implied = variant === undefined || variant === defaultVariants[architecture];
  return {
    ...rest,
    os: platform.os === 'macos' ? 'darwin' : platform.os.toLowerCase(),
    architecture,
    ...(implied ? {} : { variant: /^\d/.test(variant) ? `v${variant}` : variant }),
  };
}

/** The `platform` field of a descriptor; `undefined` where it is absent or says too little to match on. */
export function parsePlatformObject(value: unknown): Platform | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const [os, architecture] = [text(value, 'os'), text(value, 'architecture')];
  if (os === undefined || architecture === undefined) return undefined;
  const [variant, version] = [text(value, 'variant'), text(value, 'os.version')];
  const features: unknown = Reflect.get(value, 'os.features');
  return {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(version !== undefined && { 'os.version': version }),
    ...(Array.isArray(features) && { 'os.features': features.filter((entry) => typeof entry === 'string') }),
  };
}

function text(record: object, field: string): string | undefined {
  const value: unknown = Reflect.get(record, field);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
