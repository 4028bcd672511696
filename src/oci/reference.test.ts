import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Digest } from './digest.ts';
import { isTranshipError } from './errors.ts';
import { formatReference, parseReference, parseRegistryAddress, parseRepositoryReference } from './reference.ts';

const sha256 = `sha256:${'a'.repeat(64)}`;
const sha512 = `sha512:${'0'.repeat(128)}`;

describe('a reference as people write it', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    [`nginx@${sha256}`, `docker.io/library/nginx@${sha256}`],
    ['org/app', 'docker.io/org/app:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['index.docker.io/nginx:1', 'docker.io/library/nginx:1'],
    ['registry-1.docker.io/org/app', 'docker.io/org/app:latest'],
    ['docker://quay.example.com/org/app:v1', 'quay.example.com/org/app:v1'],
    ['Quay.Example.COM/org/app', 'quay.example.com/org/app:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app:v1', 'localhost:5000/app:v1'],
    ['localhost:5000', 'docker.io/library/localhost:5000'],
    ['registry:5000/a/b/c', 'registry:5000/a/b/c:latest'],
    ['127.0.0.1:5000/app', '127.0.0.1:5000/app:latest'],
    ['[::1]:5000/team/app:v1', '[::1]:5000/team/app:v1'],
    ['[2001:DB8::1]/app', '[2001:db8::1]/app:latest'],
    [`quay.example.com/org/app:v1@${sha256}`, `quay.example.com/org/app:v1@${sha256}`],
    [`quay.example.com/org/app@${sha512}`, `quay.example.com/org/app@${sha512}`],
    ['quay.example.com/a__b/c-d.e/f---g:V_1.0-x', 'quay.example.com/a__b/c-d.e/f---g:V_1.0-x'],
    ['oci:dir', 'oci:dir'],
    ['oci:/some/dir:v1', 'oci:/some/dir:v1'],
    ['oci:a:b:c', 'oci:a:b:c'],
    [`oci:./dir@${sha256}`, `oci:./dir@${sha256}`],
    [`oci:./dir:v1@${sha256}`, `oci:./dir:v1@${sha256}`],
    [`oci-archive:a.tar:v1@${sha256}`, `oci-archive:a.tar:v1@${sha256}`],
    [`oci:odd:name/@${sha256}`, `oci:odd:name/@${sha256}`],
    ['oci:/mail@host/dir', 'oci:/mail@host/dir'],
    ['oci-archive:images.tar', 'oci-archive:images.tar'],
    ['oci-archive:/tmp/images.tar:v1', 'oci-archive:/tmp/images.tar:v1'],
  ])('%s is %s', (text, full) => {
    expect(formatReference(parseReference(text))).toBe(full);
  });

  it('means the same when its full form is read again', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,5}([._-][a-z0-9]{1,3})?$/);
    const host = fc.constantFrom('', 'quay.example.com/', 'localhost:5000/', '[::1]:80/');
    const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,9}$/));
    fc.assert(
      fc.property(host, fc.array(part, { minLength: 1, maxLength: 3 }), tag, fc.boolean(), (at, path, name, pinned) => {
        const text = `${at}${path.join('/')}${name ? `:${name}` : ''}${pinned ? `@${sha256}` : ''}`;
        const once = parseReference(text);
        expect(parseReference(formatReference(once))).toEqual(once);
      }),
    );
  });

  it('means the same folder when a name that ends like a tag is written without its own tag', () => {
    const folder = { kind: 'layout', form: 'directory', path: 'odd:name', digest: sha256 as Digest } as const;
    expect(parseReference(formatReference(folder))).toEqual({ ...folder, path: 'odd:name/' });
  });

  it('never fails otherwise than by saying where and what was expected', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseReference(text);
        } catch (error) {
          expect(isTranshipError(error) && ['E_REFERENCE', 'E_SCHEME'].includes(error.code)).toBe(true);
        }
      }),
    );
  });
});

