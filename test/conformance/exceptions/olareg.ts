import type { Exceptions } from '../exceptions.ts';

/** What olareg 0.1.2 does otherwise than the specification says, as measured. */
export const olareg: Exceptions = {
  always: [
    {
      because: 'answers 400 about a session that is gone',
      cases: [
        'sha256 chunks: the session is gone after the commit',
        'sha512 chunks: the session is gone after the commit',
      ],
    },
    {
      because: 'answers 202 to a cancelled upload',
      cases: [
        'sha256 chunks: a cancelled upload is gone',
        'sha256 chunks: a cancelled upload takes no chunk and no commit',
        'sha256 chunks: a session cancelled twice is 404 the second time',
        'sha512 chunks: a cancelled upload is gone',
        'sha512 chunks: a cancelled upload takes no chunk and no commit',
        'sha512 chunks: a session cancelled twice is 404 the second time',
      ],
    },
    {
      because: 'tidies the path before it looks at it',
      cases: ['digest: PUT of a manifest: with a path in it', 'malformed: upload to repository a/../b/x'],
    },
    {
      because: 'wants the bytes of a non-distributable layer',
      cases: [
        'image with a non-distributable layer: under its sha512 digest',
        'image with a non-distributable layer: pushed by tag, it is pulled by tag and by digest, byte for byte',
        'image with a non-distributable layer: pushed by digest, it is pulled by digest and has no tag',
        'image with a non-distributable layer: HEAD tells what GET would',
        'image with a non-distributable layer: deleted, it is gone under its digest and its tag',
      ],
    },
    {
      because: 'believes the Content-Type',
      cases: ['manifest: a Content-Type that contradicts the mediaType field is refused'],
    },
    {
      because: 'serves an OCI manifest only to a client that lists its type',
      cases: ['manifest: an Accept of anything finds an image', 'manifest: no Accept finds an image'],
    },
    {
      because: 'closes the connection on an n below one',
      cases: ['tags: n=0 is an empty list', 'tags: a negative n is refused or ignored'],
    },
    {
      because: 'knows no tag parameters (development text)',
      cases: [
        'tag parameters: of a manifest under sha512',
        'tag parameters: one tag beside the digest',
        'tag parameters: ten tags at once',
        'tag parameters: of an index',
        'tag parameters: a tag that named something else moves',
        'tag parameters: the same tag twice is set once',
        'tag parameters: a tag that is none is refused, and nothing is stored',
      ],
    },
    {
      because: 'lists no referrers as null instead of an empty list',
      cases: [
        'referrers: of an unknown digest are an empty index',
        'referrers: of an unknown repository are no 404',
        'referrers: of an unknown sha512 digest are an empty index',
        'referrers: the answer is an image index',
        'referrers: a chain of three is listed link by link',
        'referrers: of another repository are not listed',
      ],
    },
    { because: 'lists no referrers of a malformed digest', cases: ['referrers: of a malformed digest are refused'] },
    { because: 'removes the children of a deleted index', cases: ['delete: an index goes and its children stay'] },
    { because: 'does not call its errors JSON', cases: ['error: a body is JSON and says so'] },
    {
      because: 'answers BLOB_UPLOAD_INVALID to a digest that does not match',
      cases: ['error: a digest that does not match'],
    },
    {
      because: 'has no catalog',
      cases: [
        'catalog: names a repository that was pushed to',
        'catalog: does not name a repository that was only asked about',
        'catalog: pages lead through all of it, in order, once each',
        'catalog: n takes as many as it says',
        'catalog: last begins behind that name',
      ],
    },
    {
      because: 'fails with 500 on a name longer than its file system allows',
      cases: ['malformed: upload to repository xxxxxxxxxxxxxxxxxxxx'],
    },
    {
      because: 'looks only at the beginning of the Content-Range',
      cases: [
        'malformed: chunk with Content-Range 0-9/10',
        'malformed: chunk with Content-Range 0-99999999999999999999',
        'malformed: chunk whose Content-Range is longer than its body',
      ],
    },
  ],
  sometimes: [
    {
      because: 'loses referrers that are pushed at once',
      cases: ['referrers: ten pushed at once are all listed'],
    },
  ],
};
