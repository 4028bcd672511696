/** What skopeo's last words mean to whoever runs the mirrors. */
const known: readonly (readonly [RegExp, string])[] = [
  [
    /invalid username\/password|authentication required.*source|unauthorized: Could not find/i,
    'the source refused user and password, or its repository is gone or hidden from that user',
  ],
  [
    /exists in .*unauthorized|trying to reuse blob .* at destination/i,
    "the mirror's robot may not write to the repository",
  ],
  [/No tag or digest allowed in reference/i, 'the source reference holds a tag or a digest'],
  [
    /server gave HTTP response to HTTPS client/i,
    'the source speaks plain HTTP; switch the TLS check of the mirror off',
  ],
  [/x509|certificate/i, "the source's certificate is not trusted by the destination"],
  [/no such host|server misbehaving/i, "the source's name does not resolve at the destination"],
  [/connection refused|i\/o timeout|no route to host|network is unreachable/i, 'the source cannot be reached'],
  [/toomanyrequests|429/i, 'the source asks to slow down'],
  [/quota/i, 'the quota of the organisation is used up'],
  [/manifest unknown|404/i, 'the source lacks a part of the image'],
  [/timed? ?out|deadline exceeded/i, 'a tag took longer than the time-out of the mirror'],
  [/signature|policy/i, "the source image is refused by the destination's signature policy"],
];

const longestQuotation = 200;

/** A cause in words, with the server's own where none is known. */
export function causeOf(words: string): string {
  const cause = known.find(([pattern]) => pattern.test(words))?.[1];
  if (cause !== undefined) return cause;
  const message = /msg="((?:[^"\\]|\\.)*)"/.exec(words)?.[1] ?? words.trim();
  return message.slice(0, longestQuotation);
}