describe('a text that is no reference', () => {
  it.each([
    ['', 'at its end, expected the name of a repository'],
    ['docker://', 'at its end, expected the name of a repository'],
    ['Nginx', 'at character 1, expected a lower-case repository name'],
    ['org/App', 'at character 5, expected a lower-case repository name'],
    ['a//b', 'at character 3'],
    ['a_/b', 'at character 3'],
    ['-a', 'at character 1'],
    ['a/', 'at its end'],
    ['/a', 'at character 1'],
    ['a b', 'at character 2'],
    ['x/../y', 'at character 3'],
    ['app:', 'at its end, expected a tag'],
    ['app:v1!', 'at character 7, expected a tag'],
    ['app:-v1', 'at character 5, expected a tag'],
    [`app:${'v'.repeat(129)}`, 'at character 133, expected a tag'],
    ['app@', 'at its end, expected sha256:'],
    ['app@sha256:12', 'at character 5, expected sha256:'],
    [`app@${sha256.toUpperCase()}`, 'at character 5, expected sha256:'],
    [`app@md5:${'a'.repeat(32)}`, 'at character 5, expected sha256:'],
    ['quay.example.com:0/app', 'at character 18, expected a port'],
    ['quay.example.com:99999/app', 'at character 18, expected a port'],
    ['quay.example.com:http/app', 'at character 18, expected a port'],
    ['quay..example.com/app', 'at character 1, expected a host name'],
    ['user@quay.example.com/app', 'expected sha256:'],
    ['[::1/app', 'at character 1, expected a host name'],
    [`${'a'.repeat(256)}`, 'at character 256, expected the end of a name of at most 255 characters'],
    [`${'Upper'.repeat(60)}`, 'at character 256'],
    ['oci:', 'at its end, expected the path of a directory'],
    ['oci::v1', 'at character 5, expected the path of a directory'],
    ['oci-archive:', 'at its end, expected the path of a file'],
    ['oci:a\0b', 'expected a path without NUL'],
  ])('%j is refused %s', (text, why) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'E_REFERENCE', failure: 'usage' }));
    expect(() => parseReference(text)).toThrow(why);
  });

  it.each([
    'ftp://host/app',
    'https://quay.example.com/app',
    'docker-daemon:alpine:1',
    'dir:/tmp/x',
    'docker-archive:/a.tar',
    'docker-archive:a.tar',
    'containers-storage:alpine',
  ])('%s begins with a scheme that is not known', (text) =>
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'E_SCHEME', hint: expect.any(String) })),
  );
});

describe('a repository without a tag', () => {
  it('is read like an image, without the default tag', () => {
    expect(parseRepositoryReference('quay.example.com/org/app')).toEqual({
      kind: 'registry',
      host: 'quay.example.com',
      repository: 'org/app',
    });
    expect(parseRepositoryReference('oci:dir')).toMatchObject({ kind: 'layout', path: 'dir' });
  });

  it.each(['quay.example.com/org/app:v1', `quay.example.com/org/app@${sha256}`, 'oci:dir:v1'])('refuses %s', (text) => {
    expect(() => parseRepositoryReference(text)).toThrow('expected the end of the repository name');
  });
});

describe('the address of a registry', () => {
  it.each([
    ['localhost:5000', { host: 'localhost:5000' }],
    ['docker.io', { host: 'docker.io' }],
    ['https://Quay.example.com/', { host: 'quay.example.com', scheme: 'https' }],
    ['http://10.0.0.1:5000', { host: '10.0.0.1:5000', scheme: 'http' }],
    ['docker://quay.example.com', { host: 'quay.example.com' }],
    ['quay.example.com/org/team', { host: 'quay.example.com', namespace: 'org/team' }],
  ])('%s', (text, address) => {
    expect(parseRegistryAddress(text)).toEqual(address);
  });

  it.each(['', 'quay.example.com:x', 'quay.example.com/Org', 'a b'])('%j is refused', (text) => {
    expect(() => parseRegistryAddress(text)).toThrow(expect.objectContaining({ code: 'E_REFERENCE' }));
  });
});
