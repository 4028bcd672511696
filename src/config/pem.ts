/** Whether a text is a certificate or key in PEM form rather than the path of one (RFC 7468). */
export function isPem(text: string): boolean {
  return text.trimStart().startsWith('-----BEGIN ');
}
