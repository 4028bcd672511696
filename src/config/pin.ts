/** `v1@sha256:…` in its two parts; without a digest, the text is a tag or a pattern. A bare digest has an empty tag. */
export function splitPin(text: string): { readonly tag: string; readonly digest?: string } {
  if (/^sha\d+:/.test(text)) return { tag: '', digest: text };
  const at = text.indexOf('@');
  return at < 0 ? { tag: text } : { tag: text.slice(0, at), digest: text.slice(at + 1) };
}
