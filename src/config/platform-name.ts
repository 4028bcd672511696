/** Whether a text is a platform as `platforms` takes it: `linux/amd64`, `linux/arm/v7`. */
export function isPlatform(text: string): boolean {
  return /^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9.]+)?$/.test(text);
}
