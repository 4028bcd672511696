import type { FileHandle } from 'node:fs/promises';
import { brokenTar, notALayout, packedTar, savedForDocker, unsafe } from './failures.ts';

/** Where a file's content stands in a tar file. */
export interface TarEntry {
  readonly offset: number;
  readonly size: number;
}

const block = 512;

/** Files and folders of one archive. */
const mostEntries = 500_000;

/** One extended header (long names). */
const largestExtension = 1024 * 1024;

/**
 * Notes where the files of a tar stand; nothing is unpacked. What could lead outside, or be read in two ways, is refused
 * with `E_LAYOUT_UNSAFE`: links, devices, absolute names, `..`, and two entries of one name. A tar without its closing
 * block was cut off.
 */
export async function readTarIndex(handle: FileHandle, subject: string): Promise<Map<string, TarEntry>> {
  const { size: end } = await handle.stat();
  const entries = new Map<string, TarEntry>();
  let extension: Extension = {};
  let seen = 0;
  let link: string | undefined;
  await refuseCompressed(handle, subject);
  if (end > 0 && end < block) throw notALayout(subject, 'it is no tar file');
  for (let at = 0; end > 0; ) {
    const header = await readExactly(handle, at, block, subject);
    if (header.every((byte) => byte === 0)) break;
    if (++seen > mostEntries) throw brokenTar(subject, `it has more than ${mostEntries} entries`);
    checkSum(header, subject);
    const type = String.fromCharCode(header[156] ?? 0);
    const size = extension.size ?? numberAt(header, 124, 12, subject);
    const content = at + block;
    if (content + size > end) throw brokenTar(subject, 'it ends in the middle of a file');
    at = content + Math.ceil(size / block) * block;
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      const body = await readExtension(handle, content, size, subject);
      extension = { ...extension, ...readExtended(type, body, subject) };
      continue;
    }
    const name = checkName(extension.path ?? nameIn(header), subject);
    extension = {};
    if (type === '5') continue;
    if (type !== '0' && type !== '\0' && type !== '7') link ??= name;
    else if (entries.has(name)) throw unsafe(subject, `${name} is in it twice`);
    else entries.set(name, { offset: content, size });
  }
  // What `docker save` writes has links where layers repeat: it is told apart first.
  if (entries.has('manifest.json') && !entries.has('oci-layout')) throw savedForDocker(subject);
  if (link !== undefined) throw unsafe(subject, `${link} is a link or no plain file`);
  return entries;
}

interface Extension {
  readonly path?: string;
  readonly size?: number;
}

async function readExactly(handle: FileHandle, at: number, length: number, subject: string): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, at);
  if (bytesRead < length) throw brokenTar(subject, 'it ends too early');
  return buffer;
}

async function readExtension(handle: FileHandle, at: number, size: number, subject: string): Promise<Buffer> {
  if (size > largestExtension) throw brokenTar(subject, 'an extended header is too large');
  return size === 0 ? Buffer.alloc(0) : readExactly(handle, at, size, subject);
}

/** `x`: POSIX records of one entry. `L`: GNU's long name. Records for all entries (`g`) and long link targets do not matter here. */
function readExtended(type: string, body: Buffer, subject: string): Extension {
  if (type === 'L') return { path: cut(body.toString('utf8')) };
  if (type !== 'x') return {};
  const records = new Map<string, string>();
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const length = Number(body.toString('latin1', at, space));
    if (space < 0 || !Number.isSafeInteger(length) || length < 5 || at + length > body.length) {
      throw brokenTar(subject, 'an extended header is malformed');
    }
    const record = body.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  const [path, size] = [records.get('path'), records.get('size')];
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw brokenTar(subject, 'an extended header is malformed');
  return { ...(path !== undefined && { path }), ...(size !== undefined && { size: Number(size) }) };
}

function nameIn(header: Buffer): string {
  const name = cut(header.toString('utf8', 0, 100));
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? cut(header.toString('utf8', 345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Octal digits, or GNU's binary form for what they cannot hold. */
function numberAt(header: Buffer, at: number, length: number, subject: string): number {
  const field = header.subarray(at, at + length);
  if (((field[0] ?? 0) & 0x80) !== 0) {
    const value = field.subarray(-8).readBigUInt64BE();
    if (field[0] !== 0x80 || value > BigInt(Number.MAX_SAFE_INTEGER))
      throw brokenTar(subject, 'a size is out of range');
    return Number(value);
  }
  const text = cut(field.toString('latin1')).trim();
  if (!/^[0-7]*$/.test(text)) throw brokenTar(subject, 'a size is malformed');
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function checkSum(header: Buffer, subject: string): void {
  let sum = 8 * 0x20;
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte;
  const stated = /^ *([0-7]+)/.exec(header.toString('latin1', 148, 156))?.[1] ?? '';
  if (sum !== Number.parseInt(stated, 8)) throw brokenTar(subject, 'it is not a tar file, or a header is damaged');
}

/** How files begin that hold a tar in a packed form. */
const packed: ReadonlyMap<string, string> = new Map([
  ['gzip', '1f8b'],
  ['zstd', '28b52ffd'],
  ['xz', 'fd377a585a00'],
  ['bzip2', '425a68'],
]);

/** Nothing is unpacked here: what it would become has no bounds. */
async function refuseCompressed(handle: FileHandle, subject: string): Promise<void> {
  const { buffer } = await handle.read(Buffer.alloc(8), 0, 8, 0);
  const beginning = buffer.toString('hex');
  for (const [name, magic] of packed) if (beginning.startsWith(magic)) throw packedTar(subject, name);
}

function checkName(name: string, subject: string): string {
  const parts = name.split('/').filter((part) => part !== '.' && part !== '');
  if (name.startsWith('/') || parts.includes('..'))
    throw unsafe(subject, `the name ${JSON.stringify(name)} leads outside`);
  return parts.join('/');
}

function cut(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
