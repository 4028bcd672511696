/** Sizes beyond this do not fit into octal digits and go into an extended header. */
const largestOctal = 0o77777777777;

const block = 512;

/**
 * The header of a file or, with a name that ends in `/`, of a folder. The same name and size always give the same bytes:
 * no times, no owners.
 */
export function tarHeader(name: string, size: number): Buffer {
  if (Buffer.byteLength(name) <= 100 && size <= largestOctal) return plainHeader(name, size, typeOf(name));
  const records = Buffer.from(record('path', name) + (size > largestOctal ? record('size', String(size)) : ''));
  return Buffer.concat([
    plainHeader('PaxHeader', records.length, 'x'),
    records,
    tarPadding(records.length),
    plainHeader(name.slice(0, 100), Math.min(size, largestOctal), typeOf(name)),
  ]);
}

/** What follows a file of `size` bytes, so that the next header begins at a block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((block - (size % block)) % block);
}

/** The end of an archive. */
export const tarEnd = Buffer.alloc(2 * block);

function typeOf(name: string): string {
  return name.endsWith('/') ? '5' : '0';
}

function plainHeader(name: string, size: number, type: string): Buffer {
  const header = Buffer.alloc(block);
  header.write(name, 0, 100, 'utf8');
  header.write(type === '5' ? '0000755\0' : '0000644\0', 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  header.write('00000000000\0', 136, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bare = Buffer.byteLength(rest);
  let length = bare + String(bare).length;
  while (bare + String(length).length !== length) length = bare + String(length).length;
  return `${length}${rest}`;
}
